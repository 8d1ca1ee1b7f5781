using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>What the live lane may do by itself only so often.</summary>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="Operation"><see cref="Operation.RemoveMember"/> or <see cref="Operation.AddMember"/>.</param>
public sealed record GuardedMembership(string Destination, string Audience, Operation Operation);

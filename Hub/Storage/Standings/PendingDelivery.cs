using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Standings;

/// <summary>Something that a destination is owed of a person.</summary>
/// <param name="RunId">The run, or the destination's stream.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Lane">The lane.</param>
/// <param name="Operation">What is owed; null for an operation that this version does not know.</param>
/// <param name="Audience">The audience; empty when it has none.</param>
/// <param name="DueAt">When it is tried (again).</param>
/// <param name="Attempt">Attempts that it has cost.</param>
/// <param name="LastCode">Reason code of the last attempt, or null.</param>
/// <param name="OwedSince">Since when it is owed.</param>
/// <param name="MaybeSent">True when an earlier attempt may have reached the vendor.</param>
public sealed record PendingDelivery(
    Guid RunId, string Destination, string Lane, Operation? Operation, string Audience, DateTimeOffset DueAt, int Attempt, string? LastCode, DateTimeOffset OwedSince, bool MaybeSent);

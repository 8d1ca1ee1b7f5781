namespace IntegrationHub.Storage.Watch;

/// <summary>A destination that could not delete a person.</summary>
/// <param name="RequestId">The erasure.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Code">Why not.</param>
public sealed record RefusedErasure(Guid RequestId, string Destination, string Code);

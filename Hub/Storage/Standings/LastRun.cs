namespace IntegrationHub.Storage.Standings;

/// <summary>The latest run of an audience to a destination.</summary>
/// <param name="RunId">Its id.</param>
/// <param name="Audience">The audience.</param>
/// <param name="Destination">The destination.</param>
/// <param name="Mode">Its mode.</param>
/// <param name="State">Its state.</param>
/// <param name="RequestedAt">When it was asked for.</param>
/// <param name="FinishedAt">When it was over; null while it is not.</param>
/// <param name="VerifiedAt">When it was read back; null when it was not.</param>
/// <param name="FailureCode">Why it failed, or null.</param>
public sealed record LastRun(
    Guid RunId, string Audience, string Destination, string Mode, string State, DateTimeOffset RequestedAt, DateTimeOffset? FinishedAt, DateTimeOffset? VerifiedAt, string? FailureCode);

namespace IntegrationHub.Storage.Standings;

/// <summary>What the hub believes a destination has of a person.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="RemoteId">The vendor's id, or null.</param>
/// <param name="ContentHash">Hash of the fields that were confirmed, or null when none were.</param>
/// <param name="ConfirmedAt">When, or null.</param>
/// <param name="RunId">The run that did it, or null.</param>
public sealed record RemoteStanding(string Destination, string? RemoteId, Guid? ContentHash, DateTimeOffset? ConfirmedAt, Guid? RunId)
{
    /// <summary>The version of the profile that it confirmed, and the plan version by which; null when it confirmed none.</summary>
    public (long Profile, string Plan)? Confirmed { get; init; }
}

namespace IntegrationHub.Storage.Standings;

/// <summary>A profile as it stands. Holds personal data.</summary>
/// <param name="ProfileId">The hub's number.</param>
/// <param name="ShownBy">The profile that shows the person since two became one; null when this one does.</param>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">E-mail address as collected, or null.</param>
/// <param name="Phone">Phone number as collected, or null.</param>
/// <param name="AttributesJson">Flat JSON object.</param>
/// <param name="ConsentJson">What counts of the person's consent, as <see cref="Identity.StoredConsent"/> keeps it.</param>
/// <param name="Version">Raised with every change.</param>
/// <param name="OccurredAt">When the newest of what is known was so.</param>
public sealed record KnownProfile(
    long ProfileId, long? ShownBy, string? ExternalId, string? Email, string? Phone, string AttributesJson, string ConsentJson, long Version, DateTimeOffset OccurredAt)
{
    /// <summary>The times that it keeps, where marks stand among them (<see cref="Ledger.ProfileMarks"/>); else null.</summary>
    public string? TimesJson { get; init; }
}

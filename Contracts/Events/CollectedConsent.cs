using System.Text.Json.Serialization;

namespace IntegrationHub.Contracts.Events;

/// <summary>
/// What was known of a subject's consent at the moment a fact was collected. It speaks for that fact alone: an event that was collected under a denial is not told. What a
/// person decided is stated as <see cref="ConsentUpdated"/>.
/// </summary>
public sealed record CollectedConsent
{
    /// <summary>Purpose to state: <c>granted</c> or <c>denied</c>. A purpose that is not named is unknown. An unknown state is read as <c>denied</c>.</summary>
    [JsonPropertyName("purposes")]
    public required IReadOnlyDictionary<string, string> Purposes { get; init; }

    /// <summary>Where it was collected, for example <c>checkout-form</c>; up to 128 characters.</summary>
    [JsonPropertyName("source")]
    public required string Source { get; init; }

    /// <summary>When it was asked or read, UTC.</summary>
    [JsonPropertyName("checked_at")]
    public required DateTimeOffset CheckedAt { get; init; }

    /// <summary>Signals of the person's browser or device, or null when none was seen.</summary>
    [JsonPropertyName("signals")]
    public ConsentSignals? Signals { get; init; }

    /// <summary>
    /// Where this fact may go: by a destination's name, or <c>*</c> for all that are not named, false when it shall not be told there. True lifts what <c>*</c> says and grants
    /// nothing. Null when it may go wherever it goes.
    /// </summary>
    [JsonPropertyName("destinations")]
    public IReadOnlyDictionary<string, bool>? Destinations { get; init; }
}

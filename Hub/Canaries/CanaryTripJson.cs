using System.Text.Json.Serialization;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>A trip as the API and the CLI show it: names of fields and never a value.</summary>
/// <param name="Destination">Where to.</param>
/// <param name="State"><c>travelling</c>, <c>fine</c>, <c>missing</c>, <c>leaked</c> or <c>unread</c>.</param>
/// <param name="StatedAt">When what she is was stated.</param>
/// <param name="GoalAt">By then it has to be shown.</param>
/// <param name="ShownAt">When all of it was first seen there, or null.</param>
/// <param name="Seconds">From stated to shown, at most; null before, and of one who must not be there.</param>
/// <param name="LookedAt">The last look, or null.</param>
/// <param name="Looks">How many there were.</param>
/// <param name="NextLookAt">The next one, or null when there is none.</param>
/// <param name="Findings">What the last look found.</param>
internal sealed record CanaryTripJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("stated_at")] DateTimeOffset StatedAt,
    [property: JsonPropertyName("goal_at")] DateTimeOffset GoalAt,
    [property: JsonPropertyName("shown_at")] DateTimeOffset? ShownAt,
    [property: JsonPropertyName("seconds")] double? Seconds,
    [property: JsonPropertyName("looked_at")] DateTimeOffset? LookedAt,
    [property: JsonPropertyName("looks")] int Looks,
    [property: JsonPropertyName("next_look_at")] DateTimeOffset? NextLookAt,
    [property: JsonPropertyName("findings")] IReadOnlyList<CanaryFinding> Findings)
{
    public static CanaryTripJson From(CanaryTrip trip) => new(
        trip.Destination, trip.State, trip.StatedAt, trip.GoalAt, trip.ShownAt, trip.ShownAt is { } shown ? Math.Round((shown - trip.StatedAt).TotalSeconds, 1, MidpointRounding.ToEven) : null,
        trip.LookedAt, trip.Looks, trip.NextLookAt, trip.Findings);
}

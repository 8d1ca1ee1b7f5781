using System.Text.Json.Serialization;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Identities;

/// <summary>How well a destination knows the people of an audience.</summary>
/// <param name="Audience">The audience.</param>
/// <param name="Destination">The destination.</param>
/// <param name="KnownBy">What the destination knows people by.</param>
/// <param name="People">Members of the audience.</param>
/// <param name="WithoutKey">Of these, who lack that key and cannot be sent.</param>
/// <param name="SharingKey">Of these, who have it in common with another member.</param>
/// <param name="Held">Of these, whom the destination has.</param>
/// <param name="HeldAsOne">Of those, for whom it has one record with another person.</param>
/// <param name="Members">Of these, who are members there.</param>
/// <param name="MatchRate">Held by people, 0 to 1; null of nobody.</param>
internal sealed record MatchRateJson(
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("known_by")] string KnownBy,
    [property: JsonPropertyName("people")] long People,
    [property: JsonPropertyName("without_key")] long WithoutKey,
    [property: JsonPropertyName("sharing_key")] long SharingKey,
    [property: JsonPropertyName("held")] long Held,
    [property: JsonPropertyName("held_as_one")] long HeldAsOne,
    [property: JsonPropertyName("members")] long Members,
    [property: JsonPropertyName("match_rate")] double? MatchRate)
{
    /// <summary>Shows numbers.</summary>
    public static MatchRateJson From(MatchRate rate, string knownBy) =>
        new(rate.Audience, rate.Destination, knownBy, rate.People, rate.WithoutKey, rate.SharingKey, rate.Held, rate.HeldAsOne, rate.Members, rate.Rate is { } share ? Math.Round(share, 4, MidpointRounding.ToEven) : null);
}

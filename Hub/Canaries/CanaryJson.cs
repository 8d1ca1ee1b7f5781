using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>A canary as the API and the CLI show her.</summary>
/// <param name="Name">Her name.</param>
/// <param name="Key">Her id, masked.</param>
/// <param name="Audience">The audience that she is a member of.</param>
/// <param name="Stamp">The attribute that has another value on every trip.</param>
/// <param name="Consents">What she decided, by purpose.</param>
/// <param name="Destinations">Where she travels.</param>
/// <param name="EveryMinutes">From one trip to the next.</param>
/// <param name="ShownWithinMinutes">By then what was stated has to be shown.</param>
/// <param name="Trips">Her last trips, the last one first; in a list the last one to each destination.</param>
/// <param name="NotShown">What each destination does not show, so that a look says nothing of it; empty in a list.</param>
internal sealed record CanaryJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("key")] string Key,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("stamp")] string Stamp,
    [property: JsonPropertyName("consents")] IReadOnlyDictionary<string, string> Consents,
    [property: JsonPropertyName("destinations")] IReadOnlyList<string> Destinations,
    [property: JsonPropertyName("every_minutes")] double EveryMinutes,
    [property: JsonPropertyName("shown_within_minutes")] double ShownWithinMinutes,
    [property: JsonPropertyName("trips")] IReadOnlyList<CanaryTripJson> Trips,
    [property: JsonPropertyName("not_shown")] IReadOnlyDictionary<string, IReadOnlyList<string>> NotShown)
{
    public static CanaryJson From(CanaryConfiguration canary, IEnumerable<CanaryTrip> trips, IEnumerable<Destination> explained) => new(
        canary.Name, MaskedKey.Of(canary.ExternalId), canary.Audience, canary.Stamp, canary.Consents, canary.Destinations, canary.Every.TotalMinutes, canary.ShownWithin.TotalMinutes,
        [.. trips.Select(CanaryTripJson.From)],
        explained.ToDictionary(destination => destination.Name, destination => destination.Descriptor.NotShown, StringComparer.Ordinal));
}

using System.Text.Json.Serialization;
using IntegrationHub.Storage.Fields;

namespace IntegrationHub.Hub.Fields;

/// <summary>A vendor's field, as it is or was.</summary>
/// <param name="Name">The vendor's name of it.</param>
/// <param name="State"><c>there</c>, <c>archived</c> when what is written to it is dropped, or <c>gone</c>.</param>
/// <param name="Type">Its type in the vendor's words; empty where the vendor does not say.</param>
/// <param name="Length">Longest value, or null.</param>
/// <param name="ReadOnly">True when the API cannot write it.</param>
/// <param name="SeenAt">When it was first seen so.</param>
/// <param name="Current">False when another version came after it.</param>
/// <param name="Mapped">True when the destination's mapping writes it.</param>
/// <param name="Change">What became otherwise when it was seen so, in words; null when nothing did or nothing was known before.</param>
internal sealed record FieldJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("type")] string Type,
    [property: JsonPropertyName("length")] int? Length,
    [property: JsonPropertyName("read_only")] bool ReadOnly,
    [property: JsonPropertyName("seen_at")] DateTimeOffset SeenAt,
    [property: JsonPropertyName("current")] bool Current,
    [property: JsonPropertyName("mapped")] bool Mapped,
    [property: JsonPropertyName("change")] string? Change)
{
    public static FieldJson From(FieldVersion version, IReadOnlySet<string> mapped) => new(
        version.Name, version.Shape.State, version.Shape.Type, version.Shape.Length, version.Shape.IsReadOnly, version.SeenAt, version.IsCurrent, mapped.Contains(version.Name), FieldWord.Of(version));
}

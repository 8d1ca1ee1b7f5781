using System.Security.Cryptography;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>One call of a source, or one element of a call that holds several. Holds personal data.</summary>
/// <param name="Source">Who called.</param>
/// <param name="Key">What tells the delivery apart.</param>
/// <param name="Bytes">The bytes as they came.</param>
/// <param name="Json">The same, parsed.</param>
internal sealed record SourceCall(SourceConfiguration Source, string Key, ReadOnlyMemory<byte> Bytes, JsonElement Json)
{
    /// <summary>Who is known by the sender's own ids.</summary>
    public required IReadOnlyDictionary<string, KnownContact> People { get; init; }

    /// <summary>Those of the sender's own ids that were an erased person's.</summary>
    public required IReadOnlySet<string> Erased { get; init; }

    /// <summary>What the hub told the destination that the source speaks of; null where it speaks of none.</summary>
    public ToldBack? Told { get; init; }

    /// <summary>Name of the source.</summary>
    public string Producer => Source.Name;

    /// <summary>What ids of its facts are made of beside the sender's own: a message that is sent again is the same fact, whatever the source is called since.</summary>
    public string NameInIds => Source.NameInIds ?? Source.Name;

    /// <summary>A name for an element that has none: the same bytes have the same.</summary>
    public string Digest => Convert.ToHexStringLower(SHA256.HashData(Bytes.Span));

    /// <summary>A property of the call, whatever it is; undefined when it is not there.</summary>
    public JsonElement Get(params ReadOnlySpan<string> path) => Get(Json, path);

    /// <summary>A text, or a number as it is spelled, of the call; null when it is blank or something else.</summary>
    public string? Text(params ReadOnlySpan<string> path) => TextOf(Get(Json, path));

    /// <summary>What stands in an object; undefined when it is not there.</summary>
    public static JsonElement Get(JsonElement at, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
        {
            if (at.ValueKind != JsonValueKind.Object || !at.TryGetProperty(name, out at))
            {
                return default;
            }
        }

        return at;
    }

    /// <summary>A text, or a number as it is spelled; null when it is blank or something else.</summary>
    public static string? TextOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String when value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) => text,
        JsonValueKind.Number => value.GetRawText(),
        _ => null,
    };
}

using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Quarantine;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What somebody corrected of a letter: single values of the person, or of the event, that this letter sends instead. The person's profile stays. Pure.</summary>
internal static class LetterCorrection
{
    /// <summary>Code of a letter whose correction cannot be read.</summary>
    public const string Unreadable = "correction_unreadable";

    private const string Attributes = "attributes.";

    /// <summary>The delivery as it was corrected.</summary>
    /// <exception cref="JsonException">The correction cannot be read: a newer version wrote it, or it is damaged.</exception>
    public static ClaimedDelivery Apply(ClaimedDelivery delivery)
    {
        if (delivery.CorrectionJson is not { } json || JsonSerializer.Deserialize<Dictionary<string, JsonElement>>(json) is not { Count: > 0 } changes)
        {
            return delivery;
        }

        if (delivery.EventJson is { } fact)
        {
            return FactCorrection.Apply(Encoding.UTF8.GetBytes(fact), changes) is { } corrected ? delivery with { EventJson = Encoding.UTF8.GetString(corrected) } : delivery;
        }

        var attributes = changes.Where(change => change.Key.StartsWith(Attributes, StringComparison.Ordinal)).ToDictionary(change => change.Key[Attributes.Length..], change => change.Value, StringComparer.Ordinal);
        return delivery with
        {
            Email = Text("email", delivery.Email),
            Phone = Text("phone", delivery.Phone),
            AttributesJson = attributes.Count > 0 && FactCorrection.Apply(Encoding.UTF8.GetBytes(delivery.AttributesJson), attributes) is { } made ? Encoding.UTF8.GetString(made) : delivery.AttributesJson,
        };

        string? Text(string path, string? before) => !changes.TryGetValue(path, out var value) ? before : value.ValueKind == JsonValueKind.String ? value.GetString() : null;
    }
}

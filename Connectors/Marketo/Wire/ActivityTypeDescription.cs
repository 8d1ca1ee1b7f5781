using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>A custom activity type as its <c>describe</c> tells it.</summary>
/// <param name="Primary">API name of the primary attribute.</param>
/// <param name="Secondary">API names of the others.</param>
internal sealed record ActivityTypeDescription(string Primary, IReadOnlySet<string> Secondary)
{
    public static MarketoAnswer Attributes(byte[] utf8)
    {
        var answer = MarketoAnswer.Parse(utf8);
        if (answer.Failure is not null)
        {
            return answer;
        }

        using var json = JsonDocument.Parse(utf8);
        if (!json.RootElement.TryGetProperty("result", out var result) || result.ValueKind != JsonValueKind.Array || result.GetArrayLength() == 0
            || !result[0].TryGetProperty("attributes", out var attributes) || attributes.ValueKind != JsonValueKind.Array)
        {
            return MarketoAnswer.Failed(MarketoAnswer.Malformed);
        }

        var all = attributes.EnumerateArray()
            .Select(one => (Name: one.GetProperty("apiName").GetString()!, IsPrimary: one.TryGetProperty("isPrimary", out var primary) && primary.ValueKind == JsonValueKind.True))
            .ToLookup(one => one.IsPrimary, one => one.Name);
        return all[true].FirstOrDefault() is { } main
            ? MarketoAnswer.OfContent(new ActivityTypeDescription(main, all[false].ToHashSet(StringComparer.Ordinal)))
            : MarketoAnswer.Failed(MarketoAnswer.Malformed);
    }
}

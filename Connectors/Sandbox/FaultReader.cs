using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>Reads faults and knobs from JSON; every error names the field and the fix.</summary>
internal static class FaultReader
{
    private static readonly Dictionary<string, FaultKind> Kinds = Enum.GetValues<FaultKind>()
        .ToDictionary(kind => JsonNamingPolicy.SnakeCaseLower.ConvertName(kind.ToString()));

    /// <exception cref="FormatException">A field is unknown or has a bad value.</exception>
    public static IReadOnlyList<Fault> ReadFaults(ReadOnlyMemory<byte> json)
    {
        using var document = Parse(json);
        return document.RootElement.ValueKind == JsonValueKind.Array
            ? [.. document.RootElement.EnumerateArray().Select(ReadFault)]
            : [ReadFault(document.RootElement)];
    }

    /// <exception cref="FormatException">A field is unknown or has a bad value.</exception>
    public static void ReadKnobs(ReadOnlyMemory<byte> json, SandboxKnobs knobs)
    {
        using var document = Parse(json);
        foreach (var field in Fields(document.RootElement))
        {
            switch (field.Name)
            {
                case "quotas":
                    knobs.Quotas = field.Value.ValueKind switch
                    {
                        JsonValueKind.True => true,
                        JsonValueKind.False => false,
                        _ => throw Bad(field, "true or false"),
                    };
                    break;
                case "quota_scale":
                    knobs.QuotaScale = Number(field, double.Epsilon, double.MaxValue);
                    break;
                case "apply_delay_ms":
                    knobs.ApplyDelay = TimeSpan.FromMilliseconds(Number(field, 0, 600_000));
                    break;
                default:
                    throw new FormatException($"'{field.Name}' is unknown; use quotas, quota_scale, apply_delay_ms.");
            }
        }
    }

    private static Fault ReadFault(JsonElement element)
    {
        var kind = default(FaultKind?);
        var fault = new Fault { Kind = FaultKind.Status };
        foreach (var field in Fields(element))
        {
            switch (field.Name)
            {
                case "kind":
                    kind = Kinds.TryGetValue(Text(field), out var known) ? known : throw Bad(field, string.Join(", ", Kinds.Keys));
                    break;
                case "status":
                    fault = fault with { Status = (int)Number(field, 100, 599) };
                    break;
                case "retry_after":
                    fault = fault with { RetryAfter = TimeSpan.FromSeconds(Number(field, 0, 86_400)) };
                    break;
                case "delay_ms":
                    fault = fault with { Delay = TimeSpan.FromMilliseconds(Number(field, 0, 600_000)) };
                    break;
                case "endpoint":
                    fault = fault with { Endpoint = Text(field) };
                    break;
                case "probability":
                    fault = fault with { Probability = Number(field, 0, 1) };
                    break;
                case "calls":
                    fault = fault with { Calls = (int)Number(field, 1, int.MaxValue) };
                    break;
                case "records":
                    fault = fault with { Records = (int)Number(field, 1, int.MaxValue) };
                    break;
                case "keys":
                    fault = fault with { Keys = Texts(field) };
                    break;
                case "headers":
                    fault = fault with { Headers = Fields(field.Value).ToDictionary(header => header.Name, Text, StringComparer.OrdinalIgnoreCase) };
                    break;
                case "variant":
                    fault = fault with { Variant = Text(field) };
                    break;
                default:
                    throw new FormatException(
                        $"'{field.Name}' is unknown; use kind, status, retry_after, delay_ms, endpoint, probability, calls, records, keys, headers, variant.");
            }
        }

        return fault with { Kind = kind ?? throw new FormatException($"'kind' is missing; use one of {string.Join(", ", Kinds.Keys)}.") };
    }

    private static JsonDocument Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonDocument.Parse(json);
        }
        catch (JsonException e)
        {
            throw new FormatException($"The body is not JSON (line {e.LineNumber}); send a JSON object.", e);
        }
    }

    private static JsonElement.ObjectEnumerator Fields(JsonElement element) => element.ValueKind == JsonValueKind.Object
        ? element.EnumerateObject()
        : throw new FormatException("The body must be a JSON object.");

    private static string Text(JsonProperty field) => field.Value.ValueKind == JsonValueKind.String
        ? field.Value.GetString()!
        : throw Bad(field, "a text");

    private static HashSet<string> Texts(JsonProperty field)
        => field.Value.ValueKind == JsonValueKind.Array && field.Value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String)
            ? [.. field.Value.EnumerateArray().Select(item => item.GetString()!)]
            : throw Bad(field, "an array of texts");

    private static double Number(JsonProperty field, double least, double most)
        => field.Value.ValueKind == JsonValueKind.Number && field.Value.GetDouble() is var number && number >= least && number <= most
            ? number
            : throw Bad(field, $"a number from {least} to {most}");

    private static FormatException Bad(JsonProperty field, string wanted) => new($"'{field.Name}' must be {wanted}.");
}

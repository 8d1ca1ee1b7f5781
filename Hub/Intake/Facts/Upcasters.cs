using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// How facts of an older version are read: for each event type and version a pure function from the payload of that version to the payload of the next. The newest version of a type is the one
/// that no function leads on from. What is kept of a fact is what came. Pure.
/// </summary>
/// <param name="steps">The functions, by event type and the version that they read.</param>
internal sealed class Upcasters(IReadOnlyDictionary<(string EventType, int Version), Func<JsonElement, ReadOnlyMemory<byte>>> steps)
{
    /// <summary>Those of the contracts that ship. Every type has one version so far.</summary>
    public static readonly Upcasters Shipped = new(new Dictionary<(string, int), Func<JsonElement, ReadOnlyMemory<byte>>>());

    /// <summary>The newest version of a type.</summary>
    public int Newest(string eventType)
    {
        var version = 1;
        while (steps.ContainsKey((eventType, version)))
        {
            version++;
        }

        return version;
    }

    /// <summary>The fact with its payload as the newest version has it; the same when it is new already, or is no fact that can be told.</summary>
    /// <param name="fact">The fact as it came.</param>
    /// <param name="contract">The type that its envelope names, or null.</param>
    public JsonElement Raise(JsonElement fact, string? contract)
    {
        if (steps.Count == 0 || TypeOf(fact, contract) is not { } type || VersionOf(fact) is not { } version || !steps.ContainsKey((type, version))
            || !fact.TryGetProperty("payload", out var payload) || payload.ValueKind != JsonValueKind.Object)
        {
            return fact;
        }

        for (; steps.TryGetValue((type, version), out var step); version++)
        {
            payload = JsonElement.Parse(step(payload).Span);
        }

        return JsonElement.Parse(RelaxedJson.Object(writer =>
        {
            foreach (var property in fact.EnumerateObject().Where(property => property.Name is not ("payload" or "schema_version")))
            {
                property.WriteTo(writer);
            }

            writer.WriteNumber("schema_version", version);
            writer.WritePropertyName("payload");
            payload.WriteTo(writer);
        }));
    }

    private static string? TypeOf(JsonElement fact, string? contract) => fact.TryGetProperty("event_type", out var type) && type.ValueKind == JsonValueKind.String ? type.GetString() : contract;

    private static int? VersionOf(JsonElement fact) =>
        !fact.TryGetProperty("schema_version", out var version) ? 1 : version.ValueKind == JsonValueKind.Number && version.TryGetInt32(out var number) ? number : null;
}

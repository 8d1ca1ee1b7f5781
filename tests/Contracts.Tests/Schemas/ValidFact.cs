using System.Text.Json.Nodes;

namespace Contracts.Tests.Schemas;

/// <summary>Makes up facts that a schema takes. The same seed makes the same ones.</summary>
internal static class ValidFact
{
    public static JsonNode? Of(JsonObject schema, Random random)
    {
        if (schema.TryGetPropertyValue("const", out var constant))
            return constant?.DeepClone();
        if (schema["enum"] is JsonArray values)
            return values[random.Next(values.Count)]?.DeepClone();
        string[] types = schema["type"] switch
        {
            JsonArray several => [.. several.Select(type => type!.GetValue<string>())],
            { } one => [one.GetValue<string>()],
            null => ["string"],
        };
        return types[random.Next(types.Length)] switch
        {
            "object" => ObjectOf(schema, random),
            "array" => new JsonArray([.. Enumerable.Range(0, random.Next(3)).Select(_ => Of(schema["items"]!.AsObject(), random))]),
            "boolean" => random.Next(2) == 0,
            "integer" => random.Next(1, 1000),
            "number" => random.Next(1, 1000) / 4m,
            "null" => null,
            _ => TextOf(schema, random),
        };
    }

    private static JsonObject ObjectOf(JsonObject schema, Random random)
    {
        var required = schema["required"] is JsonArray names ? names.Select(name => name!.GetValue<string>()).ToHashSet() : [];
        var made = new JsonObject();
        foreach (var (name, property) in schema["properties"] as JsonObject ?? [])
        {
            if (required.Contains(name) || random.Next(2) == 0)
                made[name] = Of(property!.AsObject(), random);
        }
        if (schema["minProperties"] is not null && made.Count == 0)
            made[schema["properties"]!.AsObject().First().Key] = "c-1";
        if (schema["additionalProperties"] is JsonObject others)
        {
            for (var more = random.Next(3); more > 0; more--)
                made[$"name_{more}"] = Of(others, random);
        }
        return made;
    }

    private static string TextOf(JsonObject schema, Random random) => schema["format"]?.GetValue<string>() switch
    {
        "uuid" => new Guid(random.Next(), 1, 2, 3, 4, 5, 6, 7, 8, 9, 10).ToString(),
        "date-time" => new DateTimeOffset(2026, random.Next(1, 12), 1, 0, 0, 0, TimeSpan.Zero).ToString("O"),
        "date" => $"2026-0{random.Next(1, 9)}-01",
        _ when schema["pattern"] is not null => "12.5",
        _ => new string('x', random.Next(1, (int?)schema["maxLength"] ?? 40)),
    };
}

using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Retention;
using YamlDotNet.Serialization;

namespace IntegrationHub.Hub.Intake.Catalog;

/// <summary>
/// An event type as a contract in the Open Data Contract Standard 3.1, made of its schema's annotations, <c>facts.yaml</c>, <c>policy.yaml</c> and <c>slo.yaml</c>. Written for other tools to read;
/// nothing reads it back. Pure.
/// </summary>
internal static class DataContract
{
    private const string Standard = "v3.1.0";
    private const string AttributeBag = "attributes";

    private static readonly ISerializer _yaml = new SerializerBuilder().WithQuotingNecessaryStrings(quoteYaml1_1Strings: true).Build();

    /// <summary>The contract as YAML.</summary>
    /// <param name="type">A known event type.</param>
    /// <param name="configuration">What the installation says of it.</param>
    /// <param name="retention">How long facts are kept.</param>
    public static string Of(string type, HubConfiguration configuration, FactRetention retention)
    {
        using var schema = Read(type);
        var root = schema.RootElement;
        var deprecated = root.TryGetProperty("x-deprecated", out var end) ? end : (JsonElement?)null;
        return _yaml.Serialize(new Dictionary<string, object>
        {
            ["apiVersion"] = Standard,
            ["kind"] = "DataContract",
            ["id"] = CatalogEntryJson.SchemaOf(type),
            ["name"] = type,
            ["version"] = "1",
            ["status"] = deprecated is null ? "active" : "deprecated",
            ["description"] = new Dictionary<string, object> { ["purpose"] = TextOf(root, "description") ?? type },
            ["schema"] = new object[]
            {
                new Dictionary<string, object>
                {
                    ["name"] = type,
                    ["logicalType"] = "object",
                    ["properties"] = PropertiesOf(root, null, Classifications.Of(configuration), KnownAttributes(configuration)),
                },
            },
            ["slaProperties"] = Promises(type, configuration, retention, deprecated).ToArray(),
            ["team"] = new Dictionary<string, object> { ["name"] = CatalogEntryJson.OwnerOf(type, configuration) ?? "nobody named" },
        });
    }

    private static JsonDocument Read(string type)
    {
        using var file = typeof(ICanonicalEvent).Assembly.GetManifestResourceStream($"IntegrationHub.Contracts.Schemas.{type}.v1.json")
            ?? throw new ArgumentException($"There is no event type {type}.", nameof(type));
        return JsonDocument.Parse(file);
    }

    private static string[] KnownAttributes(HubConfiguration configuration) =>
        [.. configuration.Mappings.Values.SelectMany(static mapping => mapping.Fields).SelectMany(static field => field.Sources).Where(static from => !CanonicalSource.IsKey(from))
            .Concat(configuration.Policy?.Attributes.Keys ?? []).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];

    /// <param name="part">An object of the schema.</param>
    /// <param name="inherited">Class of what stands above it; null for none.</param>
    /// <param name="classes">How sensitive attributes are.</param>
    /// <param name="attributes">Attributes that the installation knows, for the bag of attributes.</param>
    private static List<object> PropertiesOf(JsonElement part, string? inherited, Classifications classes, string[] attributes)
    {
        var properties = new List<object>();
        if (!part.TryGetProperty("properties", out var all))
        {
            return properties;
        }

        var required = part.TryGetProperty("required", out var names) ? names.EnumerateArray().Select(static name => name.GetString()).ToHashSet() : [];
        foreach (var property in all.EnumerateObject())
        {
            var (name, schema) = (property.Name, property.Value);
            var classification = TextOf(schema, "x-classification") ?? inherited;
            var shown = new Dictionary<string, object> { ["name"] = name };
            var type = TypeOf(schema);
            if (type is not null)
            {
                shown["logicalType"] = type;
            }

            shown["required"] = required.Contains(name);
            if (classification is not null)
            {
                shown["classification"] = classification;
            }

            if (TextOf(schema, "description") is { } description)
            {
                shown["description"] = description;
            }

            if (type == "array" && schema.TryGetProperty("items", out var item) && TypeOf(item) is { } of)
            {
                shown["items"] = Below(new Dictionary<string, object> { ["logicalType"] = of }, PropertiesOf(item, classification, classes, attributes));
            }

            var below = PropertiesOf(schema, classification, classes, attributes);
            if (name == AttributeBag && schema.TryGetProperty("additionalProperties", out var bag) && bag.ValueKind == JsonValueKind.Object)
            {
                below.AddRange(attributes.Select(attribute => (object)new Dictionary<string, object> { ["name"] = attribute, ["required"] = false, ["classification"] = classes.Of(attribute).ToString().ToLowerInvariant() }));
            }

            properties.Add(Below(shown, below));
        }

        return properties;
    }

    private static Dictionary<string, object> Below(Dictionary<string, object> shown, List<object> properties)
    {
        if (properties.Count > 0)
        {
            shown["properties"] = properties;
        }

        return shown;
    }

    private static IEnumerable<object> Promises(string type, HubConfiguration configuration, FactRetention retention, JsonElement? deprecated)
    {
        yield return Promise("retention", (int)retention.AgeOf(type).TotalDays, "d");
        if (configuration.Facts.GetValueOrDefault(type)?.Slo is { } lane && Lane.InOrder.Contains(lane))
        {
            yield return Promise("latency", (long)configuration.Slo.Of("", lane).LagP95.TotalSeconds, "s");
        }

        if (deprecated is { } end && TextOf(end, "until") is { } until)
        {
            yield return new Dictionary<string, object> { ["property"] = "endOfSupport", ["value"] = until };
        }
    }

    private static Dictionary<string, object> Promise(string property, long value, string unit) => new() { ["property"] = property, ["value"] = value, ["unit"] = unit };

    /// <summary>The type in the words of the standard; null where a value may be of several, or has no type.</summary>
    private static string? TypeOf(JsonElement schema)
    {
        if (schema.TryGetProperty("const", out var constant))
        {
            return constant.ValueKind == JsonValueKind.Number ? "integer" : "string";
        }

        string?[] types = !schema.TryGetProperty("type", out var written) ? []
            : written.ValueKind == JsonValueKind.Array ? [.. written.EnumerateArray().Select(static type => type.GetString()).Where(static type => type != "null")]
            : [written.GetString()];
        return types is not [{ } only] ? null : (only, TextOf(schema, "format")) switch
        {
            ("string", "date-time") => "timestamp",
            ("string", "date") => "date",
            _ => only,
        };
    }

    private static string? TextOf(JsonElement element, string name) => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;
}

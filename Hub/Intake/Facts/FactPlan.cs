using System.Collections.Frozen;
using System.Text.Json;
using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// Which properties a fact of a type may have, by its JSON Schema. What is not planned is left out of what is kept, so that a hub of yesterday takes in what a
/// producer of tomorrow states, and nothing is stored that nobody asked for. Pure.
/// </summary>
internal sealed class FactPlan
{
    /// <summary>Most properties of one fact that are named as left out.</summary>
    public const int MaxNamed = 20;

    private static readonly FrozenDictionary<string, FactPlan> _byType = PayloadReading.Types.ToFrozenDictionary(type => type, Load, StringComparer.Ordinal);

    private readonly FrozenDictionary<string, FactPlan> _properties;
    private readonly bool _isOpen;
    private readonly bool _hasFewValues;
    private readonly int _field;

    private FactPlan(JsonElement schema, string path, List<string> fields)
    {
        _isOpen = !schema.TryGetProperty("additionalProperties", out var more) || more.ValueKind != JsonValueKind.False;
        Expected = schema.TryGetProperty("type", out var type)
            ? type.ValueKind == JsonValueKind.Array ? string.Join(" or ", type.EnumerateArray().Select(one => one.GetString())) : type.GetString()
            : schema.TryGetProperty("const", out var constant) ? constant.ToString() : null;
        Owner = schema.TryGetProperty("x-owner", out var owner) ? owner.GetString() : null;
        Retention = schema.TryGetProperty("x-retention", out var retention) ? retention.GetString() : null;
        _hasFewValues = schema.TryGetProperty("x-values", out var values) && values.GetString() == "few";
        _field = -1;
        if (schema.TryGetProperty("properties", out var properties))
        {
            var prefix = path.Length == 0 ? "" : path + ".";
            _properties = properties.EnumerateObject().ToFrozenDictionary(property => property.Name, property => new FactPlan(property.Value, prefix + property.Name, fields), StringComparer.Ordinal);
            return;
        }

        _properties = FrozenDictionary<string, FactPlan>.Empty;
        if (path.StartsWith("payload.", StringComparison.Ordinal) || path.StartsWith("subject.", StringComparison.Ordinal))
        {
            _field = fields.Count;
            fields.Add(path);
        }
    }

    /// <summary>Of a type: the fields of subject and payload, at most 64; their places are the bits of <see cref="FactContents.Present"/>.</summary>
    public IReadOnlyList<string> Fields { get; private init; } = [];

    /// <summary>The JSON type that is asked for, as the schema names it; null when any is.</summary>
    public string? Expected { get; }

    /// <summary>Of a type: who decides on its contract.</summary>
    public string? Owner { get; }

    /// <summary>Of a type: the retention that its contract proposes.</summary>
    public string? Retention { get; }

    /// <summary>The plan of an event type.</summary>
    public static FactPlan Of(string type) => _byType[type];

    /// <summary>The plan of a field, for example <c>payload.status</c>, or null when it is not planned.</summary>
    public FactPlan? Find(string path) => path.Split('.').Aggregate((FactPlan?)this, (plan, name) => plan?._properties.GetValueOrDefault(name));

    /// <summary>Writes the planned properties of an object.</summary>
    /// <param name="writer">Where to.</param>
    /// <param name="value">The object.</param>
    /// <param name="except">Properties that the caller writes himself.</param>
    /// <param name="contents">Takes what the object holds, and what is not planned.</param>
    /// <param name="keepsUnplanned">True when the payload is kept with what is not planned.</param>
    public void Write(Utf8JsonWriter writer, JsonElement value, IReadOnlyList<string> except, FactContents contents, bool keepsUnplanned = false) =>
        Write(writer, value, "", except, contents, keepsUnplanned);

    private void Write(Utf8JsonWriter writer, JsonElement value, string prefix, IReadOnlyList<string> except, FactContents contents, bool keepsUnplanned)
    {
        foreach (var property in value.EnumerateObject())
        {
            var isPlanned = _properties.TryGetValue(property.Name, out var plan);
            if (!isPlanned && !_isOpen)
            {
                if (contents.Unplanned.Count < MaxNamed)
                {
                    contents.Unplanned.Add(prefix + property.Name);
                }

                if (keepsUnplanned && prefix.StartsWith("payload.", StringComparison.Ordinal))
                {
                    property.WriteTo(writer);
                }
            }
            else if (isPlanned && plan!._properties.Count > 0 && property.Value.ValueKind == JsonValueKind.Object)
            {
                writer.WriteStartObject(property.Name);
                plan.Write(writer, property.Value, $"{prefix}{property.Name}.", [], contents, keepsUnplanned);
                writer.WriteEndObject();
            }
            else if (!except.Contains(property.Name))
            {
                property.WriteTo(writer);
                plan?.Note(property.Value, prefix, property.Name, contents);
            }
        }
    }

    private void Note(JsonElement value, string prefix, string name, FactContents contents)
    {
        if (_field < 0 || value.ValueKind == JsonValueKind.Null)
        {
            return;
        }

        contents.Hold(_field);
        if (_hasFewValues && value.ValueKind == JsonValueKind.String)
        {
            contents.Values.Add((prefix + name, value.GetString()!));
        }
    }

    private static FactPlan Load(string type)
    {
        using var stream = typeof(ICanonicalEvent).Assembly.GetManifestResourceStream($"IntegrationHub.Contracts.Schemas.{type}.v{Upcasters.Shipped.Newest(type)}.json")
            ?? throw new InvalidOperationException($"Contracts ship no schema of {type}.");
        using var schema = JsonDocument.Parse(stream);
        var fields = new List<string>();
        return new FactPlan(schema.RootElement, "", fields) { Fields = fields };
    }
}

using System.Text.Json;

namespace IntegrationHub.Hub.Intake.Webhooks.Dialects;

/// <summary>The properties of an object as the hub keeps them: flat, under canonical names. What stands in an object within has both names; lists are left out and counted. Pure.</summary>
internal sealed class FlatProperties
{
    private const int Deepest = 4;
    private readonly SortedDictionary<string, JsonElement> _values = new(StringComparer.Ordinal);

    /// <summary>How many values could not be kept.</summary>
    public int LeftOut { get; private set; }

    /// <summary>Adds the properties of an object; of two that have one name the later one counts.</summary>
    /// <param name="from">The object; anything else adds nothing.</param>
    /// <param name="renamed">Names that are not only put into snake_case.</param>
    /// <param name="without">Properties to leave out, under the names that they have in the object.</param>
    public FlatProperties Add(JsonElement from, IReadOnlyDictionary<string, string> renamed, Func<string, bool>? without = null)
    {
        Add(from, "", renamed, without, 1);
        return this;
    }

    /// <summary>Takes a value out.</summary>
    public void Remove(string name) => _values.Remove(name);

    /// <summary>Writes them as properties.</summary>
    public void WriteTo(Utf8JsonWriter writer)
    {
        foreach (var (name, value) in _values)
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
    }

    private void Add(JsonElement from, string prefix, IReadOnlyDictionary<string, string> renamed, Func<string, bool>? without, int depth)
    {
        if (from.ValueKind != JsonValueKind.Object)
        {
            return;
        }

        foreach (var property in from.EnumerateObject().Where(property => without?.Invoke(property.Name) != true))
        {
            var name = prefix + CanonicalName.Of(property.Name, renamed);
            if (property.Value.ValueKind == JsonValueKind.Object && depth < Deepest)
            {
                Add(property.Value, name + "_", renamed, null, depth + 1);
            }
            else if (property.Value.ValueKind is JsonValueKind.Object or JsonValueKind.Array || name.Length is 0 or > 255)
            {
                LeftOut++;
            }
            else
            {
                _values[name] = property.Value;
            }
        }
    }
}

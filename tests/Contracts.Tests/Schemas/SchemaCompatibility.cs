using System.Text.Json;
using System.Text.Json.Nodes;

namespace Contracts.Tests.Schemas;

/// <summary>
/// The rules by which a schema may change within its version. Words as schema registries have them, but readers leave out what they do not know, as the hub does; so a closed object may gain
/// what is optional in both directions. A keyword that no rule knows may not change. Pure.
/// </summary>
internal static class SchemaCompatibility
{
    /// <summary>Keywords that only tell something to people and tools.</summary>
    private static readonly string[] _texts = ["$schema", "$id", "$comment", "title", "description", "examples", "default", "deprecated", "x-owner", "x-retention", "x-classification", "x-values", "x-deprecated"];

    private static readonly string[] _structure = ["type", "const", "enum", "properties", "required", "additionalProperties", "items", "format", "pattern", "x-unit"];
    private static readonly string[] _lower = ["minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties"];
    private static readonly string[] _upper = ["maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties"];

    /// <summary>How a schema differs from a released one.</summary>
    public static IReadOnlyList<SchemaChange> Between(JsonNode released, JsonNode current)
    {
        var changes = new List<SchemaChange>();
        Compare(released, current, "", changes);
        return changes;
    }

    private static void Compare(JsonNode? before, JsonNode? after, string path, List<SchemaChange> changes)
    {
        if (JsonNode.DeepEquals(before, after))
        {
            return;
        }

        if (before is not JsonObject old || after is not JsonObject next)
        {
            changes.Add(new SchemaChange(path, "schema_replaced", false, false, true, "one of both is no schema that can be compared"));
            return;
        }

        CompareTypes(old, next, path, changes);
        CompareValues(old, next, path, changes);
        CompareBounds(old, next, path, changes);
        CompareForm(old, next, path, changes);
        CompareProperties(old, next, path, changes);
        CompareOthers(old["additionalProperties"], next["additionalProperties"], path, changes);
        if (old["items"] is { } items && next["items"] is { } nextItems)
        {
            Compare(items, nextItems, $"{path}[]", changes);
        }
        else if (old["items"] is null != next["items"] is null)
        {
            changes.Add(new SchemaChange(path, "items_changed", false, false, true, "elements are judged where they were not, or are not any more"));
        }

        foreach (var keyword in old.Concat(next).Select(pair => pair.Key).Distinct().Where(key => !_texts.Contains(key) && !_structure.Contains(key) && !_lower.Contains(key) && !_upper.Contains(key)))
        {
            if (!JsonNode.DeepEquals(old[keyword], next[keyword]))
            {
                changes.Add(new SchemaChange(path, "keyword_unknown", false, false, true, $"no rule says what a change of {keyword} does; add one to SchemaCompatibility with a right and a wrong example"));
            }
        }
    }

    private static void CompareTypes(JsonObject old, JsonObject next, string path, List<SchemaChange> changes)
    {
        var (before, after) = (Types(old["type"]), Types(next["type"]));
        if (before.SetEquals(after))
        {
            return;
        }

        var reads = after.IsSupersetOf(before);
        changes.Add(reads
            ? new SchemaChange(path, "type_widened", true, false, false, "old readers may meet a type that they do not know")
            : new SchemaChange(path, "type_narrowed", false, before.IsSupersetOf(after), true, $"facts hold {string.Join(" or ", before.Except(after).Order())} there, which would be set aside"));
    }

    private static void CompareValues(JsonObject old, JsonObject next, string path, List<SchemaChange> changes)
    {
        var (before, after) = (Values(old), Values(next));
        if (before is null && after is null)
        {
            return;
        }

        if (before is not null && after is null)
        {
            changes.Add(new SchemaChange(path, "values_opened", true, false, !HasOther(before), "readers who know a closed list meet other values"));
        }
        else if (before is null || before.Except(after!).Any())
        {
            changes.Add(new SchemaChange(path, "value_removed", false, before is not null, true, "facts hold a value that would be set aside"));
        }
        else if (after!.Except(before).Any())
        {
            changes.Add(new SchemaChange(path, "value_added", true, false, !HasOther(before), "readers who know a closed list without \"other\" meet a value that they do not know"));
        }
    }

    private static void CompareBounds(JsonObject old, JsonObject next, string path, List<SchemaChange> changes)
    {
        foreach (var keyword in _lower.Concat(_upper))
        {
            var (before, after) = (Number(old[keyword]), Number(next[keyword]));
            if (before == after)
            {
                continue;
            }

            var widens = after is null || (before is not null && (_upper.Contains(keyword) ? after > before : after < before));
            changes.Add(widens
                ? new SchemaChange(path, "bound_widened", true, false, false, "old readers may refuse what is beyond the old bound")
                : new SchemaChange(path, "bound_tightened", false, true, true, $"facts that {keyword} allowed would be set aside"));
        }
    }

    private static void CompareForm(JsonObject old, JsonObject next, string path, List<SchemaChange> changes)
    {
        foreach (var keyword in new[] { "format", "pattern" })
        {
            if (JsonNode.DeepEquals(old[keyword], next[keyword]))
            {
                continue;
            }

            changes.Add(next[keyword] is null
                ? new SchemaChange(path, $"{keyword}_removed", true, false, false, "old readers may refuse other forms")
                : new SchemaChange(path, $"{keyword}_tightened", false, false, true, "facts of another form would be set aside"));
        }

        if (!JsonNode.DeepEquals(old["x-unit"], next["x-unit"]))
        {
            changes.Add(new SchemaChange(path, "meaning_changed", false, false, true, "the same number would mean something else"));
        }
    }

    private static void CompareProperties(JsonObject old, JsonObject next, string path, List<SchemaChange> changes)
    {
        var (before, after) = (old["properties"] as JsonObject ?? [], next["properties"] as JsonObject ?? []);
        var (required, requires) = (Names(old["required"]), Names(next["required"]));
        foreach (var name in before.Select(property => property.Key).Where(name => !after.ContainsKey(name)))
        {
            changes.Add(new SchemaChange(Below(path, name), "property_removed", false, !required.Contains(name), true, "what facts hold there would be left out; a renamed property is a removed one"));
        }

        foreach (var name in after.Select(property => property.Key).Where(name => !before.ContainsKey(name)))
        {
            var wasOpen = old["additionalProperties"] is null or JsonValue or JsonObject && old["additionalProperties"]?.ToJsonString() != "false";
            changes.Add(wasOpen
                ? new SchemaChange(Below(path, name), "property_named", false, true, true, "the object is open, and facts may hold this name with another type")
                : new SchemaChange(Below(path, name), "property_added", !requires.Contains(name), true, requires.Contains(name), requires.Contains(name) ? "facts do not hold it and would be set aside; a schema's default fills nothing in" : "old readers leave it out"));
        }

        foreach (var name in before.Select(property => property.Key).Where(after.ContainsKey))
        {
            if (requires.Contains(name) && !required.Contains(name))
            {
                changes.Add(new SchemaChange(Below(path, name), "required_added", false, true, true, "facts without it would be set aside"));
            }
            else if (required.Contains(name) && !requires.Contains(name))
            {
                changes.Add(new SchemaChange(Below(path, name), "required_dropped", true, false, true, "readers count on it"));
            }

            Compare(before[name], after[name], Below(path, name), changes);
        }
    }

    private static void CompareOthers(JsonNode? before, JsonNode? after, string path, List<SchemaChange> changes)
    {
        if (before is JsonObject && after is JsonObject)
        {
            Compare(before, after, Below(path, "*"), changes);
        }
        else if (!JsonNode.DeepEquals(before, after))
        {
            changes.Add(before?.ToJsonString() == "false"
                ? new SchemaChange(path, "object_opened", true, true, false, "old readers leave out what they do not know")
                : new SchemaChange(path, "object_closed", false, true, true, "what facts hold beside the named properties would be left out or set aside"));
        }
    }

    private static HashSet<string> Types(JsonNode? type)
    {
        HashSet<string> types = type switch
        {
            null => ["null", "boolean", "string", "number", "object", "array"],
            JsonArray several => [.. several.Select(one => one!.GetValue<string>())],
            _ => [type.GetValue<string>()],
        };
        if (types.Contains("number"))
        {
            types.Add("integer");
        }

        return types;
    }

    private static HashSet<string>? Values(JsonObject schema) =>
        schema["enum"] is JsonArray values ? [.. values.Select(value => value?.ToJsonString() ?? "null")] : schema.TryGetPropertyValue("const", out var constant) ? [constant?.ToJsonString() ?? "null"] : null;

    private static bool HasOther(HashSet<string> values) => values.Contains("\"other\"");

    private static decimal? Number(JsonNode? bound) => bound is null ? null : JsonSerializer.SerializeToElement(bound).GetDecimal();

    private static HashSet<string> Names(JsonNode? required) => required is JsonArray names ? [.. names.Select(name => name!.GetValue<string>())] : [];

    private static string Below(string path, string name) => path.Length == 0 ? name : $"{path}.{name}";
}

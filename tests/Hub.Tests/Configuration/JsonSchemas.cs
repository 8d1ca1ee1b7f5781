using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using YamlDotNet.RepresentationModel;

namespace Hub.Tests.Configuration;

/// <summary>As much of JSON Schema 2020-12 as the configuration's schemas use; an unknown keyword fails the test.</summary>
internal static class JsonSchemas
{
    private static readonly string[] Silent = ["$schema", "$defs", "title", "description", "then", "else"];

    /// <summary>Reads YAML as the JSON that an editor with the schema sees.</summary>
    public static JsonNode? FromYaml(string yaml)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(yaml));
        return Convert(stream.Documents[0].RootNode);
    }

    public static bool IsValid(JsonNode schema, JsonNode? value) => IsValid(schema, schema, value);

    private static bool IsValid(JsonNode root, JsonNode schema, JsonNode? value)
    {
        if (schema is JsonValue always)
        {
            return always.GetValue<bool>();
        }

        return schema.AsObject().All(keyword => Holds(root, schema, keyword.Key, keyword.Value!, value));
    }

    private static bool Holds(JsonNode root, JsonNode schema, string keyword, JsonNode rule, JsonNode? value) => keyword switch
    {
        _ when Silent.Contains(keyword) => true,
        "$ref" => IsValid(root, root["$defs"]![rule.GetValue<string>().Split('/')[^1]]!, value),
        "type" => Types(rule).Contains(TypeOf(value)) || (TypeOf(value) == "integer" && Types(rule).Contains("number")),
        "enum" => rule.AsArray().Any(allowed => JsonNode.DeepEquals(allowed, value)),
        "const" => JsonNode.DeepEquals(rule, value),
        "pattern" => TypeOf(value) != "string" || Regex.IsMatch(value!.GetValue<string>(), rule.GetValue<string>()),
        "minLength" => TypeOf(value) != "string" || value!.GetValue<string>().Length >= rule.GetValue<int>(),
        "maxLength" => TypeOf(value) != "string" || value!.GetValue<string>().Length <= rule.GetValue<int>(),
        "minimum" => !IsNumber(value) || value!.GetValue<double>() >= rule.GetValue<double>(),
        "maximum" => !IsNumber(value) || value!.GetValue<double>() <= rule.GetValue<double>(),
        "minItems" => value is not JsonArray list || list.Count >= rule.GetValue<int>(),
        "items" => value is not JsonArray items || items.All(item => IsValid(root, rule, item)),
        "minProperties" => value is not JsonObject few || few.Count >= rule.GetValue<int>(),
        "maxProperties" => value is not JsonObject many || many.Count <= rule.GetValue<int>(),
        "required" => value is not JsonObject whole || rule.AsArray().All(name => whole.ContainsKey(name!.GetValue<string>())),
        "properties" => value is not JsonObject known || rule.AsObject().All(p => !known.ContainsKey(p.Key) || IsValid(root, p.Value!, known[p.Key])),
        "additionalProperties" => value is not JsonObject rest || rest.All(p => schema["properties"]?[p.Key] is not null || IsValid(root, rule, p.Value)),
        "propertyNames" => value is not JsonObject named || named.All(p => IsValid(root, rule, JsonValue.Create(p.Key))),
        "allOf" => rule.AsArray().All(part => IsValid(root, part!, value)),
        "if" => (IsValid(root, rule, value) ? schema["then"] : schema["else"]) is not { } branch || IsValid(root, branch, value),
        _ => throw new AssertionException($"The tests do not know the schema keyword {keyword}."),
    };

    private static IEnumerable<string> Types(JsonNode rule) => rule is JsonArray list ? list.Select(static t => t!.GetValue<string>()) : [rule.GetValue<string>()];

    private static bool IsNumber(JsonNode? value) => TypeOf(value) is "number" or "integer";

    private static string TypeOf(JsonNode? value) => value switch
    {
        null => "null",
        JsonObject => "object",
        JsonArray => "array",
        _ => value.GetValueKind() switch
        {
            System.Text.Json.JsonValueKind.String => "string",
            System.Text.Json.JsonValueKind.Number => value.GetValue<double>() % 1 == 0 ? "integer" : "number",
            _ => "boolean",
        },
    };

    private static JsonNode? Convert(YamlNode node) => node switch
    {
        YamlMappingNode mapping => new JsonObject(mapping.Children.Select(static c => KeyValuePair.Create(((YamlScalarNode)c.Key).Value!, Convert(c.Value)))),
        YamlSequenceNode list => new JsonArray([.. list.Children.Select(Convert)]),
        YamlScalarNode { Style: YamlDotNet.Core.ScalarStyle.Plain } plain => ConvertPlain(plain.Value ?? ""),
        YamlScalarNode quoted => JsonValue.Create(quoted.Value),
        _ => throw new AssertionException("An alias stands in the sample."),
    };

    private static JsonNode? ConvertPlain(string text) => text switch
    {
        "" or "~" or "null" => null,
        "true" => JsonValue.Create(true),
        "false" => JsonValue.Create(false),
        _ when Regex.IsMatch(text, @"^-?(\d+\.?\d*|\.\d+)$") => JsonValue.Create(double.Parse(text, System.Globalization.CultureInfo.InvariantCulture)),
        _ => JsonValue.Create(text),
    };
}

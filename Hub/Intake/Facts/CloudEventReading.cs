using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using System.Text.Unicode;
using IntegrationHub.Hub.Observability;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// A fact in the form of CloudEvents 1.0 (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md) and the same fact in the hub's
/// own envelope. Its data hold <c>subject</c>, <c>consent</c> and <c>payload</c>; its attribute <c>subject</c> is not read, since attributes are
/// logged by whoever routes them. Pure.
/// </summary>
internal static partial class CloudEventReading
{
    private const string OwnType = "integrationhub.";
    private const string PackedData = "data_base64";

    /// <summary>What the attributes are called in the envelope; the rest of the envelope is in the data.</summary>
    private static readonly Dictionary<string, string> _attributes = new(StringComparer.Ordinal)
    {
        ["event_id"] = "id",
        ["event_type"] = "type",
        ["schema_version"] = "dataschema",
        ["occurred_at"] = "time",
        ["producer"] = "source",
        ["tenant_id"] = "tenantid",
        ["correlation_id"] = "correlationid",
    };

    /// <summary>True when the object is an event in structured mode.</summary>
    public static bool IsOne(JsonElement root) => root.ValueKind == JsonValueKind.Object && root.TryGetProperty("specversion", out _);

    /// <summary>The fact in the hub's envelope, as JSON. What is missing stays missing, for the reader of facts to say.</summary>
    /// <param name="root">The event in structured mode.</param>
    public static byte[] ToFact(JsonElement root) => RelaxedJson.Object(writer =>
    {
        var (type, version) = TypeOf(Text(root, "type"), Text(root, "dataschema"));
        var source = Text(root, "source");
        WriteText(writer, "event_id", IdOf(Text(root, "id"), source));
        WriteText(writer, "event_type", type);
        if (version is { } number)
        {
            writer.WriteNumber("schema_version", number);
        }

        WriteText(writer, "occurred_at", Text(root, "time"));
        WriteText(writer, "producer", source is null ? null : ProducerOf(source));
        WriteText(writer, "tenant_id", Text(root, "tenantid"));
        WriteText(writer, "correlation_id", Text(root, "correlationid"));
        if (root.TryGetProperty("data", out var data) && data.ValueKind == JsonValueKind.Object)
        {
            foreach (var property in data.EnumerateObject().Where(property => property.Name is "subject" or "consent" or "payload"))
            {
                property.WriteTo(writer);
            }
        }
    });

    /// <summary>
    /// The event with its data as JSON, where they came as bytes in Base64, as some libraries write whatever is bytes to them
    /// (https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/formats/json-format.md#31-handling-of-data); null when they did not, or the bytes are no JSON.
    /// </summary>
    public static byte[]? Unpack(JsonElement root)
    {
        if (root.TryGetProperty("data", out _) || !root.TryGetProperty(PackedData, out var packed) || packed.ValueKind != JsonValueKind.String || !packed.TryGetBytesFromBase64(out var bytes) || !Utf8.IsValid(bytes))
        {
            return null;
        }

        try
        {
            using var data = JsonDocument.Parse(bytes);
            return RelaxedJson.Object(writer =>
            {
                foreach (var attribute in root.EnumerateObject().Where(attribute => attribute.Name != PackedData))
                {
                    attribute.WriteTo(writer);
                }

                writer.WritePropertyName("data");
                data.RootElement.WriteTo(writer);
            });
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException) // no JSON, or half a surrogate pair in it
        {
            return null;
        }
    }

    /// <summary>The trace that the event says it belongs to, or null.</summary>
    public static ActivityContext? TraceOf(JsonElement root) => ProducerTrace.Read(Text(root, ProducerTrace.Parent), Text(root, ProducerTrace.State));

    /// <summary>Where a field of the envelope stands in the event.</summary>
    /// <param name="path">Path in the envelope, for example <c>payload.status</c>.</param>
    public static string PathOf(string path) => path.Length == 0 ? path : _attributes.TryGetValue(path, out var attribute) ? attribute : "data." + path;

    /// <summary>An event of binary mode in structured mode; the data as they are when they are no JSON.</summary>
    /// <param name="attributes">Name and value of every attribute, without the prefix of its transport.</param>
    /// <param name="data">The body.</param>
    public static ReadOnlyMemory<byte> Assemble(IEnumerable<KeyValuePair<string, string>> attributes, ReadOnlyMemory<byte> data)
    {
        if (!Utf8.IsValid(data.Span))
        {
            return data; // a reader of JSON would put other letters in its place
        }

        try
        {
            using var json = JsonDocument.Parse(data);
            return RelaxedJson.Object(writer =>
            {
                foreach (var (name, value) in attributes.Where(attribute => attribute.Key != "data").DistinctBy(attribute => attribute.Key, StringComparer.Ordinal))
                {
                    writer.WriteString(name, value);
                }

                writer.WritePropertyName("data");
                json.RootElement.WriteTo(writer);
            });
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or ArgumentException) // no JSON, or half a surrogate pair in it
        {
            return data;
        }
    }

    /// <summary>
    /// The id of the fact: the event's own where it is a UUID, else one made of its source and its id, which only together are unique. The same
    /// event always has the same.
    /// </summary>
    private static string? IdOf(string? id, string? source) => id is null || Guid.TryParseExact(id, "D", out _) ? id : Uuid8.Of(source, id).ToString();

    private static (string? Type, int? Version) TypeOf(string? type, string? schema)
    {
        var version = VersionOf(schema);
        if (type is null || !type.StartsWith(OwnType, StringComparison.Ordinal))
        {
            return (type, version);
        }

        var name = type[OwnType.Length..];
        return VersionOf(name) is { } named ? (name[..name.LastIndexOf('.')], named) : (name, version);
    }

    private static int? VersionOf(string? name) =>
        name is not null && Version().Match(name) is { Success: true } match ? int.Parse(match.Groups[1].ValueSpan, CultureInfo.InvariantCulture) : null;

    /// <summary>The last part of the hub's own form, <c>urn:integrationhub:{tenant}:{producer}</c>; any other source as it is.</summary>
    private static string ProducerOf(string source) =>
        source.Split(':') is ["urn", "integrationhub", _, { Length: > 0 } producer] ? producer : source;

    private static string? Text(JsonElement root, string name) =>
        root.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? UnreadableText.TryRead(value) : null;

    private static void WriteText(Utf8JsonWriter writer, string name, string? value)
    {
        if (value is not null)
        {
            writer.WriteString(name, value);
        }
    }

    [GeneratedRegex(@"[.:]v([1-9]\d{0,5})\z", RegexOptions.CultureInvariant)]
    private static partial Regex Version();
}

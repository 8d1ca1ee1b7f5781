using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Schema;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using IntegrationHub.Contracts.Events;

namespace Contracts.Tests.Schemas;

/// <summary>The JSON Schema (draft 2020-12) of a canonical fact, made from its record and its documentation.</summary>
internal static partial class FactSchema
{
    private static readonly JsonSerializerOptions _options = new(JsonSerializerOptions.Default) { RespectNullableAnnotations = true };
    private static readonly JsonSerializerOptions _bus = new(_options) { PropertyNamingPolicy = JsonNamingPolicy.CamelCase };
    private static readonly XDocument _documentation = XDocument.Load(Path.Combine(AppContext.BaseDirectory, "IntegrationHub.Contracts.xml"));

    /// <summary>Who decides on a contract, and how long the log should keep such facts; what an installation really does stands in its facts.yaml.</summary>
    private static readonly Dictionary<string, (string Owner, string Retention)> _stewards = new(StringComparer.Ordinal)
    {
        [ProfileUpdated.Type] = ("customer-data", "standard"),
        [ProfileMerged.Type] = ("customer-data", "long"),
        [ProfileDeleted.Type] = ("privacy", "long"),
        [ConsentUpdated.Type] = ("privacy", "long"),
        [AudienceMembershipChanged.Type] = ("marketing", "standard"),
        [BehaviorTracked.Type] = ("marketing", "standard"),
        [LeadCreated.Type] = ("marketing", "standard"),
        [LeadEnriched.Type] = ("marketing", "standard"),
        [LeadScored.Type] = ("marketing", "standard"),
        [LeadQualified.Type] = ("marketing", "standard"),
        [AccountUpdated.Type] = ("sales", "standard"),
        [OpportunityCreated.Type] = ("sales", "standard"),
        [OpportunityStageChanged.Type] = ("sales", "standard"),
    };

    /// <summary>Fields with few values, of which a new one is worth a look.</summary>
    private static readonly string[] _fewValues =
    [
        "ConsentDecision.Purpose", "ConsentDecision.Status", "ConsentDecision.Source", "ConsentDecision.Channel", "ConsentDecision.LegalBasis", "MembershipChange.Audience", "TrackedBehavior.Name",
        "PurchasedProduct.Currency", "CreatedLead.Status", "CreatedLead.Source", "LeadEnrichment.Source", "LeadScore.Model", "LeadQualification.Stage", "ProfileDeletion.Reason",
        "CreatedOpportunity.Stage", "CreatedOpportunity.Currency", "OpportunityStage.Stage", "OpportunityStage.Outcome", "OpportunityStage.Currency",
    ];

    public static IEnumerable<Type> Facts { get; } = typeof(ICanonicalEvent).Assembly.GetExportedTypes()
        .Where(type => type.IsClass && typeof(ICanonicalEvent).IsAssignableFrom(type)).OrderBy(type => type.Name, StringComparer.Ordinal).ToList();

    public static string EventType(Type fact) => (string)fact.GetField("Type")!.GetRawConstantValue()!;

    /// <summary>The schema of any contract, as it travels.</summary>
    public static JsonObject OfContract(Type contract) => Export(contract, _bus);

    public static JsonObject Of(Type fact)
    {
        var schema = Export(fact, _options);
        var properties = schema["properties"]!.AsObject();
        properties["event_type"]!.AsObject().Remove("type");
        properties["event_type"]!["const"] = EventType(fact);
        properties["schema_version"]!.AsObject().Remove("type");
        properties["schema_version"]!["const"] = 1;
        // Raw JSON is dispatched by these two, so there they have no default.
        foreach (var name in new[] { "event_type", "schema_version" })
            schema["required"]!.AsArray().Insert(1, name);
        properties["subject"]!["minProperties"] = 1;

        var document = new JsonObject
        {
            ["$schema"] = "https://json-schema.org/draft/2020-12/schema",
            ["$id"] = $"urn:integrationhub:schema:{EventType(fact)}:v1",
            ["title"] = fact.Name,
            ["x-owner"] = _stewards[EventType(fact)].Owner,
            ["x-retention"] = _stewards[EventType(fact)].Retention,
        };
        foreach (var (name, value) in schema.ToList())
        {
            schema.Remove(name);
            document[name] = value;
        }
        return document;
    }

    private static JsonObject Export(Type contract, JsonSerializerOptions options) =>
        options.GetJsonSchemaAsNode(contract, new JsonSchemaExporterOptions { TreatNullObliviousAsNonNullable = true, TransformSchemaNode = Complete }).AsObject();

    private static JsonNode Complete(JsonSchemaExporterContext context, JsonNode node)
    {
        if (node is not JsonObject schema)
            return node;
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Dictionary && schema["additionalProperties"] is not JsonObject)
            schema["additionalProperties"] = new JsonObject { ["type"] = new JsonArray("string", "number", "boolean", "null") };
        // The exporter forgets for a decimal that may be null what it says of one that may not: the bus spells it as a text.
        if (context.PropertyInfo?.PropertyType == typeof(decimal?))
        {
            schema["type"] = new JsonArray("string", "number", "null");
            schema["pattern"] = @"^-?(?:0|[1-9]\d*)(?:\.\d+)?$";
        }
        // A name that we would ignore is a producer's mistake: it is told, not swallowed.
        if (context.TypeInfo.Kind == JsonTypeInfoKind.Object)
            schema["additionalProperties"] = false;
        var description = context.PropertyInfo is { } property
            ? Describe($"P:{property.DeclaringType.FullName}.{ClrName(property)}") ?? Describe($"P:{typeof(ICanonicalEvent).FullName}.{ClrName(property)}")
            : Describe($"T:{context.TypeInfo.Type.FullName}");
        if (description is null)
            return schema;
        if (MostCharacters().Match(description) is { Success: true } most)
            schema["maxLength"] = int.Parse(most.Groups[1].Value, System.Globalization.CultureInfo.InvariantCulture);
        schema.Insert(0, "description", description);
        if (context.PropertyInfo is { } field && _fewValues.Contains($"{field.DeclaringType.Name}.{ClrName(field)}"))
            schema.Insert(1, "x-values", "few");
        if (description.Contains("ersonal data", StringComparison.Ordinal))
            schema.Insert(1, "x-classification", "personal");
        return schema;
    }

    private static string ClrName(JsonPropertyInfo property) => ((System.Reflection.PropertyInfo)property.AttributeProvider!).Name;

    private static string? Describe(string member)
    {
        var summary = _documentation.Descendants("member").FirstOrDefault(element => (string?)element.Attribute("name") == member)?.Element("summary");
        if (summary is null)
            return null;
        foreach (var reference in summary.Elements("see").ToList())
            reference.ReplaceWith(((string)reference.Attribute("cref")!).Split('.')[^1]);
        return Spaces().Replace(summary.Value, " ").Trim();
    }

    [GeneratedRegex(@"up to (\d+) characters")]
    private static partial Regex MostCharacters();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}

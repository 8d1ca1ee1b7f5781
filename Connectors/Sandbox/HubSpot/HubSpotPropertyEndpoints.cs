using System.Text.Json;
using System.Text.RegularExpressions;

namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>Definitions of contact properties: read and create.</summary>
internal sealed partial class HubSpotPropertyEndpoints(HubSpotSchema schema)
{
    private static readonly Dictionary<HubSpotType, string> Types = new()
    {
        [HubSpotType.Text] = "string",
        [HubSpotType.Number] = "number",
        [HubSpotType.Date] = "date",
        [HubSpotType.Instant] = "datetime",
        [HubSpotType.Boolean] = "bool",
        [HubSpotType.Enumeration] = "enumeration",
    };

    private static readonly Dictionary<HubSpotType, string> FieldTypes = new()
    {
        [HubSpotType.Text] = "text",
        [HubSpotType.Number] = "number",
        [HubSpotType.Date] = "date",
        [HubSpotType.Instant] = "date",
        [HubSpotType.Boolean] = "booleancheckbox",
        [HubSpotType.Enumeration] = "select",
    };

    private const string MultipleCheckboxes = "checkbox";

    public void List(SandboxCall call)
    {
        var json = call.WriteJson();
        json.WriteStartObject();
        json.WriteStartArray("results"u8);
        foreach (var property in schema.All)
        {
            Write(json, property);
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    public void Get(SandboxCall call)
    {
        if (schema.Find((string)call.Http.Request.RouteValues["property"]!) is { } property)
        {
            Write(call.WriteJson(), property);
        }
        else
        {
            HubSpotAnswers.Fail(call, 404, "OBJECT_NOT_FOUND", "There is no such property");
        }
    }

    public void Create(SandboxCall call)
    {
        JsonDocument request;
        try
        {
            request = JsonDocument.Parse(call.Body);
        }
        catch (JsonException)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "Invalid input JSON");
            return;
        }

        using (request)
        {
            Create(call, request.RootElement);
        }
    }

    private void Create(SandboxCall call, JsonElement request)
    {
        string? Text(string name) => request.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

        var name = Text("name");
        var type = Types.Where(pair => pair.Value == Text("type")).Select(static pair => (HubSpotType?)pair.Key).FirstOrDefault();
        if (name is null || type is null || !NameShape().IsMatch(name) || Text("label") is null || Text("fieldType") is null || Text("groupName") is null)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", "A property needs name (lower case), label, type, fieldType and groupName");
            return;
        }

        if (schema.Find(name) is not null)
        {
            HubSpotAnswers.Fail(call, 409, "CONFLICT", $"A property named '{name}' already exists.");
            return;
        }

        var unique = request.TryGetProperty("hasUniqueValue"u8, out var flag) && flag.ValueKind == JsonValueKind.True;
        if (unique && schema.All.Count(static property => property.IsUnique) >= HubSpotSchema.MaxUnique)
        {
            HubSpotAnswers.Fail(call, 400, "VALIDATION_ERROR", $"There are {HubSpotSchema.MaxUnique} properties with unique values already");
            return;
        }

        var options = request.TryGetProperty("options"u8, out var listed) && listed.ValueKind == JsonValueKind.Array
            ? listed.EnumerateArray().Select(static option => option.GetProperty("value").GetString()!)
            : [];
        call.Status = 201;
        Write(call.WriteJson(), schema.Add(new HubSpotProperty { Name = name, Type = type.Value, IsUnique = unique, Options = [.. options], TakesSeveral = Text("fieldType") == MultipleCheckboxes }));
    }

    private static void Write(Utf8JsonWriter json, HubSpotProperty property)
    {
        json.WriteStartObject();
        json.WriteString("name"u8, property.Name);
        json.WriteString("label"u8, property.Name);
        json.WriteString("type"u8, Types[property.Type]);
        json.WriteString("fieldType"u8, property.TakesSeveral ? MultipleCheckboxes : FieldTypes[property.Type]);
        json.WriteString("description"u8, "");
        json.WriteString("groupName"u8, "contactinformation"u8);
        json.WriteBoolean("hasUniqueValue"u8, property.IsUnique);
        json.WriteBoolean("calculated"u8, property.IsCalculated);
        json.WriteBoolean("hubspotDefined"u8, property.IsHubSpotDefined);
        json.WriteBoolean("hidden"u8, false);
        json.WriteStartObject("modificationMetadata"u8);
        json.WriteBoolean("readOnlyValue"u8, property.IsReadOnly);
        json.WriteBoolean("archivable"u8, true);
        json.WriteBoolean("readOnlyDefinition"u8, false);
        json.WriteEndObject();
        json.WriteStartArray("options"u8);
        foreach (var option in property.Options)
        {
            json.WriteStartObject();
            json.WriteString("value"u8, option);
            json.WriteString("label"u8, option);
            json.WriteBoolean("hidden"u8, false);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    [GeneratedRegex(@"^[a-z][a-z0-9_]{0,99}\z")]
    private static partial Regex NameShape();
}

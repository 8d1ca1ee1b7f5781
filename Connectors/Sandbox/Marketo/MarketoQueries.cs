using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Primitives;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Reads of leads and of their description.</summary>
internal sealed class MarketoQueries(MarketoLeads leads, MarketoFields fields)
{
    private const int MaxValues = 300;
    private const int MaxMatches = 1000;
    private const int PageSize = 300;
    private static readonly string[] DefaultFields = ["id", "email", "firstName", "lastName", "createdAt", "updatedAt"];

    /// <summary>The query string, and the form when a POST stands for a query.</summary>
    public static Dictionary<string, StringValues> Parameters(SandboxCall call)
    {
        var all = call.Http.Request.Query.ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);
        if (call.Http.Request.ContentType?.StartsWith("application/x-www-form-urlencoded", StringComparison.OrdinalIgnoreCase) == true)
        {
            foreach (var (name, value) in QueryHelpers.ParseQuery(System.Text.Encoding.UTF8.GetString(call.Body.Span)))
            {
                all[name] = value;
            }
        }

        return all;
    }

    public static int BatchSize(Dictionary<string, StringValues> parameters) =>
        int.TryParse(parameters.GetValueOrDefault("batchSize"), CultureInfo.InvariantCulture, out var size) && size is > 0 and <= PageSize ? size : PageSize;

    public void Find(SandboxCall call)
    {
        var parameters = Parameters(call);
        var values = parameters.GetValueOrDefault("filterValues").ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        call.Records = values.Length;
        if (fields.Find(parameters.GetValueOrDefault("filterType").ToString()) is not { IsSearchable: true } field)
        {
            MarketoAnswers.Fail(call, "1011");
            return;
        }

        var after = 0;
        if (values.Length is 0 or > MaxValues || !MarketoPages.TryRead(parameters.GetValueOrDefault("nextPageToken"), 0, out after)
            || Requested(parameters) is not { } requested)
        {
            MarketoAnswers.Fail(call, values.Length == 0 ? "1002" : values.Length > MaxValues || after < 0 ? "1003" : "1006");
            return;
        }

        lock (leads.Gate)
        {
            var found = Matches(field, values);
            if (found.Count > MaxMatches)
            {
                MarketoAnswers.Fail(call, "1003");
                return;
            }

            var json = MarketoAnswers.Begin(call);
            var page = found.Where(id => id > after).Take(BatchSize(parameters)).ToArray();
            foreach (var id in page)
            {
                WriteLead(json, id, requested);
            }

            MarketoAnswers.End(json, page.Length > 0 && page[^1] < found.Max ? MarketoPages.Token(0, page[^1]) : null);
        }
    }

    public void Get(SandboxCall call)
    {
        lock (leads.Gate)
        {
            if (!long.TryParse(call.Http.Request.RouteValues["id"] as string, CultureInfo.InvariantCulture, out var id) || !leads.Exists(id))
            {
                MarketoAnswers.Fail(call, "1004");
                return;
            }

            var json = MarketoAnswers.Begin(call);
            WriteLead(json, (int)id, Requested(Parameters(call)) ?? []);
            MarketoAnswers.End(json);
        }
    }

    public void Describe(SandboxCall call)
    {
        var json = MarketoAnswers.Begin(call);
        json.WriteStartObject();
        json.WriteString("name"u8, "API Lead");
        json.WriteStartArray("searchableFields"u8);
        foreach (var field in fields.All.Where(field => field.IsSearchable))
        {
            json.WriteStartArray();
            json.WriteStringValue(field.Name);
            json.WriteEndArray();
        }

        json.WriteEndArray();
        json.WriteStartArray("fields"u8);
        foreach (var field in fields.All)
        {
            json.WriteStartObject();
            json.WriteString("name"u8, field.Name);
            json.WriteString("displayName"u8, field.Name);
            json.WriteString("dataType"u8, JsonNamingPolicy.CamelCase.ConvertName(field.Type.ToString()));
            if (field.Type is MarketoFieldType.String or MarketoFieldType.Email or MarketoFieldType.Phone)
            {
                json.WriteNumber("length"u8, 255);
            }

            json.WriteBoolean("updateable"u8, field.IsUpdateable);
            json.WriteBoolean("crmManaged"u8, field.IsCrmManaged);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        MarketoAnswers.End(json);
    }

    public IReadOnlyList<MarketoField>? Requested(Dictionary<string, StringValues> parameters)
    {
        var names = parameters.GetValueOrDefault("fields").ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var found = (names.Length == 0 ? DefaultFields : names.Prepend("id").Distinct()).Select(fields.Find).ToArray();
        return Array.TrueForAll(found, field => field is not null) ? found.OfType<MarketoField>().ToArray() : null;
    }

    /// <summary>A field without a value is null.</summary>
    public void WriteLead(Utf8JsonWriter json, int id, IEnumerable<MarketoField> requested)
    {
        json.WriteStartObject();
        foreach (var field in requested)
        {
            json.WritePropertyName(field.Name);
            if (field.Name == "id")
            {
                json.WriteNumberValue(id);
            }
            else if (field.Name is "createdAt" or "updatedAt")
            {
                var at = field.Name == "createdAt" ? leads.CreatedAt(id) : leads.UpdatedAt(id);
                json.WriteStringValue(at.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture));
            }
            else if (PackedFields.TryGet(leads.Fields(id), field.Number, out var value))
            {
                json.WriteRawValue(value, skipInputValidation: true);
            }
            else
            {
                json.WriteNullValue();
            }
        }

        json.WriteEndObject();
    }

    private SortedSet<int> Matches(MarketoField field, string[] values)
    {
        var found = new SortedSet<int>();
        var some = new int[MaxMatches + 1];
        foreach (var value in values)
        {
            if (field.Name == "id")
            {
                if (int.TryParse(value, CultureInfo.InvariantCulture, out var id) && leads.Exists(id))
                {
                    found.Add(id);
                }

                continue;
            }

            var count = leads.Find(field, MarketoFields.Key(value), some);
            found.UnionWith(some.Take(count));
        }

        return found;
    }
}

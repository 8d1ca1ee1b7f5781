using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Custom activities: written once, never recognised again. The lead store's gate guards them.</summary>
internal sealed class MarketoActivities
{
    public const int NewLead = 12;
    public const int ChangeValue = 13;
    public const int AddToList = 24;
    public const int RemoveFromList = 25;
    public const int MergeLeads = 32;
    public const int DeleteLead = 37;

    private const string HubId = "hubEventId";
    private const int MaxRecords = 300;
    private const int MaxAttributeBytes = 65_536;

    private readonly MarketoLeads _leads;
    private readonly List<MarketoActivityType> _types = [];
    private readonly List<LoggedActivity> _custom = [];

    public MarketoActivities(MarketoLeads leads, MarketoActivityLog log)
    {
        (_leads, Log) = (leads, log);
        leads.Changed = (id, before, after) =>
            log.Note(log.Start(before.Length == 0 ? NewLead : ChangeValue, id) with { Before = before, After = after });
        AddDefaults();
    }

    public MarketoActivityLog Log { get; }

    public IReadOnlyList<LoggedActivity> Custom => _custom;

    public void AddType(MarketoActivityType type)
    {
        _types.RemoveAll(known => known.Id == type.Id);
        _types.Add(type);
    }

    public MarketoActivityType? TypeOf(LoggedActivity activity) => _types.Find(type => type.Id == activity.Type);

    /// <summary>The hub's event id, wherever the type has its place for it; null when it is not there.</summary>
    public string? HubIdOf(LoggedActivity activity)
    {
        var json = TypeOf(activity)?.Primary == HubId ? activity.Primary : activity.Attributes.FirstOrDefault(attribute => attribute.Key == HubId).Value;
        return json is null ? null : JsonSerializer.Deserialize<string>(json);
    }

    public void Note(int type, int lead, string? attribute = null, string? value = null) => Log.Note(Log.Start(type, lead) with
    {
        Attributes = attribute is null ? [] : [new(attribute, JsonSerializer.Serialize(value))],
    });

    public void Move(int from, int to)
    {
        Log.Move(from, to);
        _custom.FindAll(activity => activity.Lead == from).ForEach(activity => activity.Lead = to);
    }

    public void Forget(int lead) => _custom.RemoveAll(activity => activity.Lead == lead);

    public void Clear()
    {
        Log.Clear();
        _custom.Clear();
        _types.Clear();
        AddDefaults();
    }

    public void ListTypes(SandboxCall call)
    {
        var json = MarketoAnswers.Begin(call);
        foreach (var type in _types)
        {
            WriteType(json, type, withAttributes: false);
        }

        MarketoAnswers.End(json);
    }

    public void DescribeType(SandboxCall call)
    {
        var name = call.Http.Request.RouteValues["apiName"] as string;
        if (_types.Find(type => type.ApiName == name) is not { } found)
        {
            MarketoAnswers.Fail(call, "1013");
            return;
        }

        var json = MarketoAnswers.Begin(call);
        WriteType(json, found, withAttributes: true);
        MarketoAnswers.End(json);
    }

    public void Add(SandboxCall call)
    {
        JsonDocument body;
        try
        {
            body = JsonDocument.Parse(call.Body);
        }
        catch (JsonException)
        {
            MarketoAnswers.Fail(call, "609");
            return;
        }

        using (body)
        {
            if (!body.RootElement.TryGetProperty("input", out var input) || input.ValueKind != JsonValueKind.Array || input.GetArrayLength() is 0 or > MaxRecords)
            {
                MarketoAnswers.Fail(call, input.ValueKind == JsonValueKind.Array && input.GetArrayLength() > MaxRecords ? "1003" : "1002");
                return;
            }

            call.Records = input.GetArrayLength();
            lock (_leads.Gate)
            {
                var json = MarketoAnswers.Begin(call);
                var untold = call.Fault?.Variant == MarketoFaults.ShortAnswer ? 1 : 0;
                foreach (var (at, one) in input.EnumerateArray().Index())
                {
                    var code = Take(call, one, out var activity);
                    if (at < call.Records - untold)
                    {
                        WriteRow(json, activity, code);
                    }
                }

                MarketoAnswers.End(json);
            }
        }
    }

    private string? Take(SandboxCall call, JsonElement one, out LoggedActivity? taken)
    {
        taken = null;
        if (!Has(one, "leadId", out var lead) || !Has(one, "activityDate", out var date) || !Has(one, "activityTypeId", out var typeId)
            || !Has(one, "primaryAttributeValue", out var primary) || !one.TryGetProperty("attributes", out var attributes))
        {
            return "1002";
        }

        if (!lead.TryGetInt32(out var id) || !_leads.Exists(id))
        {
            return "1004";
        }

        if (!typeId.TryGetInt32(out var number) || _types.Find(known => known.Id == number) is not { IsApproved: true } type)
        {
            return "1003";
        }

        if (date.ValueKind != JsonValueKind.String || !DateTimeOffset.TryParse(date.GetString(), CultureInfo.InvariantCulture, out var at))
        {
            return "1001";
        }

        var values = attributes.EnumerateArray().Select(attribute => (
            Name: attribute.TryGetProperty("apiName", out var name) ? name.GetString() ?? "" : "",
            Value: attribute.TryGetProperty("value", out var value) ? value.GetRawText() : "null")).ToArray();
        if (System.Text.Encoding.UTF8.GetByteCount(attributes.GetRawText()) > MaxAttributeBytes)
        {
            return "1049";
        }

        if (!Array.TrueForAll(values, value => type.Secondary.Contains(value.Name)) || call.Rejects(id.ToString(CultureInfo.InvariantCulture)))
        {
            return "1003";
        }

        taken = Log.Note(Log.Start(number, id, at) with
        {
            Primary = primary.GetRawText(),
            Attributes = [.. values.Select(value => new KeyValuePair<string, string>(value.Name, value.Value))],
        });
        _custom.Add(taken);
        return null;
    }

    private static bool Has(JsonElement one, string name, out JsonElement value) =>
        one.TryGetProperty(name, out value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined);

    /// <summary>Activities are told by <c>errors</c> where everything else is told by <c>reasons</c>.</summary>
    private static void WriteRow(Utf8JsonWriter json, LoggedActivity? activity, string? code)
    {
        json.WriteStartObject();
        if (activity is null)
        {
            json.WriteString("status"u8, "skipped"u8);
            MarketoAnswers.WriteCodes(json, "errors"u8, code!);
        }
        else
        {
            json.WriteNumber("id"u8, activity.Id);
            json.WriteString("marketoGUID"u8, activity.Id.ToString(CultureInfo.InvariantCulture));
            json.WriteString("status"u8, "added"u8);
        }

        json.WriteEndObject();
    }

    private static void WriteType(Utf8JsonWriter json, MarketoActivityType type, bool withAttributes)
    {
        json.WriteStartObject();
        json.WriteNumber("id"u8, type.Id);
        json.WriteString("apiName"u8, type.ApiName);
        json.WriteString("name"u8, type.ApiName);
        json.WriteString("triggerName"u8, $"{type.ApiName} happens");
        json.WriteString("filterName"u8, $"{type.ApiName} happened");
        json.WriteString("status"u8, type.IsApproved ? "approved"u8 : "draft"u8);
        if (withAttributes)
        {
            json.WritePropertyName("primaryAttribute"u8);
            WriteAttribute(json, type.Primary);
            json.WriteStartArray("attributes"u8);
            foreach (var name in type.Secondary)
            {
                WriteAttribute(json, name);
            }

            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void WriteAttribute(Utf8JsonWriter json, string name)
    {
        json.WriteStartObject();
        json.WriteString("apiName"u8, name);
        json.WriteString("name"u8, name);
        json.WriteString("dataType"u8, "string"u8);
        json.WriteEndObject();
    }

    private void AddDefaults()
    {
        AddType(new(100001, "hubPurchase", "productId", ["hubEventId", "currency", "price", "quantity"]));
        AddType(new(100002, "hubBehavior", "name", ["hubEventId", "channel", "value"]));
        AddType(new(100003, "hubDraft", "name", ["hubEventId"], IsApproved: false));
        AddType(new(100004, "hubProductViewed", "name", ["hubEventId", "productId", "category", "price"]));
    }
}

using System.Globalization;
using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Membership of the program 1034, whose statuses only ever move forward. The lead store's gate guards it.</summary>
internal sealed class MarketoPrograms(MarketoLeads leads)
{
    private const int Program = 1034;
    private const int MaxRecords = 300;
    private static readonly string[] Statuses = ["On List", "Engaged", "Influenced", "Success"];

    private readonly SortedDictionary<int, int> _members = [];

    public void Clear() => _members.Clear();

    public void Forget(int lead) => _members.Remove(lead);

    public void SetStatus(SandboxCall call)
    {
        var status = -1;
        Change(
            call,
            body => (status = Array.IndexOf(Statuses, body.TryGetProperty("statusName", out var name) ? name.GetString() : null)) < 0 ? "1025" : null,
            lead =>
            {
                if (_members.TryGetValue(lead, out var present) && present >= status)
                {
                    return "1037";
                }

                var isNew = !_members.ContainsKey(lead);
                _members[lead] = status;
                return isNew ? "created" : "updated";
            });
    }

    /// <summary>Fields of members; who is no member is not made one.</summary>
    public void Update(SandboxCall call) => Change(call, static _ => null, lead => _members.ContainsKey(lead) ? "updated" : "1013");

    public void Delete(SandboxCall call) => Change(call, static _ => null, lead => _members.Remove(lead) ? "deleted" : "1013");

    public void List(SandboxCall call)
    {
        var parameters = MarketoQueries.Parameters(call);
        var values = parameters.GetValueOrDefault("filterValues").ToString().Split(',', StringSplitOptions.RemoveEmptyEntries);
        lock (leads.Gate)
        {
            if (!IsKnown(call) || parameters.GetValueOrDefault("filterType") != "leadId" || values.Length is 0 or > MaxRecords)
            {
                MarketoAnswers.Fail(call, IsKnown(call) ? "1003" : "1013");
                return;
            }

            var json = MarketoAnswers.Begin(call);
            foreach (var (lead, status) in _members.Where(member => values.Contains(member.Key.ToString(CultureInfo.InvariantCulture))))
            {
                json.WriteStartObject();
                json.WriteNumber("leadId"u8, lead);
                json.WriteString("statusName"u8, Statuses[status]);
                json.WriteEndObject();
            }

            MarketoAnswers.End(json);
        }
    }

    private void Change(SandboxCall call, Func<JsonElement, string?> refuse, Func<int, string> change)
    {
        try
        {
            using var body = JsonDocument.Parse(call.Body);
            int[] ids = [.. body.RootElement.GetProperty("input").EnumerateArray().Select(one => one.GetProperty("leadId").GetInt32())];
            call.Records = ids.Length;
            lock (leads.Gate)
            {
                var refusal = ids.Length is 0 or > MaxRecords ? "1003" : !IsKnown(call) ? "1013" : refuse(body.RootElement);
                if (refusal is not null)
                {
                    MarketoAnswers.Fail(call, refusal);
                    return;
                }

                var json = MarketoAnswers.Begin(call);
                foreach (var (at, id) in ids.Index())
                {
                    WriteRow(json, at, id, leads.Exists(id) ? change(id) : "1004");
                }

                MarketoAnswers.End(json);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            MarketoAnswers.Fail(call, "609");
        }
    }

    private static void WriteRow(Utf8JsonWriter json, int at, int lead, string status)
    {
        var isRefused = char.IsAsciiDigit(status[0]);
        json.WriteStartObject();
        json.WriteNumber("seq"u8, at);
        json.WriteNumber("leadId"u8, lead);
        json.WriteString("status"u8, isRefused ? "skipped" : status);
        if (isRefused)
        {
            MarketoAnswers.WriteCodes(json, "reasons"u8, status);
        }

        json.WriteEndObject();
    }

    private static bool IsKnown(SandboxCall call) =>
        int.TryParse(call.Http.Request.RouteValues["programId"] as string, CultureInfo.InvariantCulture, out var id) && id == Program;
}

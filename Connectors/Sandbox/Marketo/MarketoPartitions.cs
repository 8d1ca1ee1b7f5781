using System.Text.Json;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary>Lead partitions: which exist, which the API user may use, who is in which. The lead store's gate guards them.</summary>
internal sealed class MarketoPartitions(MarketoLeads leads)
{
    public const string Default = "Default";

    private readonly Dictionary<string, bool> _allowed = new(StringComparer.Ordinal) { [Default] = true };
    private readonly Dictionary<int, string> _others = [];

    public void Add(string name, bool isAllowed) => _allowed[name] = isAllowed;

    public bool Allows(string name) => _allowed.GetValueOrDefault(name);

    public string Of(int lead) => _others.GetValueOrDefault(lead, Default);

    public void Put(int lead, string name)
    {
        if (name == Default)
        {
            _others.Remove(lead);
        }
        else
        {
            _others[lead] = name;
        }
    }

    public void Clear()
    {
        _allowed.Clear();
        _allowed[Default] = true;
        _others.Clear();
    }

    public void List(SandboxCall call)
    {
        var json = MarketoAnswers.Begin(call);
        foreach (var (at, name) in _allowed.Keys.Index())
        {
            json.WriteStartObject();
            json.WriteNumber("id"u8, at + 1);
            json.WriteString("name"u8, name);
            json.WriteEndObject();
        }

        MarketoAnswers.End(json);
    }

    public void Change(SandboxCall call)
    {
        try
        {
            using var body = JsonDocument.Parse(call.Body);
            lock (leads.Gate)
            {
                var json = MarketoAnswers.Begin(call);
                foreach (var one in body.RootElement.GetProperty("input").EnumerateArray())
                {
                    var (id, name) = (one.GetProperty("id").GetInt32(), one.GetProperty("partitionName").GetString()!);
                    var code = !leads.Exists(id) ? "1004" : Allows(name) ? null : "1008";
                    if (code is null)
                    {
                        Put(id, name);
                        MarketoAnswers.WriteRow(json, id, "updated"u8);
                    }
                    else
                    {
                        MarketoAnswers.WriteSkipped(json, code, id);
                    }
                }

                MarketoAnswers.End(json);
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException)
        {
            MarketoAnswers.Fail(call, "609");
        }
    }
}

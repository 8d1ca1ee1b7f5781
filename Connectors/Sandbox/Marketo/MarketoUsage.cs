using System.Globalization;

namespace IntegrationHub.Connectors.Sandbox.Marketo;

/// <summary><c>stats/usage.json</c>: the calls of the day, those of the hub's user and those of all others.</summary>
internal sealed class MarketoUsage(MarketoLimits limits)
{
    public void Report(SandboxCall call)
    {
        var (total, others, today) = limits.Today();
        var json = MarketoAnswers.Begin(call);
        json.WriteStartObject();
        json.WriteString("date"u8, today.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture));
        json.WriteNumber("total"u8, total);
        json.WriteStartArray("users"u8);
        foreach (var (user, count) in (ReadOnlySpan<(string, long)>)[("apis@sandbox.example", total - others), ("others@sandbox.example", others)])
        {
            json.WriteStartObject();
            json.WriteString("userId"u8, user);
            json.WriteNumber("count"u8, count);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
        MarketoAnswers.End(json);
    }
}

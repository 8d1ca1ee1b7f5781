using System.Net.Http.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Alerts;

/// <summary>Events API v2 of PagerDuty: https://github.com/PagerDuty/developer-docs/blob/main/docs/events-API-v2/02-Trigger-Events.md. It tells repeats, and what belongs together, by the key.</summary>
internal static class PagerDutyChannel
{
    private const int LongestSummary = 1_024;
    private static readonly Uri _enqueue = new("https://events.pagerduty.com/v2/enqueue");

    public static async Task<AlertTold> TellAsync(HttpClient http, AlertRoute route, AlertNotice message, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (route.Secret?.Read() is not { } key)
        {
            return AlertTold.SecretMissing;
        }

        using var answer = await http.PostAsJsonAsync(route.Url ?? _enqueue, Body(key, message), cancellationToken);
        return AlertTold.Of(answer, now);
    }

    private static Dictionary<string, object> Body(string key, AlertNotice message)
    {
        var body = new Dictionary<string, object> { ["routing_key"] = key, ["event_action"] = message.Event == AlertChange.Resolve ? "resolve" : "trigger", ["dedup_key"] = message.DedupKey };
        if (message.Event != AlertChange.Resolve)
        {
            var summary = $"{message.Title}. {message.Sentence}";
            body["payload"] = new
            {
                summary = summary.Length > LongestSummary ? summary[..LongestSummary] : summary,
                source = message.Destination ?? "integrationhub",
                severity = Severity(message.Severity),
                timestamp = message.Since.ToUniversalTime().ToString("O", System.Globalization.CultureInfo.InvariantCulture),
                component = message.Lane ?? "hub",
                @class = message.Code,
                custom_details = new { cause = message.Cause, answer_within_minutes = message.AnswerWithinMinutes, records = message.Records, first_action = message.Action, runbook = $"Hub/Docs/runbooks/{message.Runbook}.md" },
            };
            body["client"] = "IntegrationHub";
        }

        return body;
    }

    private static string Severity(string severity) => severity switch
    {
        AlertSeverity.Critical => "critical",
        AlertSeverity.High => "error",
        AlertSeverity.Medium => "warning",
        _ => "info",
    };
}

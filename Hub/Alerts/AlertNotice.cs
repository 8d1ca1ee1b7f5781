using System.Text.Json.Serialization;
using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Alerts;

/// <summary>What is told of an alert. Nothing personal: codes, counts, names of the configuration.</summary>
internal sealed record AlertNotice
{
    /// <summary><c>trigger</c>, <c>resolve</c> or <c>test</c>.</summary>
    [JsonPropertyName("event")]
    public required string Event { get; init; }

    /// <summary>The same for every message about one alert.</summary>
    [JsonPropertyName("dedup_key")]
    public required string DedupKey { get; init; }

    [JsonPropertyName("alert_id")]
    public required long AlertId { get; init; }

    [JsonPropertyName("cause")]
    public required string Cause { get; init; }

    [JsonPropertyName("severity")]
    public required string Severity { get; init; }

    /// <summary>Within how many minutes somebody has to answer.</summary>
    [JsonPropertyName("answer_within_minutes")]
    public int AnswerWithinMinutes => (int)AlertSeverity.AnswerWithin(Severity).TotalMinutes;

    /// <summary>When it changed so; the same at every attempt to tell of it.</summary>
    [JsonPropertyName("at")]
    public required DateTimeOffset At { get; init; }

    [JsonPropertyName("code")]
    public required string Code { get; init; }

    [JsonPropertyName("destination")]
    public string? Destination { get; init; }

    [JsonPropertyName("lane")]
    public string? Lane { get; init; }

    [JsonPropertyName("sentence")]
    public required string Sentence { get; init; }

    [JsonPropertyName("action")]
    public string? Action { get; init; }

    [JsonPropertyName("runbook")]
    public required string Runbook { get; init; }

    [JsonPropertyName("records")]
    public long Records { get; init; }

    [JsonPropertyName("since")]
    public required DateTimeOffset Since { get; init; }

    [JsonPropertyName("resolved_at")]
    public DateTimeOffset? ResolvedAt { get; init; }

    /// <summary>One line.</summary>
    [JsonIgnore]
    public string Title => $"{(Event == AlertChange.Resolve ? "Resolved" : $"[{Severity}]")} {(Destination is null ? "IntegrationHub" : Destination)}{(Lane is null ? "" : $"/{Lane}")}: {Code}";

    /// <summary>A few lines.</summary>
    [JsonIgnore]
    public string Text =>
        $"{Sentence}\nSince {Since:u}{(Records > 0 ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $", {Records:N0} records") : "")}{(ResolvedAt is { } over ? $", over since {over:u}" : "")}\n{(Event == AlertChange.Trigger ? $"Answer within {(AnswerWithinMinutes < 60 ? $"{AnswerWithinMinutes} min" : $"{AnswerWithinMinutes / 60} h")}\n" : "")}{(Action is null ? "" : $"First: {Action}\n")}Runbook: Hub/Docs/runbooks/{Runbook}.md";

    /// <summary>What is told of a change.</summary>
    public static AlertNotice Of(AlertChange change) => new()
    {
        Event = change.Event,
        DedupKey = $"integrationhub-alert-{change.Alert.AlertId}",
        AlertId = change.Alert.AlertId,
        At = change.Alert.ResolvedAt ?? change.Alert.SeenAt,
        Cause = change.Alert.What.Cause,
        Severity = change.Alert.What.Severity,
        Code = change.Alert.What.Code,
        Destination = change.Alert.What.Destination,
        Lane = change.Alert.What.Lane,
        Sentence = change.Alert.What.Sentence,
        Action = change.Alert.What.Action,
        Runbook = change.Alert.What.Runbook,
        Records = change.Alert.What.Records,
        Since = change.Alert.What.Since,
        ResolvedAt = change.Alert.ResolvedAt,
    };

    /// <summary>A message that tells nothing but that it arrives.</summary>
    public static AlertNotice Test(string route, DateTimeOffset now) => new()
    {
        Event = "test",
        DedupKey = $"integrationhub-alert-test-{now.ToUnixTimeSeconds()}",
        AlertId = 0,
        At = now,
        Cause = $"test:{route}",
        Severity = AlertSeverity.Low,
        Code = AlertCode.Test,
        Sentence = $"This is a test of the route {route}: alerts arrive here.",
        Runbook = AlertCode.Runbooks[AlertCode.Test],
        Since = now,
    };
}

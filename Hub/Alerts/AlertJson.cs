using System.Text.Json.Serialization;
using IntegrationHub.Storage.Alerts;

namespace IntegrationHub.Hub.Alerts;

/// <summary>An alert as the API and the CLI show it.</summary>
internal sealed record AlertJson
{
    [JsonPropertyName("alert_id")]
    public required long AlertId { get; init; }

    [JsonPropertyName("cause")]
    public required string Cause { get; init; }

    [JsonPropertyName("severity")]
    public required string Severity { get; init; }

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

    [JsonPropertyName("opened_at")]
    public required DateTimeOffset OpenedAt { get; init; }

    [JsonPropertyName("resolved_at")]
    public DateTimeOffset? ResolvedAt { get; init; }

    [JsonPropertyName("silence")]
    public SilenceJson? Silence { get; init; }

    /// <summary>What was told of it, and where; empty in lists.</summary>
    [JsonPropertyName("told")]
    public IReadOnlyList<TellingJson> Told { get; init; } = [];

    public static AlertJson From(StoredAlert alert, IReadOnlyList<AlertTelling>? told = null) => new()
    {
        AlertId = alert.AlertId,
        Cause = alert.What.Cause,
        Severity = alert.What.Severity,
        Code = alert.What.Code,
        Destination = alert.What.Destination,
        Lane = alert.What.Lane,
        Sentence = alert.What.Sentence,
        Action = alert.What.Action,
        Runbook = alert.What.Runbook,
        Records = alert.What.Records,
        Since = alert.What.Since,
        OpenedAt = alert.OpenedAt,
        ResolvedAt = alert.ResolvedAt,
        Silence = alert.Silence is { } silence ? new SilenceJson(silence.Until, silence.Reason, silence.By) : null,
        Told = [.. (told ?? []).Select(one => new TellingJson(one.Route, one.Event, one.At, one.Attempts, one.SentAt, one.GivenUpAt, one.Error))],
    };
}

/// <summary>Why nobody is told.</summary>
internal sealed record SilenceJson(
    [property: JsonPropertyName("until")] DateTimeOffset Until,
    [property: JsonPropertyName("reason")] string Reason,
    [property: JsonPropertyName("by")] string By);

/// <summary>What became of telling somebody.</summary>
internal sealed record TellingJson(
    [property: JsonPropertyName("route")] string Route,
    [property: JsonPropertyName("event")] string Event,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("sent_at")] DateTimeOffset? SentAt,
    [property: JsonPropertyName("given_up_at")] DateTimeOffset? GivenUpAt,
    [property: JsonPropertyName("error")] string? Error);

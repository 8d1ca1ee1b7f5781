using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Schedules;

/// <summary>A bell as the API and the CLI show it.</summary>
internal sealed record BellJson(
    [property: JsonPropertyName("due_at")] DateTimeOffset DueAt,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("detail")] string? Detail,
    [property: JsonPropertyName("run_ids")] IReadOnlyList<Guid> RunIds,
    [property: JsonPropertyName("instance")] string Instance)
{
    public static BellJson From(JobRun run) => new(run.DueAt, run.At, run.Outcome, run.Code, run.Detail, run.RunIds, run.Instance);
}

/// <summary>A schedule as the API and the CLI show it.</summary>
internal sealed record ScheduleJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("what")] string? What,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("destinations")] IReadOnlyList<string> Destinations,
    [property: JsonPropertyName("mode")] string Mode,
    [property: JsonPropertyName("cron")] string Cron,
    [property: JsonPropertyName("time_zone")] string TimeZone,
    [property: JsonPropertyName("missed")] string Missed,
    [property: JsonPropertyName("next_at")] DateTimeOffset? NextAt,
    [property: JsonPropertyName("overdue_since")] DateTimeOffset? OverdueSince,
    [property: JsonPropertyName("bells")] IReadOnlyList<BellJson> Bells)
{
    /// <summary>Shows a schedule; it is overdue when the bell after the last known one should have rung and nothing was noted of it.</summary>
    public static ScheduleJson From(ScheduleConfiguration schedule, IReadOnlyList<string> routed, IReadOnlyList<JobRun> bells, DateTimeOffset now) => new(
        schedule.Name, schedule.What, schedule.Audience, schedule.Destinations.Count > 0 ? schedule.Destinations : routed, schedule.Mode, schedule.Cron, schedule.TimeZone.Id,
        schedule.Missed == MissedBell.Once ? "once" : "skip",
        schedule.NextAfter(now),
        bells.Count > 0 ? schedule.OverdueSince(bells[0].DueAt, now) : null,
        [.. bells.Select(BellJson.From)]);
}

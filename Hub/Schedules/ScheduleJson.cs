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
    [property: JsonPropertyName("instance")] string Instance,
    [property: JsonPropertyName("attempts")] int Attempts,
    [property: JsonPropertyName("began_at")] DateTimeOffset? BeganAt,
    [property: JsonPropertyName("seconds")] double? Seconds)
{
    /// <summary>What of it this version cannot read, and what to do; null when all can be read.</summary>
    [JsonPropertyName("unreadable"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Unreadable { get; init; }

    public static BellJson From(JobRun run) => new(
        run.DueAt, run.At, run.Outcome, run.Code, run.Detail, run.RunIds, run.Instance, run.Attempts, run.BeganAt,
        run.BeganAt is { } began && run.EndedAt is { } ended ? Math.Round((ended - began).TotalSeconds, 3, MidpointRounding.ToEven) : null)
    {
        Unreadable = run.Unreadable is { } column ? UnreadableRow.Say("job_runs", $"{run.Schedule} {run.DueAt:u}", column) : null,
    };
}

/// <summary>A schedule, or a job of the hub's own, as the API and the CLI show it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="What"><c>sync</c>, <c>reconcile</c>, or <c>job</c> for the hub's own.</param>
/// <param name="Own">True for a job of the hub's own, which no configuration has.</param>
/// <param name="Description">What a job of the hub's own does; null of a schedule.</param>
/// <param name="Audience">Key of the audience; null of a job.</param>
/// <param name="Destinations">Where to; empty of a job.</param>
/// <param name="Mode">Mode of the runs; null of a job.</param>
/// <param name="Cron">When, as Quartz writes it.</param>
/// <param name="TimeZone">Where its clock hangs.</param>
/// <param name="Missed">What becomes of a missed bell: <c>once</c> or <c>skip</c>.</param>
/// <param name="NextAt">When it rings next.</param>
/// <param name="OverdueSince">When it should have rung, and nothing was noted of it; else null.</param>
/// <param name="MissedBells">Bells that nobody could ring at their time in the last 30 days.</param>
/// <param name="Bells">What became of the latest bells, the last one first.</param>
internal sealed record ScheduleJson(
    [property: JsonPropertyName("name")] string Name,
    [property: JsonPropertyName("what")] string? What,
    [property: JsonPropertyName("own")] bool Own,
    [property: JsonPropertyName("description")] string? Description,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("destinations")] IReadOnlyList<string> Destinations,
    [property: JsonPropertyName("mode")] string? Mode,
    [property: JsonPropertyName("cron")] string Cron,
    [property: JsonPropertyName("time_zone")] string TimeZone,
    [property: JsonPropertyName("missed")] string Missed,
    [property: JsonPropertyName("next_at")] DateTimeOffset? NextAt,
    [property: JsonPropertyName("overdue_since")] DateTimeOffset? OverdueSince,
    [property: JsonPropertyName("missed_bells")] long MissedBells,
    [property: JsonPropertyName("bells")] IReadOnlyList<BellJson> Bells)
{
    /// <summary>Shows a schedule; it is overdue when the bell after the last known one should have rung and nothing was noted of it.</summary>
    public static ScheduleJson From(ScheduleConfiguration schedule, IReadOnlyList<string> routed, IReadOnlyList<JobRun> bells, long missed, DateTimeOffset now) => new(
        schedule.Name, schedule.What, false, null, schedule.Audience, schedule.Destinations.Count > 0 ? schedule.Destinations : routed, schedule.Mode, schedule.Cron, schedule.TimeZone.Id,
        WordOf(schedule.Missed), schedule.NextAfter(now), SinceWhen(schedule, bells, now), missed, [.. bells.Select(BellJson.From)]);

    /// <summary>Shows a job of the hub's own.</summary>
    public static ScheduleJson From(IHubJob job, IReadOnlyList<JobRun> bells, long missed, DateTimeOffset now) => new(
        job.Plan.Name, "job", true, job.Description, null, [], null, job.Plan.Cron, job.Plan.TimeZone.Id, WordOf(job.Plan.Missed), job.Plan.NextAfter(now), SinceWhen(job.Plan, bells, now), missed,
        [.. bells.Select(BellJson.From)]);

    private static DateTimeOffset? SinceWhen(BellPlan plan, IReadOnlyList<JobRun> bells, DateTimeOffset now) => bells.Count > 0 ? plan.OverdueSince(bells[0].DueAt, now) : null;

    private static string WordOf(MissedBell missed) => missed == MissedBell.Once ? "once" : "skip";
}

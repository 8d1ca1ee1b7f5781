using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Schedules over HTTP.</summary>
internal static class ScheduleRoutes
{
    private const int MostBells = 100;

    public static void MapSchedules(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/schedules", async (HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            Results.Json(await transactions.ReadAsync(async db =>
            {
                var shown = new List<ScheduleJson>();
                foreach (var schedule in configuration.Schedules.Values.OrderBy(schedule => schedule.Name, StringComparer.Ordinal))
                {
                    shown.Add(Show(schedule, configuration, await JobRuns.ListAsync(db, schedule.Name, 1, cancellationToken), time));
                }

                return shown;
            }))).WithName("listSchedules").Produces<IReadOnlyList<ScheduleJson>>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/schedules/{schedule}", async (string schedule, HubConfiguration configuration, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            configuration.Schedules.TryGetValue(schedule, out var known)
                ? Results.Json(Show(known, configuration, await transactions.ReadAsync(db => JobRuns.ListAsync(db, known.Name, MostBells, cancellationToken)), time))
                : Unknown(configuration))
            .WithName("showSchedule").Produces<ScheduleJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/schedules/{schedule}/ring", RingAsync).WithName("ringSchedule").Produces<BellJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite);
    }

    private static async Task<IResult> RingAsync(
        string schedule, WhyJson? said, HttpContext http, HubConfiguration configuration, BellRinger ringer, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        if (said?.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (!configuration.Schedules.TryGetValue(schedule, out var known))
        {
            return Unknown(configuration);
        }

        switch (await ringer.RingAsync(known, time.GetUtcNow(), http.Caller().Id, cancellationToken))
        {
            case { Outcome: JobOutcome.Started } rung:
                await transactions.RunAsync((db, _) => AuditLog.AppendAsync(db, http.Entry("schedule.ring", $"schedule:{schedule}", said?.Reason), cancellationToken), cancellationToken);
                return Results.Json(BellJson.From(rung), statusCode: 202);
            case { } other:
                return Problems.Of(409, other.Code!, "schedule", other.Detail!);
            default:
                return Problems.Of(409, "already-rung", "schedule", "Somebody rang it at the same moment; 'schedules show NAME' tells what became of it.");
        }
    }

    private static ScheduleJson Show(ScheduleConfiguration schedule, HubConfiguration configuration, IReadOnlyList<JobRun> bells, TimeProvider time) =>
        ScheduleJson.From(schedule, configuration.Audiences[schedule.Audience].Destinations, bells, time.GetUtcNow());

    private static IResult Unknown(HubConfiguration configuration) => Problems.Of(
        404,
        "schedule-unknown",
        "schedule",
        configuration.Schedules.Count == 0 ? "There is no such schedule: none is configured. Write it into schedules.yaml." : $"There is no such schedule. Known: {string.Join(", ", configuration.Schedules.Keys.Order(StringComparer.Ordinal))}.");
}

using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Schedules and the hub's own jobs over HTTP.</summary>
internal static class ScheduleRoutes
{
    private const int MostBells = 100;
    private static readonly TimeSpan _missedWithin = TimeSpan.FromDays(30);

    public static void MapSchedules(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/schedules", async (HubConfiguration configuration, BellTower tower, HubJobs jobs, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            Results.Json(await transactions.ReadAsync(async db =>
            {
                var shown = new List<ScheduleJson>();
                foreach (var plan in tower.Plans.OrderBy(plan => plan is not ScheduleConfiguration).ThenBy(plan => plan.Name, StringComparer.Ordinal))
                {
                    shown.Add(await ShowAsync(db, plan, configuration, jobs, 1, time.GetUtcNow(), cancellationToken));
                }

                return PageJson.Whole(shown);
            }))).WithName("listSchedules").ProducesPage<ScheduleJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/schedules/{schedule}", async (string schedule, HubConfiguration configuration, BellTower tower, HubJobs jobs, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            Find(tower, schedule) is { } plan
                ? Results.Json(await transactions.ReadAsync(db => ShowAsync(db, plan, configuration, jobs, MostBells, time.GetUtcNow(), cancellationToken)))
                : Unknown(tower))
            .WithName("showSchedule").Produces<ScheduleJson>().ProducesProblem(404).Needs(Scope.RunsRead);
        routes.MapPost("/v1/schedules/{schedule}/ring", RingAsync).WithName("ringSchedule").Produces<BellJson>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).Needs(Scope.RunsWrite)
            .Takes(CommandTerms.Blind("its runs plan anew, as at its next time"));
    }

    private static async Task<IResult> RingAsync(
        string schedule, WhyJson? said, HttpContext http, BellTower tower, BellRinger ringer, TimeProvider time, CancellationToken cancellationToken)
    {
        if (said?.Refuse() is { } refusal)
        {
            return refusal;
        }

        if (Find(tower, schedule) is not { } known)
        {
            return Unknown(tower);
        }

        switch (await ringer.RingAsync(known, time.GetUtcNow(), http.Caller().Id, cancellationToken, http.Entry("schedule.ring", $"schedule:{schedule}", said?.Reason)))
        {
            case { Outcome: JobOutcome.Started or JobOutcome.Due } rung:
                return Results.Json(BellJson.From(rung), statusCode: 202);
            case { } other:
                return Problems.Of(409, other.Code!, "schedule", other.Detail!);
            default:
                return Problems.Of(409, "already-rung", "schedule", "Somebody rang it at the same moment; 'schedules show NAME' tells what became of it.");
        }
    }

    private static async Task<ScheduleJson> ShowAsync(HubDbContext db, BellPlan plan, HubConfiguration configuration, HubJobs jobs, int bells, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var latest = await JobRuns.ListAsync(db, plan.Name, bells, cancellationToken);
        var missed = await JobRuns.CountMissedAsync(db, plan.Name, now - _missedWithin, cancellationToken);
        return plan is ScheduleConfiguration schedule
            ? ScheduleJson.From(schedule, configuration.Audiences[schedule.Audience].Destinations, latest, missed, now)
            : ScheduleJson.From(jobs.Find(plan.Name)!, latest, missed, now);
    }

    private static BellPlan? Find(BellTower tower, string name) => tower.Plans.FirstOrDefault(plan => plan.Name == name);

    private static IResult Unknown(BellTower tower) => Problems.Of(
        404, "schedule-unknown", "schedule", $"There is no such schedule. Write it into schedules.yaml, or use one that is known: {string.Join(", ", tower.Plans.Select(plan => plan.Name).Order(StringComparer.Ordinal))}.");
}

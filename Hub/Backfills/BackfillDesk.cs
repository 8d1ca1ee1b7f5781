using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Finds backfills by the id of a run, or by the one that joins several, and shows them.</summary>
internal sealed class BackfillDesk(RunWaiting waiting, OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>What an id names; null when it names nothing.</summary>
    public async Task<BackfillMatch?> FindAsync(Guid id, CancellationToken cancellationToken) =>
        await transactions.ReadAsync(db => BackfillBook.FindAllAsync(db, id, cancellationToken)) is { Count: > 0 } runs ? new BackfillMatch(id, runs) : null;

    /// <summary>One run whole, or several together.</summary>
    /// <returns>A <see cref="BackfillJson"/> or, of an id that joins runs, a <see cref="BackfillGroupJson"/>.</returns>
    public async Task<object> ShowAsync(BackfillMatch match, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var isDelivering = match.Runs.Any(run => run.Run.CurrentState == RunState.Delivering);
        var lately = isDelivering ? await transactions.ReadAsync(db => DeliveryMinutes.SumAsync(db, now - BackfillProgressJson.Lately, cancellationToken)) : [];
        var shown = new List<BackfillJson>(match.Runs.Count);
        foreach (var run in match.Runs)
        {
            var (plan, unreadable) = await PlanOfAsync(run, cancellationToken);
            var settled = lately.Where(lane => lane.Lane == Lane.Backfill && lane.Destination == run.Run.Destination)
                .Sum(lane => lane.Delivered + lane.Unchanged + lane.Suppressed + lane.Rejected + lane.DeadLettered);
            var json = BackfillJson.From(run, plan);
            shown.Add(json with { Unreadable = json.Unreadable ?? unreadable, Run = await waiting.ExplainAsync(json.Run, cancellationToken), Progress = BackfillProgressJson.Of(run, plan, settled, now) });
        }

        return match.IsGroup ? BackfillGroupJson.Of(match.Id, shown) : shown[0];
    }

    /// <summary>The plan, or what of it cannot be read; neither before it stands.</summary>
    private async Task<(BackfillPlan? Plan, string? Unreadable)> PlanOfAsync(BackfillView run, CancellationToken cancellationToken)
    {
        try
        {
            var stored = run.Terms.IsReadable ? await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, run.Run.CorrelationId, cancellationToken)) : null;
            return (stored?.PlanJson is { } text ? JsonSerializer.Deserialize<BackfillPlan>(text) : null, null);
        }
        catch (JsonException)
        {
            return (null, UnreadableRow.Say("backfill_plans", run.Run.CorrelationId, "plan"));
        }
    }

    /// <summary>The same after something was asked of them, without plans.</summary>
    /// <returns>As <see cref="ShowAsync"/>.</returns>
    public static object Acknowledge(BackfillMatch match, Func<BackfillView, BackfillJson> show) =>
        match.IsGroup ? BackfillGroupJson.Of(match.Id, [.. match.Runs.Select(show)]) : show(match.Runs[0]);
}

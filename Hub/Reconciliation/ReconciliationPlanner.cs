using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>Says what a comparison would cost, and begins nothing.</summary>
internal sealed class ReconciliationPlanner(HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>The plan, or why there is none.</summary>
    public async Task<(ReconciliationPlanJson? Plan, RunRefusal? Refusal)> PlanAsync(string? audience, string? destination, CancellationToken cancellationToken)
    {
        audience = audience is null ? null : configuration.AudienceKeyOf(audience);
        if (audience is null || !configuration.Audiences.TryGetValue(audience, out var compared))
        {
            return (null, new RunRefusal(404, "audience-unknown", "audience", $"There is no audience '{audience}'. Audiences are the files of the folder 'audiences'."));
        }

        if (destination is null || destinations.Find(destination) is not { } known)
        {
            return (null, new RunRefusal(404, "destination-unknown", "destination", $"There is no destination '{destination}'. 'destinations list' shows them."));
        }

        var run = RunStarter.Compared(Guid.Empty, new RunRequest(audience, [destination], null, null, ""), compared, known, time.GetUtcNow());
        var count = await transactions.ReadAsync(db => FieldMarks.CountAsync(db, audience, destination, cancellationToken));
        var marked = await transactions.ReadAsync(db => FieldMarks.ToldUntilAsync(db, destination, cancellationToken));
        return (ReconciliationPlanJson.From(audience, destination, ReadBackPlan.Of(known, run, count, marked is not null, ReadBackBudget.Of(known, time), ReadBackBudget.WholeOf(known, time))), null);
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Writes a plan down and names it. What was written once stays: once it is delivered, the rows tell another story than the plan that was looked at.</summary>
internal sealed class PlanSeal(OutboxTransaction transactions)
{
    /// <summary>Seals the plan of a run.</summary>
    /// <param name="destination">Where it goes; empty where it goes nowhere.</param>
    /// <param name="planVersion">Version of mapping and policy that it was made under, or null where neither matters.</param>
    /// <param name="step">The step that asked for it.</param>
    /// <param name="planned">Records in the plan.</param>
    /// <param name="make">Makes the plan from the rows that were written for it.</param>
    /// <param name="at">When.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<BackfillPlanned> SealAsync(string destination, string? planVersion, PlanBackfill step, long planned, Func<HubDbContext, Task<BackfillPlan>> make, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var (plan, hash) = await transactions.RunAsync(async (db, _) =>
        {
            if (await BackfillBook.FindPlanAsync(db, step.RunId, cancellationToken) is { PlanHash: { } known, PlanJson: { } json })
            {
                return (JsonSerializer.Deserialize<BackfillPlan>(json)!, known);
            }

            var made = await make(db);
            var named = HashOf(step.RunId, destination, planVersion, made);
            await BackfillBook.WritePlanAsync(db, step.RunId, JsonSerializer.Serialize(made), planVersion, named, cancellationToken);
            return (made, named);
        }, cancellationToken);
        return new BackfillPlanned { RunId = step.RunId, Planned = planned, ToWrite = plan.ToWrite, PlanHash = hash, At = at };
    }

    /// <summary>The deliveries of a plan are written once and never change: run, scope, counts and the version of mapping and policy name them.</summary>
    private static string HashOf(Guid runId, string destination, string? planVersion, BackfillPlan plan)
    {
        var text = JsonSerializer.Serialize(new { runId, destination, planVersion, plan.ToWrite, plan.Outcomes, plan.Changes, plan.Scope });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }
}

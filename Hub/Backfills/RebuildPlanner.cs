using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Backfills;

/// <summary>
/// The dry run of a rebuild: finds in the log whom it is about, looks at each of them, and says whose state is another one than the log says, and in what. Writes no state, and keeps nobody from writing.
/// A killed planner goes on where it stood; two planners of one run cannot both write.
/// </summary>
internal sealed class RebuildPlanner(OutboxTransaction transactions, IPlanStore plans, ILedger ledger, RebuildFacts facts, PlanSeal seal, IOptions<DeliveryOptions> delivery, TimeProvider time)
{
    private const int PeopleAtOnce = 200;
    private const int Samples = 5;

    /// <summary>Plans to the end and writes the plan down; null when another planner of the same run is at work.</summary>
    public async Task<BackfillPlanned?> PlanAsync(PlanBackfill step, BackfillScope scope, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var request = new PlanRequest(step.RunId, "", "", PlanRequest.Backfill, Lane.Backfill, "", delivery.Value.Partitions);
        var progress = await transactions.RunAsync(
            async (db, _) =>
            {
                var opened = await plans.OpenAsync(db, request, cancellationToken);
                await (opened.Completed ? Task.CompletedTask : BackfillBook.FillScopeAsync(db, step.RunId, "", scope, cancellationToken));
                return opened;
            },
            cancellationToken);
        if (!progress.Completed && !(await ChooseAsync(step.RunId, scope, progress.Cursor, cancellationToken) && await LookAsync(step.RunId, cancellationToken)))
        {
            return null;
        }

        var totals = await transactions.RunAsync((db, _) => plans.CompleteAsync(db, request, cancellationToken), cancellationToken);
        return await seal.SealAsync("", null, step, totals.Planned, db => MakeAsync(db, step.RunId, scope, cancellationToken), at, cancellationToken);
    }

    private async Task<bool> ChooseAsync(Guid runId, BackfillScope scope, long cursor, CancellationToken cancellationToken)
    {
        var start = scope.Facts!.From is { } from ? await transactions.ReadAsync(db => FactLog.FindStartAsync(db, from - FactReading.ClockTolerance, cancellationToken)) : 0;
        while (true)
        {
            var (before, next) = (cursor, await transactions.RunAsync((db, _) => RebuildBook.ChooseAsync(db, runId, scope, RebuildFacts.Types, cursor, start, cancellationToken), cancellationToken));
            if (next is not { } reached || reached == before)
            {
                return next is not null;
            }

            cursor = reached;
        }
    }

    private async Task<bool> LookAsync(Guid runId, CancellationToken cancellationToken)
    {
        while (await transactions.ReadAsync(db => RebuildBook.NextAsync(db, runId, looked: false, PeopleAtOnce, cancellationToken)) is { Count: > 0 } people)
        {
            var said = await facts.ReadAsync(people, cancellationToken);
            var differing = await transactions.ReadAsync(db => ledger.PreviewAsync(db, said, cancellationToken));
            if (!await transactions.RunAsync(
                async (db, _) =>
                {
                    var noted = await RebuildBook.NoteAsync(db, runId, people, [.. differing.Where(person => person.ProfileId != 0)], time.GetUtcNow(), cancellationToken);
                    return (noted, noted);
                },
                cancellationToken))
            {
                return false;
            }
        }

        return true;
    }

    private static async Task<BackfillPlan> MakeAsync(HubDbContext db, Guid runId, BackfillScope scope, CancellationToken cancellationToken)
    {
        var tallies = await BackfillBook.ReadTalliesAsync(db, runId, cancellationToken);
        var changes = await RebuildBook.CountChangesAsync(db, runId, cancellationToken);
        var samples = await RebuildBook.ReadSamplesAsync(db, runId, Samples, cancellationToken);
        return new BackfillPlan
        {
            ToWrite = BackfillPlan.Pending(tallies),
            Outcomes = BackfillPlan.OutcomesOf(tallies),
            Calls = new BackfillCallsJson(0, 0, 0),
            Samples = [.. samples.Select(sample => new BackfillSampleJson(MaskedKey.Of(sample.Key), sample.Changes))],
            Changes = [.. changes.OrderByDescending(change => change.Value).ThenBy(change => change.Key, StringComparer.Ordinal).Select(change => new ChangeCountJson(change.Key, change.Value))],
            CannotBeTakenBack = ["What stood before is not kept: a rebuild is not rolled back. State that the log says otherwise about is what the next rebuild finds again."],
            Automation = ["What is otherwise goes to the destinations as every change does: at once where they are live, else with the next run of an audience, and what starts there by a changed field starts."],
            Scope = scope,
            Verification = "Everybody who was changed is looked at once more: verified are those of whom the log says nothing else.",
        };
    }
}

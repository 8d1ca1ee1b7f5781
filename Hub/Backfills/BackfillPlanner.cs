using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Runs;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Backfills;

/// <summary>The dry run of a backfill: decides for everybody, and says what that comes to. Asks no vendor.</summary>
internal sealed class BackfillPlanner(RunPlanner planner, PlanSeal seal, OutboxTransaction transactions, IOptions<DeliveryOptions> options)
{
    private const int Samples = 5;

    /// <summary>Plans to the end and writes the plan down; null when another planner of the same run is at work.</summary>
    public async Task<BackfillPlanned?> PlanAsync(Destination destination, PlanBackfill step, BackfillScope scope, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var partitions = options.Value.Partitions;
        var known = scope.Facts is null ? destination.PlanVersion : ""; // whoever owes it again asks for everybody's attributes, whatever was confirmed
        var request = new PlanRequest(step.RunId, destination.Name, "", PlanRequest.Backfill, Lane.Backfill, known, partitions);
        var samples = new List<BackfillSampleJson>();
        await (scope is { Facts: { } chosen, NamesPeople: false } ? FindPeopleAsync(step.RunId, chosen, cancellationToken) : Task.CompletedTask);
        var totals = await planner.PlanAsync(
            request,
            async db =>
            {
                await BackfillBook.FillScopeAsync(db, step.RunId, destination.Name, scope, cancellationToken);
                await (scope is { Facts: { } selection, NamesPeople: true } ? StatedPeople.KeepAsync(db, step.RunId, selection, OwedAgain.Types, selection.From - FactReading.ClockTolerance, cancellationToken) : Task.CompletedTask);
            },
            (candidates, cursor) => Decide(destination, scope, candidates, cursor, partitions, samples),
            cancellationToken);
        if (totals is null)
        {
            return null;
        }

        return await seal.SealAsync(
            destination.Name, destination.PlanVersion, step, totals.Planned,
            async db =>
            {
                var made = PlanOf(destination, scope, await BackfillBook.ReadTalliesAsync(db, step.RunId, cancellationToken), samples, at) with
                {
                    MayCreate = scope.Loud ? await BackfillBook.CountUnknownAsync(db, step.RunId, destination.Name, cancellationToken) : 0,
                };
                return made with
                {
                    Automation = [.. destination.Descriptor.Automation, .. Loudly(destination, made)],
                    CannotBeTakenBack = [.. await IrreversibleAsync(db, destination, made, cancellationToken)],
                };
            },
            at, cancellationToken);
    }

    /// <summary>Finds in the log whom it is about, a part in each transaction. A killed planner begins again.</summary>
    private async Task FindPeopleAsync(Guid runId, FactSelection selection, CancellationToken cancellationToken)
    {
        // A fact is never of a later time than when it came in, but for the producers' clocks.
        var reached = selection.From is { } from ? await transactions.ReadAsync(db => FactLog.FindStartAsync(db, from - FactReading.ClockTolerance, cancellationToken)) : 0;
        for (var before = -1L; reached != before;)
        {
            before = reached;
            reached = await transactions.RunAsync((db, _) => StatedPeople.AddPartAsync(db, runId, selection, OwedAgain.Types, before, cancellationToken), cancellationToken);
        }
    }

    private static PlanChunk Decide(
        Destination destination, BackfillScope scope, IReadOnlyList<PlanCandidate> candidates, long cursor, int partitions, List<BackfillSampleJson> samples)
    {
        var deliveries = new List<PlannedDelivery>(candidates.Count);
        var outcomes = new List<PlannedOutcome>();
        foreach (var candidate in candidates)
        {
            var (decision, fields) = BackfillDecision.For(destination, scope, candidate, partitions);
            if (decision.Operation is not { } operation)
            {
                outcomes.Add(new PlannedOutcome(candidate.ProfileId, decision.Outcome!, decision.Code, Operation.UpsertProfile));
                continue;
            }

            deliveries.Add(new PlannedDelivery(candidate.ProfileId, operation, decision.Partition));
            if (samples.Count < Samples && (candidate.ExternalId ?? candidate.Email) is { Length: > 0 } key)
            {
                samples.Add(new BackfillSampleJson(MaskedKey.Of(key), fields));
            }
        }

        return new PlanChunk { PreviousCursor = cursor, Cursor = candidates[^1].ProfileId, Deliveries = deliveries, Outcomes = outcomes };
    }

    private static BackfillPlan PlanOf(
        Destination destination, BackfillScope scope, IReadOnlyList<ReasonCount> tallies, IReadOnlyList<BackfillSampleJson> samples, DateTimeOffset at)
    {
        var toWrite = BackfillPlan.Pending(tallies);
        var limits = destination.Descriptor.Operations[Operation.UpsertProfile];
        var reads = BackfillPlan.Batches(toWrite, ProfileReader.PeoplePerCall(destination));
        var calls = new BackfillCallsJson(reads, BackfillPlan.Batches(toWrite, limits.MaxRecords) * limits.CallsPerBatch, reads);
        var forecast = BackfillForecast.For(toWrite, calls, destination.Quota.Limits, destination.Descriptor.ProfileEndpoints, RecordRate.Of(scope.Rate), DeliveryWindows.Of(scope.Windows), at);
        return new BackfillPlan
        {
            ToWrite = toWrite,
            Outcomes = BackfillPlan.OutcomesOf(tallies),
            Calls = calls,
            Seconds = forecast is null ? null : Math.Ceiling(forecast.Work.TotalSeconds),
            LimitedBy = forecast?.LimitedBy,
            DoneAt = forecast?.DoneAt,
            Samples = samples,
            CannotBeTakenBack = [],
            Automation = [],
            Scope = scope,
        };
    }

    private static IEnumerable<string> Loudly(Destination destination, BackfillPlan plan) => plan.Scope.Loud
        ? [string.Create(CultureInfo.InvariantCulture, $"It is loud: whom {destination.Descriptor.DisplayName} does not know is created there, up to {plan.MayCreate:N0} people, and whatever starts there for new people or for a written field starts for them.")]
        : [];

    private static async Task<IReadOnlyList<string>> IrreversibleAsync(HubDbContext db, Destination destination, BackfillPlan plan, CancellationToken cancellationToken)
    {
        var sentences = new List<string>
        {
            "What the vendor did because a field changed (see automation) is not taken back.",
            "A field that somebody changes after this run stays as it is then.",
        };
        if (plan.Scope.Loud)
        {
            sentences.Add($"People whom this run creates stay at {destination.Name}; a rollback neither deletes nor empties them.");
        }

        if (plan.Scope.RollsBack is { } of && await BeforeImages.CountCreatedAsync(db, of, destination.Name, cancellationToken) is > 0 and var created)
        {
            sentences.Add(string.Create(CultureInfo.InvariantCulture, $"{created:N0} people whom run {of} created stay at {destination.Name} as they are."));
        }

        return sentences;
    }
}

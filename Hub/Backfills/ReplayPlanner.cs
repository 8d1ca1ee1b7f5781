using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Backfills;

/// <summary>
/// The dry run of a replay of events: reads the log by position to its end at the time of the asking, decides for each event that is chosen, and says what that comes to. A killed planner goes on at the
/// stored position; two planners of one run cannot both write. Asks no vendor.
/// </summary>
internal sealed class ReplayPlanner(
    OutboxTransaction transactions, IPlanStore plans, PlanSeal seal, IOptions<DeliveryOptions> delivery, IOptions<RetentionOptions> retention, TimeProvider time, RunningConfiguration? running = null)
{
    private const int PageSize = 2_000;
    private const int Samples = 5;

    /// <summary>Plans to the end and writes the plan down; null when another planner of the same run is at work.</summary>
    public async Task<BackfillPlanned?> PlanAsync(Destination destination, PlanBackfill step, BackfillScope scope, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var partitions = delivery.Value.Partitions;
        var request = new PlanRequest(step.RunId, destination.Name, "", PlanRequest.Backfill, Lane.Backfill, destination.PlanVersion, partitions);
        var selection = scope.Facts!;
        var filter = new LogFilter(BehaviorTracked.Type, selection.From, selection.To, selection.Until);
        var progress = await transactions.RunAsync(
            async (db, _) =>
            {
                await ConfigurationFence.HoldAsync(db, running?.Version, cancellationToken);
                var opened = await plans.OpenAsync(db, request, cancellationToken);
                await ConfigurationFence.PinAsync(db, step.RunId, running?.Version, cancellationToken);
                await (opened.Completed ? Task.CompletedTask : BackfillBook.FillScopeAsync(db, step.RunId, destination.Name, scope, cancellationToken));
                return opened;
            },
            cancellationToken);
        var (cursor, samples, isOver) = (progress.Cursor, new List<BackfillSampleJson>(), progress.Completed);

        // A fact is never of a later time than when it came in, but for the producers' clocks.
        var start = selection.From is { } from ? await transactions.ReadAsync(db => FactLog.FindStartAsync(db, from - FactReading.ClockTolerance, cancellationToken)) : 0;
        while (!isOver)
        {
            var page = await transactions.ReadAsync(db => FactLog.ReadAsync(db, Math.Max(cursor, start), filter, PageSize, cancellationToken));
            if (page.Next > cursor && !await WriteAsync(destination, step.RunId, scope, page, cursor, partitions, samples, cancellationToken))
            {
                return null;
            }

            (cursor, isOver) = (Math.Max(page.Next, cursor), page.IsLast);
        }

        var totals = await transactions.RunAsync((db, _) => plans.CompleteAsync(db, request, cancellationToken), cancellationToken);
        return await seal.SealAsync(destination.Name, destination.PlanVersion, step, totals.Planned, db => MakeAsync(db, destination, step.RunId, scope, samples, cancellationToken), at, cancellationToken);
    }

    /// <summary>Decides about the events of a page, and writes what that comes to.</summary>
    private async Task<bool> WriteAsync(
        Destination destination, Guid runId, BackfillScope scope, LogPage page, long cursor, int partitions, List<BackfillSampleJson> samples, CancellationToken cancellationToken)
    {
        var (selection, now) = (scope.Facts!, time.GetUtcNow());
        var receiptsSince = await transactions.ReadAsync(db => ReceiptsSinceAsync(db, now, cancellationToken));
        var ofRun = Guid.TryParse(selection.Run, out var named) ? named : (Guid?)null;
        List<(LoggedFact Fact, BehaviorTracked Tracked)> told =
        [
            .. from fact in page.Facts
               where fact.ProfileId is not null
               let tracked = EventOf(fact)
               where tracked is not null && destination.EventOf(tracked.Payload.Name) is not null && selection.Takes(fact.EventType, tracked.Payload.Name, fact.Producer)
               select (fact, tracked),
        ];
        var standings = told.Count == 0
            ? new Dictionary<long, EventStanding>()
            : await transactions.ReadAsync(db => EventReplays.FindStandingsAsync(
                db, runId, destination.Name, ofRun, [.. told.Select(one => new EventOwed(one.Fact.Place.Position, one.Fact.ProfileId!.Value))], cancellationToken));
        var (owed, left) = (new List<EventOwed>(), new List<EventLeft>());
        foreach (var (fact, tracked) in told)
        {
            if (!standings.TryGetValue(fact.Place.Position, out var standing)
                || (scope.NamesPeople && !standing.IsInScope)
                || (selection.Run is not null && !standing.IsOfRun && fact.CorrelationId != selection.Run))
            {
                continue;
            }

            var decision = ReplayDecision.For(destination, standing, tracked.Consent, fact.Place.ReceivedAt, receiptsSince, selection.AllowRepeat);
            if (!decision.IsOwed)
            {
                left.Add(new EventLeft(standing.ProfileId, decision.Outcome!, decision.Code!));
                continue;
            }

            owed.Add(new EventOwed(fact.Place.Position, standing.ProfileId));
            if (samples.Count < Samples && (standing.ExternalId ?? standing.Email) is { Length: > 0 } key)
            {
                samples.Add(new BackfillSampleJson(MaskedKey.Of(key), [tracked.Payload.Name]));
            }
        }

        return await transactions.RunAsync(
            async (db, _) =>
            {
                await ConfigurationFence.HoldAsync(db, running?.Version, cancellationToken);
                return await EventReplays.WriteAsync(db, runId, destination.Name, (cursor, page.Next), owed, left, partitions, now, cancellationToken);
            },
            cancellationToken);
    }

    private async Task<BackfillPlan> MakeAsync(HubDbContext db, Destination destination, Guid runId, BackfillScope scope, IReadOnlyList<BackfillSampleJson> samples, CancellationToken cancellationToken)
    {
        var tallies = await BackfillBook.ReadTalliesAsync(db, runId, cancellationToken);
        var owed = BackfillPlan.Pending(tallies);
        var limits = destination.Descriptor.Operations[Operation.TrackEvent];
        var calls = new BackfillCallsJson(0, BackfillPlan.Batches(owed, limits.MaxRecords) * limits.CallsPerBatch, 0);
        var forecast = BackfillForecast.For(owed, calls, destination.Quota.Limits, [], RecordRate.Of(scope.Rate), DeliveryWindows.Of(scope.Windows), time.GetUtcNow());
        var mayRepeat = limits.RepeatIsHarmless ? 0 : await EventReplays.CountUncertainAsync(db, runId, destination.Name, await ReceiptsSinceAsync(db, time.GetUtcNow(), cancellationToken), cancellationToken);
        string[] told =
        [
            .. from name in destination.EventNames.Order(StringComparer.Ordinal)
               where scope.Facts!.Types is not { } types || types.Contains(BehaviorTracked.Type) || types.Contains(name)
               let representation = destination.EventOf(name)!
               select scope.Loud ? $"{name} is told as {representation.VendorName}: whatever starts by it, starts." : $"{name} is told as {representation.QuietName}{(representation.Flag is { } flag ? $" with {flag}" : "")}.",
        ];
        return new BackfillPlan
        {
            ToWrite = owed,
            Outcomes = BackfillPlan.OutcomesOf(tallies),
            Calls = calls,
            Seconds = forecast is null ? null : Math.Ceiling(forecast.Work.TotalSeconds),
            LimitedBy = forecast?.LimitedBy,
            DoneAt = forecast?.DoneAt,
            Samples = samples,
            CannotBeTakenBack =
            [
                "Events are never taken back: what was told stays told.",
                .. mayRepeat > 0 ? [$"{mayRepeat} of the events may have been told before, and nobody knows any more: {destination.Descriptor.DisplayName} counts those twice."] : Array.Empty<string>(),
            ],
            Automation = [.. told, destination.Descriptor.QuietEvents!.Why],
            Scope = scope,
            MayRepeat = mayRepeat,
            Verification = $"{destination.Descriptor.DisplayName} does not show single events: verified are those that it took by its answers; of which that is not known, are ambiguous and dead letters.",
        };
    }

    /// <summary>Since when no receipt is missing: old ones are deleted, and a restored database lacks those of the time that it lost.</summary>
    private async Task<DateTimeOffset> ReceiptsSinceAsync(HubDbContext db, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var kept = now - retention.Value.EventReceipts;
        return await RestoredDatabase.LastAsync(db, cancellationToken) is { } restored && restored > kept ? restored : kept;
    }

    private static BehaviorTracked? EventOf(LoggedFact fact)
    {
        try
        {
            return JsonSerializer.Deserialize<BehaviorTracked>(fact.BodyJson);
        }
        catch (JsonException)
        {
            return null; // an emptied one, of somebody who was erased
        }
    }
}

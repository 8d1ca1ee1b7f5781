using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;
using IntegrationHub.Storage.Runs;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Backfills;

/// <summary>The dry run of a backfill: decides for everybody, and says what that comes to. Asks no vendor.</summary>
internal sealed class BackfillPlanner(RunPlanner planner, OutboxTransaction transactions, IOptions<DeliveryOptions> options)
{
    private const int Samples = 5;
    private const string Pending = "pending";

    /// <summary>Plans to the end and writes the plan down; null when another planner of the same run is at work.</summary>
    public async Task<BackfillPlanned?> PlanAsync(Destination destination, PlanBackfill step, BackfillScope scope, DateTimeOffset at, CancellationToken cancellationToken)
    {
        var partitions = options.Value.Partitions;
        var request = new PlanRequest(step.RunId, destination.Name, "", PlanRequest.Backfill, Lane.Backfill, destination.PlanVersion, partitions);
        var samples = new List<BackfillSampleJson>();
        var totals = await planner.PlanAsync(
            request,
            db => BackfillBook.FillScopeAsync(db, step.RunId, destination.Name, scope, cancellationToken),
            (candidates, cursor) => Decide(destination, scope, candidates, cursor, partitions, samples),
            cancellationToken);
        if (totals is null)
        {
            return null;
        }

        var plan = await transactions.RunAsync(async (db, _) =>
        {
            // Once it is delivered, the rows tell another story than the plan that was looked at.
            if (await BackfillBook.FindPlanAsync(db, step.RunId, cancellationToken) is { PlanHash: { } known, PlanJson: { } json })
            {
                return (Plan: JsonSerializer.Deserialize<BackfillPlan>(json)!, Hash: known);
            }

            var made = PlanOf(destination, scope, await BackfillBook.ReadTalliesAsync(db, step.RunId, cancellationToken), samples);
            var hash = HashOf(step.RunId, destination, made);
            await BackfillBook.WritePlanAsync(db, step.RunId, JsonSerializer.Serialize(made), destination.PlanVersion, hash, cancellationToken);
            return (Plan: made, Hash: hash);
        }, cancellationToken);
        return new BackfillPlanned { RunId = step.RunId, Planned = totals.Planned, ToWrite = plan.Plan.ToWrite, PlanHash = plan.Hash, At = at };
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

    private static BackfillPlan PlanOf(Destination destination, BackfillScope scope, IReadOnlyList<ReasonCount> tallies, IReadOnlyList<BackfillSampleJson> samples)
    {
        var toWrite = tallies.Where(tally => tally.Outcome == Pending).Sum(tally => tally.Count);
        var limits = destination.Descriptor.Operations[Operation.UpsertProfile];
        var reads = Batches(toWrite, ProfileReader.PeoplePerCall(destination));
        var calls = new BackfillCallsJson(reads, Batches(toWrite, limits.MaxRecords) * limits.CallsPerBatch, reads);
        return new BackfillPlan
        {
            ToWrite = toWrite,
            Outcomes = [.. tallies.Where(tally => tally.Outcome != "planned").Select(tally => new PlannedOutcomeJson(tally.Outcome, tally.Code.Length == 0 ? null : tally.Code, tally.Count))],
            Calls = calls,
            Seconds = PerSecond(destination.Descriptor) is { } pace ? Math.Ceiling((calls.Read + calls.Write + calls.ReadBack) / pace) : null,
            Samples = samples,
            CannotBeTakenBack =
            [
                "What the vendor did because a field changed (see automation) is not taken back.",
                "A field that somebody changes after this run stays as it is then.",
            ],
            Automation = destination.Descriptor.Automation,
            Scope = scope,
        };
    }

    private static long Batches(long records, int size) => (records + size - 1) / size;

    /// <summary>Calls per second by the strictest pace; a day's budget is no pace.</summary>
    private static double? PerSecond(ConnectorDescriptor descriptor) => descriptor.RateLimits
        .Where(limit => limit.Kind != RateWindow.Day)
        .Select(limit => (double?)(limit.Calls / limit.Window.TotalSeconds)).Min();

    /// <summary>The deliveries of a plan are written once and never change: run, scope, counts and the version of mapping and policy name them.</summary>
    private static string HashOf(Guid runId, Destination destination, BackfillPlan plan)
    {
        var text = JsonSerializer.Serialize(new { runId, destination.Name, destination.PlanVersion, plan.ToWrite, plan.Outcomes, plan.Scope });
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..32];
    }
}

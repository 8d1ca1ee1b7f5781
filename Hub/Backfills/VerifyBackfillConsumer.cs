using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Step Verifying of a backfill: reads back, field by field, what the run wrote.</summary>
internal sealed partial class VerifyBackfillConsumer(
    DestinationDirectory destinations, RebuildWorker rebuilds, OutboxTransaction transactions, StepPostponement postponement, TimeProvider time, ILogger<VerifyBackfillConsumer> logger) : IConsumer<VerifyBackfill>
{
    private const int CallsPerPage = 4;

    /// <inheritdoc />
    public async Task Consume(ConsumeContext<VerifyBackfill> context)
    {
        var step = context.Message;
        if ((await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, step.RunId, context.CancellationToken)))?.Scope is { Kind: BackfillKind.Rebuild or BackfillKind.Redeliver } replayed)
        {
            await (replayed.Kind == BackfillKind.Rebuild ? LookAgainAsync(context) : CountReceiptsAsync(context));
            return;
        }

        if (destinations.Find(step.Destination) is not { } destination)
        {
            await context.Publish(
                new BackfillStepFailed
                {
                    RunId = step.RunId, Step = nameof(VerifyBackfill), Code = "destination_unknown", At = time.GetUtcNow(),
                    Detail = $"Add destinations/{step.Destination}.yaml again; the run was delivered but could not be read back.",
                },
                context.CancellationToken);
            return;
        }

        await postponement.TryAsync(context, new VendorStep(step.RunId, nameof(VerifyBackfill), step.Destination, "") { Lane = Lane.Backfill }, async () =>
        {
            await ReadBackAsync(context, destination);
            return true;
        });
    }

    private async Task ReadBackAsync(ConsumeContext<VerifyBackfill> context, Destination destination)
    {
        var step = context.Message;
        var (expected, found, cursor, limit) = (0L, 0L, 0L, ProfileReader.PeoplePerCall(destination) * CallsPerPage);
        while (await transactions.ReadAsync(db => BeforeImages.ReadWrittenAsync(db, step.RunId, destination.Name, cursor, limit, context.CancellationToken)) is { Count: > 0 } people)
        {
            cursor = people[^1].ProfileId;
            var byKey = people.Where(person => destination.KeyOf(person.ExternalId, person.Email) is not null).ToLookup(person => destination.KeyOf(person.ExternalId, person.Email)!);
            string[] fields = [.. people.SelectMany(person => person.AfterHash.Keys).Distinct(StringComparer.Ordinal)];
            var profiles = await ProfileReader.ReadAsync(destination, [.. byKey.Select(key => key.Key).Where(key => ProfileReader.CanBeAskedFor(destination, key))], fields, context.CancellationToken);
            expected += people.Count;
            found += byKey.Sum(key => key.Count(person => profiles[key.Key].Any(profile => IsAsWritten(destination, person, profile))));
        }

        var run = await transactions.ReadAsync(db => BackfillBook.FindAsync(db, step.RunId, context.CancellationToken));
        LogVerified(step.RunId, step.Destination, step.Round, expected, found);
        await context.Publish(
            new BackfillVerified
            {
                RunId = step.RunId, Round = step.Round, Expected = expected, Found = found, Missing = expected - found,
                WithIssues = run is null ? 0 : run.Counts.Rejected + run.Counts.DeadLettered, IsLastRound = step.IsLastRound, At = time.GetUtcNow(),
            },
            context.CancellationToken);
    }

    /// <summary>No vendor shows single events: what it took is what its answers say, and waiting would change nothing about what is in doubt.</summary>
    private async Task CountReceiptsAsync(ConsumeContext<VerifyBackfill> context)
    {
        var step = context.Message;
        var (taken, inDoubt) = await transactions.ReadAsync(db => EventReplays.CountReceiptsAsync(db, step.RunId, context.CancellationToken));
        var run = await transactions.ReadAsync(db => BackfillBook.FindAsync(db, step.RunId, context.CancellationToken));
        LogCounted(step.RunId, step.Destination, taken, inDoubt);
        await context.Publish(
            new BackfillVerified
            {
                RunId = step.RunId, Round = step.Round, Expected = taken + inDoubt, Found = taken, Missing = inDoubt,
                WithIssues = run is null ? 0 : run.Counts.Rejected + run.Counts.DeadLettered, IsLastRound = true, At = time.GetUtcNow(),
            },
            context.CancellationToken);
    }

    private async Task LookAgainAsync(ConsumeContext<VerifyBackfill> context)
    {
        var step = context.Message;
        var (changed, differing) = await rebuilds.LookAgainAsync(step.RunId, context.CancellationToken);
        LogLookedAgain(step.RunId, changed, differing);
        await context.Publish(
            new BackfillVerified { RunId = step.RunId, Round = step.Round, Expected = changed, Found = changed - differing, Missing = differing, WithIssues = 0, IsLastRound = true, At = time.GetUtcNow() },
            context.CancellationToken);
    }

    private static bool IsAsWritten(Destination destination, WrittenPerson person, RemoteProfile profile) => person.AfterHash.All(field =>
        VendorValue.HashOf(VendorValue.Canonical(profile.Fields.GetValueOrDefault(field.Key), destination.KindOf(field.Key), destination.AddsWith(field.Key))) == field.Value);

    [LoggerMessage(2752, LogLevel.Information, "Backfill {RunId}: the state of {Changed} people was changed, of {Differing} the log says something else")]
    private partial void LogLookedAgain(Guid runId, long changed, long differing);

    [LoggerMessage(2751, LogLevel.Information, "Backfill {RunId}: {Destination} took {Taken} events, of {InDoubt} it is not known")]
    private partial void LogCounted(Guid runId, string destination, long taken, long inDoubt);

    [LoggerMessage(2331, LogLevel.Information, "Backfill {RunId}: read back from {Destination}, round {Round}: {Found} of {Expected} people are as written")]
    private partial void LogVerified(Guid runId, string destination, int round, long expected, long found);
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;
using MassTransit;

namespace IntegrationHub.Hub.Verification;

/// <summary>Step Verifying: "completed" means read back from the vendor.</summary>
internal sealed partial class VerifyAudienceSyncConsumer(
    DestinationDirectory destinations,
    MemberReadBack readBack,
    DestinationHealth health,
    OutboxTransaction transactions,
    IRunStore runs,
    TimeProvider time,
    ILogger<VerifyAudienceSyncConsumer> logger) : IConsumer<VerifyAudienceSync>
{
    /// <inheritdoc />
    public async Task Consume(ConsumeContext<VerifyAudienceSync> context)
    {
        var step = context.Message;
        if (destinations.Find(step.Destination) is not { } destination)
        {
            await context.Publish(new AudienceSyncStepFailed
            {
                RunId = step.RunId,
                Step = nameof(VerifyAudienceSync),
                Code = "destination_unknown",
                Detail = $"Add destinations/{step.Destination}.yaml again; the run was delivered but could not be read back.",
                At = time.GetUtcNow(),
            });
            return;
        }

        VerificationTotals? totals;
        try
        {
            totals = await readBack.CompareAsync(destination, step, context.CancellationToken);
        }
        catch (DestinationException trouble)
        {
            // The condition stands in the database; the saga's progress timeout asks again and tells the diagnosis.
            await health.ReportAsync(step.Destination, Lane.Bulk, trouble.Condition, context.CancellationToken);
            throw;
        }

        if (totals is null)
        {
            LogOtherReader(step.RunId, step.Destination);
            return;
        }

        var run = await transactions.ReadAsync(db => runs.FindAsync(db, step.RunId, context.CancellationToken));
        LogVerified(step.RunId, step.Destination, step.Round, totals.Expected, totals.Found, totals.Missing, totals.Unexpected);
        await context.Publish(new AudienceSyncVerified
        {
            RunId = step.RunId,
            Round = step.Round,
            Expected = totals.Expected,
            Found = totals.Found,
            Missing = totals.Missing,
            Unexpected = totals.Unexpected,
            WithIssues = run is null ? 0 : run.Counts.Rejected + run.Counts.DeadLettered,
            At = time.GetUtcNow(),
        });
    }

    [LoggerMessage(1252, LogLevel.Information, "Run {RunId}: another instance reads {Destination} back already")]
    private partial void LogOtherReader(Guid runId, string destination);

    [LoggerMessage(1251, LogLevel.Information, "Run {RunId}: read {Destination} back, round {Round}: expected {Expected}, found {Found}, missing {Missing}, unexpected {Unexpected}")]
    private partial void LogVerified(Guid runId, string destination, int round, long expected, long found, long missing, long unexpected);
}

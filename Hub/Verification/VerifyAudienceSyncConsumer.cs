using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Verification;
using MassTransit;

namespace IntegrationHub.Hub.Verification;

/// <summary>Step Verifying: "completed" means read back from the vendor.</summary>
internal sealed partial class VerifyAudienceSyncConsumer(
    DestinationDirectory destinations,
    MemberReadBack readBack,
    StepPostponement postponement,
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

        if (await readBack.RepeatAsync(step, context.CancellationToken) is { } known)
        {
            LogRepeated(step.RunId, step.Destination, known.Round);
            return;
        }

        if (await postponement.FindAsync(step.RunId, nameof(VerifyAudienceSync), step.Destination, context.CancellationToken) is { } blocked)
        {
            await PostponeAsync(context, blocked);
            return;
        }

        try
        {
            await ReadBackAsync(destination, step, context.CancellationToken);
        }
        catch (DestinationException trouble)
        {
            await PostponeAsync(
                context, await postponement.ReportAsync(step.RunId, nameof(VerifyAudienceSync), step.Destination, trouble.Condition, context.CancellationToken));
        }
    }

    private async Task ReadBackAsync(Destination destination, VerifyAudienceSync step, CancellationToken cancellationToken)
    {
        if (await readBack.VerifyAsync(destination, step, cancellationToken) is { Totals: var totals })
        {
            LogVerified(step.RunId, step.Destination, step.Round, totals.Expected, totals.Found, totals.Missing, totals.Unexpected);
        }
        else
        {
            LogOtherReader(step.RunId, step.Destination);
        }
    }

    private Task PostponeAsync(ConsumeContext<VerifyAudienceSync> context, AudienceSyncStepPostponed answer)
    {
        LogPostponed(answer.RunId, context.Message.Destination, answer.Until);
        return context.Publish(answer, context.CancellationToken);
    }

    [LoggerMessage(1251, LogLevel.Information, "Run {RunId}: read {Destination} back, round {Round}: expected {Expected}, found {Found}, missing {Missing}, unexpected {Unexpected}")]
    private partial void LogVerified(Guid runId, string destination, int round, long expected, long found, long missing, long unexpected);

    [LoggerMessage(1252, LogLevel.Information, "Run {RunId}: another instance reads {Destination} back already")]
    private partial void LogOtherReader(Guid runId, string destination);

    [LoggerMessage(1254, LogLevel.Information, "Run {RunId}: round {Round} of reading {Destination} back was concluded before; its result is said again")]
    private partial void LogRepeated(Guid runId, string destination, int round);

    [LoggerMessage(1255, LogLevel.Information, "Run {RunId}: {Destination} is in trouble, it is read back at {Until:u}")]
    private partial void LogPostponed(Guid runId, string destination, DateTimeOffset until);
}

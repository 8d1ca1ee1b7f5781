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
            await FailAsync(context, "destination_unknown", $"Add destinations/{step.Destination}.yaml again; the run was delivered but could not be read back.");
            return;
        }

        if (await readBack.RepeatAsync(step, context.CancellationToken) is { } known)
        {
            LogRepeated(step.RunId, step.Destination, known.Round);
            return;
        }

        bool? isThere = null;
        await postponement.TryAsync(
            context,
            new VendorStep(step.RunId, nameof(VerifyAudienceSync), step.Destination, step.Audience),
            async () => (isThere = await ReadBackAsync(destination, step, context.CancellationToken)) == true);
        if (isThere == false)
        {
            await FailAsync(
                context,
                ReasonCode.AudienceGone,
                $"Somebody deleted the audience's side at {step.Destination} before it could be read back. Start the next run, it makes another one and brings everybody there again: 'sync start {step.Audience} --destination {step.Destination}'.");
        }
    }

    private Task FailAsync(ConsumeContext<VerifyAudienceSync> context, string code, string detail) => context.Publish(
        new AudienceSyncStepFailed { RunId = context.Message.RunId, Step = nameof(VerifyAudienceSync), Code = code, Detail = detail, At = time.GetUtcNow() },
        context.CancellationToken);

    /// <summary>
    /// True when it was read, null when another instance does. False when the audience's side at the vendor was deleted and is made anew; one that the
    /// configuration gives by id is waited for.
    /// </summary>
    private async Task<bool?> ReadBackAsync(Destination destination, VerifyAudienceSync step, CancellationToken cancellationToken)
    {
        try
        {
            if (await readBack.VerifyAsync(destination, step, cancellationToken) is not { Totals: var totals })
            {
                LogOtherReader(step.RunId, step.Destination);
                return null;
            }

            LogVerified(step.RunId, step.Destination, step.Round, totals.Expected, totals.Found, totals.Missing, totals.Unexpected, totals.Differing, totals.FieldsRead);
            return true;
        }
        catch (DestinationException trouble) when (trouble.Condition.Code == ReasonCode.AudienceGone && destination.AudienceRequest(step.Audience).RemoteId is null)
        {
            return false;
        }
    }

    [LoggerMessage(1251, LogLevel.Information, "Run {RunId}: read {Destination} back, round {Round}: expected {Expected}, found {Found}, missing {Missing}, unexpected {Unexpected}, in {Differing} of {FieldsRead} people a field is not as written")]
    private partial void LogVerified(Guid runId, string destination, int round, long expected, long found, long missing, long unexpected, long differing, long fieldsRead);

    [LoggerMessage(1252, LogLevel.Information, "Run {RunId}: another instance reads {Destination} back already")]
    private partial void LogOtherReader(Guid runId, string destination);

    [LoggerMessage(1254, LogLevel.Information, "Run {RunId}: round {Round} of reading {Destination} back was concluded before; its result is said again")]
    private partial void LogRepeated(Guid runId, string destination, int round);
}

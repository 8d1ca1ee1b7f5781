using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Work of a step that needs the vendor. While the vendor is in trouble the step waits outside of the endpoint: the trouble is written to the
/// destination's condition and the run is told when to ask again. Nothing is retried on a place that other runs need.
/// </summary>
internal sealed partial class StepPostponement(DestinationHealth health, TimeProvider time, ILogger<StepPostponement> logger)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);

    /// <summary>Does the work when the destination may be asked, and tells the run when to ask again where it could not be done.</summary>
    /// <param name="context">Where the run is told.</param>
    /// <param name="step">The step.</param>
    /// <param name="work">The work; true when the vendor answered well.</param>
    /// <returns>False when the step was postponed.</returns>
    public async Task<bool> TryAsync(ConsumeContext context, VendorStep step, Func<Task<bool>> work)
    {
        await using var pass = await health.EnterAsync(step.Destination, step.Lane, step.Audience, context.CancellationToken);
        if (pass.Block is { } block)
        {
            await PostponeAsync(context, step, block.ProbeUntil > block.Until ? block.ProbeUntil.Value : block.Until);
            return false;
        }

        try
        {
            if (await work())
            {
                await health.RecoverAsync(pass, context.CancellationToken);
            }

            return true;
        }
        catch (DestinationException trouble)
        {
            await PostponeAsync(context, step, await ReportAsync(step.Destination, step.Lane, trouble.Condition, pass, context.CancellationToken));
            return false;
        }
    }

    /// <summary>When to ask again.</summary>
    private async Task<DateTimeOffset> ReportAsync(string destination, string lane, DestinationCondition condition, HealthPass pass, CancellationToken cancellationToken)
    {
        if (health.WaitOfWorkAlone(condition) is { } wait)
        {
            return time.GetUtcNow() + wait;
        }

        await health.ReportAsync(destination, lane, condition, pass, cancellationToken);
        return (await health.FindBlockAsync(destination, lane, cancellationToken))?.Until ?? time.GetUtcNow() + (condition.RetryAfter ?? _shortest);
    }

    /// <summary>Has the run ask for the step again, at a second from now at the earliest.</summary>
    public Task PostponeAsync(ConsumeContext context, VendorStep step, DateTimeOffset asked)
    {
        var now = time.GetUtcNow();
        var until = asked > now + _shortest ? asked : now + _shortest;
        LogPostponed(step.RunId, step.Name, step.Destination, until);
        return step.Lane == Lane.Backfill
            ? context.Publish(new BackfillStepPostponed { RunId = step.RunId, Step = step.Name, Until = until, At = now }, context.CancellationToken)
            : context.Publish(new AudienceSyncStepPostponed { RunId = step.RunId, Step = step.Name, Until = until, At = now }, context.CancellationToken);
    }

    [LoggerMessage(1214, LogLevel.Information, "Run {RunId}: {Step} needs {Destination}, which is in trouble or has given what it may today; it is tried again at {Until:u}")]
    private partial void LogPostponed(Guid runId, string step, string destination, DateTimeOffset until);
}

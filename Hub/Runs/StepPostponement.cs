using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Runs;

/// <summary>
/// Work of a step that needs the vendor. While the vendor is in trouble the step waits outside of the endpoint: the trouble is written to the
/// destination's condition and the run is told when to ask again. Nothing is retried on a place that other runs need.
/// </summary>
internal sealed class StepPostponement(DestinationHealth health, TimeProvider time)
{
    private static readonly TimeSpan _shortest = TimeSpan.FromSeconds(1);

    /// <summary>Does the work when the destination may be asked.</summary>
    /// <param name="runId">The run.</param>
    /// <param name="step">Name of its command.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="audience">Key of the audience that the work is about.</param>
    /// <param name="work">The work; true when the vendor answered well.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What to answer when it could not be done; null when it was.</returns>
    public async Task<AudienceSyncStepPostponed?> TryAsync(
        Guid runId, string step, string destination, string audience, Func<Task<bool>> work, CancellationToken cancellationToken)
    {
        await using var pass = await health.EnterAsync(destination, Lane.Bulk, audience, cancellationToken);
        if (pass.Block is { } block)
        {
            return Postponed(runId, step, block.ProbeUntil > block.Until ? block.ProbeUntil.Value : block.Until);
        }

        try
        {
            if (await work())
            {
                await health.RecoverAsync(pass, cancellationToken);
            }

            return null;
        }
        catch (DestinationException trouble)
        {
            return Postponed(runId, step, await ReportAsync(destination, trouble.Condition, pass, cancellationToken));
        }
    }

    /// <summary>When to ask again.</summary>
    private async Task<DateTimeOffset> ReportAsync(string destination, DestinationCondition condition, HealthPass pass, CancellationToken cancellationToken)
    {
        if (health.WaitOfWorkAlone(condition) is { } wait)
        {
            return time.GetUtcNow() + wait;
        }

        await health.ReportAsync(destination, Lane.Bulk, condition, pass, cancellationToken);
        return (await health.FindBlockAsync(destination, Lane.Bulk, cancellationToken))?.Until ?? time.GetUtcNow() + (condition.RetryAfter ?? _shortest);
    }

    private AudienceSyncStepPostponed Postponed(Guid runId, string step, DateTimeOffset until)
    {
        var now = time.GetUtcNow();
        return new AudienceSyncStepPostponed { RunId = runId, Step = step, Until = until > now + _shortest ? until : now + _shortest, At = now };
    }
}

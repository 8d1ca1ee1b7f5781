using MassTransit;

namespace IntegrationHub.Sagas.Runs;

/// <summary>What a machine of runs schedules for itself, and how patient it is. Its messages sleep in the scheduler across deployments, so each machine keeps its own.</summary>
/// <param name="Clock">The only clock of the machine.</param>
/// <param name="Patience">How patient a run is.</param>
/// <param name="Progress">The look whether the run still moves.</param>
/// <param name="Verification">The pause before the destination is asked again.</param>
/// <param name="Look">The message of the look at a run.</param>
/// <param name="Delay">The message of the pause of a run.</param>
internal sealed record RunTimeouts<TRun, TLook, TDelay>(
    TimeProvider Clock, RunOptions Patience, Schedule<TRun, TLook> Progress, Schedule<TRun, TDelay> Verification, Func<Guid, TLook> Look, Func<Guid, TDelay> Delay)
    where TRun : RunRow
    where TLook : class
    where TDelay : class
{
    public TLook LookAt(TRun run) => Look(run.CorrelationId);

    public TDelay DelayOf(TRun run) => Delay(run.CorrelationId);

    public DateTime NextLook(TRun run) => run.NextLook(Clock, Patience);
}

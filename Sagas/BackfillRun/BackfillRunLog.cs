using MassTransit;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>One line per step of a run.</summary>
internal sealed partial class BackfillRunLog(ILogger<BackfillRunLog> logger) : IStateObserver<BackfillRunState>
{
    public Task StateChanged(BehaviorContext<BackfillRunState> context, State currentState, State previousState)
    {
        var run = context.Saga;
        if (previousState is null)
        {
            return Task.CompletedTask; // the framework's first step, before the request is known
        }

        if (run.FailureCode is null)
        {
            Log.Moved(logger, run.CorrelationId, run.Kind, run.Destination, previousState.Name, currentState.Name, run.Planned, run.ToWrite, run.Missing);
        }
        else
        {
            Log.Failing(logger, run.CorrelationId, run.Kind, run.Destination, previousState.Name, currentState.Name, run.FailureCode);
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(2301, LogLevel.Information,
            "Backfill {RunId} ({Kind}) at {Destination} went from {From} to {To}; planned {Planned}, to write {ToWrite}, missing {Missing}")]
        public static partial void Moved(
            ILogger logger, Guid runId, string kind, string destination, string from, string to, long? planned, long? toWrite, long? missing);

        [LoggerMessage(2302, LogLevel.Warning, "Backfill {RunId} ({Kind}) at {Destination} went from {From} to {To} because of {FailureCode}")]
        public static partial void Failing(
            ILogger logger, Guid runId, string kind, string destination, string from, string to, string failureCode);
    }
}

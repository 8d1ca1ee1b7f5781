using MassTransit;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>One line per step of a run.</summary>
internal sealed partial class AudienceSyncLog(ILogger<AudienceSyncLog> logger) : IStateObserver<AudienceSyncState>
{
    public Task StateChanged(BehaviorContext<AudienceSyncState> context, State currentState, State previousState)
    {
        var run = context.Saga;
        if (previousState is null)
        {
            return Task.CompletedTask; // the framework's first step, before the request is known
        }

        if (run.FailureCode is null)
        {
            Log.Moved(logger, run.CorrelationId, run.Audience, run.Destination, previousState.Name, currentState.Name, run.Planned, run.ToAdd, run.ToRemove, run.Missing);
        }
        else
        {
            Log.Failing(logger, run.CorrelationId, run.Audience, run.Destination, previousState.Name, currentState.Name, run.FailureCode);
        }

        return Task.CompletedTask;
    }

    private static partial class Log
    {
        [LoggerMessage(2001, LogLevel.Information,
            "Run {RunId} of audience {Audience} to {Destination} went from {From} to {To}; planned {Planned}, to add {ToAdd}, to remove {ToRemove}, missing {Missing}")]
        public static partial void Moved(
            ILogger logger, Guid runId, string audience, string destination, string from, string to, long? planned, long? toAdd, long? toRemove, long? missing);

        [LoggerMessage(2002, LogLevel.Warning, "Run {RunId} of audience {Audience} to {Destination} went from {From} to {To} because of {FailureCode}")]
        public static partial void Failing(
            ILogger logger, Guid runId, string audience, string destination, string from, string to, string failureCode);
    }
}

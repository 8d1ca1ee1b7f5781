using MassTransit;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Sagas.Erasure;

/// <summary>One line per step of an erasure.</summary>
internal sealed partial class ErasureLog(ILogger<ErasureLog> logger) : IStateObserver<ErasureState>
{
    public Task StateChanged(BehaviorContext<ErasureState> context, State currentState, State previousState)
    {
        if (previousState is not null)
        {
            LogMoved(context.Saga.CorrelationId, context.Saga.Law, previousState.Name, currentState.Name, context.Saga.Deadline);
        }

        return Task.CompletedTask;
    }

    [LoggerMessage(2201, LogLevel.Information, "Erasure {RequestId} ({Law}) went from {From} to {To}; its deadline is {Deadline:u}")]
    private partial void LogMoved(Guid requestId, string law, string from, string to, DateTimeOffset deadline);
}

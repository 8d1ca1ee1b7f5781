using System.Data.Common;
using MassTransit;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Sagas;

/// <summary>How the endpoint of a saga is set up: what is tried again, and in which order messages are taken.</summary>
/// <typeparam name="TState">The row.</typeparam>
public abstract class HubSagaDefinition<TState> : SagaDefinition<TState>
    where TState : class, SagaStateMachineInstance
{
    // Two processes may hold messages of one instance, and where rows are versioned rather than locked one of them loses. A repeat is a new
    // transaction of a few milliseconds; k contenders need k - 1 of them, and processes are few.
    private const int ClashRetries = 20;

    private const string UniqueViolation = "23505";

    // A database that fails over or restarts is back within minutes. Until then the message waits here instead of in the error queue.
    private static readonly int[] _outageSeconds = [1, 2, 5, 10, 15, 30, 30, 30, 30, 30, 60, 60];

    private readonly int _partitions;

    /// <summary>Names the endpoint.</summary>
    /// <param name="endpoint">Its queue: a name that stays.</param>
    /// <param name="partitions">As many instances as one process moves at once. A message takes a few milliseconds and one connection of the pool.</param>
    private protected HubSagaDefinition(string endpoint, int partitions)
    {
        _partitions = partitions;
        Endpoint(e => e.Name = endpoint);

        // Enough to keep every partition busy while one instance has a burst of progress.
        ConcurrentMessageLimit = partitions * 2;
    }

    /// <inheritdoc />
    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<TState> sagaConfigurator, IRegistrationContext context)
    {
        // Outside the outbox, so that every repeat gets a new scope, DbContext and transaction. Other errors go to the error queue at once:
        // the machine does no I/O, so what fails once fails always.
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(MayPass);
            retry.Intervals(
            [
                .. Enumerable.Range(1, ClashRetries).Select(n => TimeSpan.FromMilliseconds(Math.Min(5 * n, 50))),
                .. _outageSeconds.Select(seconds => TimeSpan.FromSeconds(seconds)),
            ]);
        });
        var machine = (HubStateMachine<TState>)context.GetRequiredService<SagaStateMachine<TState>>();
        machine.KeepInOrder(endpointConfigurator, endpointConfigurator.CreatePartitioner(_partitions));
    }

    /// <summary>A clash of row versions, two first messages of one instance, a deadlock, or a database that is away.</summary>
    private static bool MayPass(Exception? exception) => exception is not null
        && (exception is DbUpdateConcurrencyException
            or DbException { IsTransient: true }
            or DbException { SqlState: UniqueViolation }
            || MayPass(exception.InnerException));
}

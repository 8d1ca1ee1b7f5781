using System.Data.Common;
using IntegrationHub.Sagas.Erasure.Messages;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Sagas.Erasure;

/// <summary>How the endpoint of the erasures is set up.</summary>
public sealed class ErasureDefinition : SagaDefinition<ErasureState>
{
    private const int Partitions = 4;
    private const string UniqueViolation = "23505";

    /// <summary>Clashes of two instances are over in milliseconds, an outage of the database in minutes.</summary>
    private static readonly double[] _pauses = [0.01, 0.02, 0.05, 0.05, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 30, 30, 60, 60];

    /// <summary>Names the endpoint.</summary>
    public ErasureDefinition()
    {
        Endpoint(endpoint => endpoint.Name = "erasure");
        ConcurrentMessageLimit = Partitions * 2;
    }

    /// <inheritdoc />
    protected override void ConfigureSaga(IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<ErasureState> sagaConfigurator, IRegistrationContext context)
    {
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(MayPass);
            retry.Intervals([.. _pauses.Select(TimeSpan.FromSeconds)]);
        });

        // Messages of one erasure wait for each other here rather than clash in the database.
        var partitions = endpointConfigurator.CreatePartitioner(Partitions);
        Partition<RequestErasure>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<ApproveErasure>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<RefuseErasure>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<PersonSuppressed>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<DestinationsErased>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<OwnTablesErased>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<DestinationsRechecked>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<ErasureStepPostponed>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<ErasureLookElapsed>(endpointConfigurator, partitions, message => message.RequestId);
        Partition<ErasureHalfTimeElapsed>(endpointConfigurator, partitions, message => message.RequestId);
    }

    private static bool MayPass(Exception? exception) => exception is not null
        && (exception is DbUpdateConcurrencyException or DbException { IsTransient: true } or DbException { SqlState: UniqueViolation } || MayPass(exception.InnerException));

    private static void Partition<T>(IConsumePipeConfigurator endpoint, IPartitioner partitions, Func<T, Guid> requestId)
        where T : class => endpoint.UsePartitioner<T>(partitions, context => requestId(context.Message));
}

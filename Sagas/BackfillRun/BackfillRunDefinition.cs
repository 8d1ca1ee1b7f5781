using System.Data.Common;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun.Messages;
using MassTransit;
using MassTransit.Middleware;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Sagas.BackfillRun;

/// <summary>How the endpoint of the runs is set up.</summary>
public sealed class BackfillRunDefinition : SagaDefinition<BackfillRunState>
{
    // As many runs as one instance moves at once. A message takes a few milliseconds and one connection of the pool; runs are few.
    private const int Partitions = 8;

    // Two instances may hold messages of one run, and where rows are versioned rather than locked one of them loses. A repeat is a new
    // transaction of a few milliseconds; k contenders need k - 1 of them, and instances are few.
    private const int ClashRetries = 20;

    private const string UniqueViolation = "23505";

    // A database that fails over or restarts is back within minutes. Until then the message waits here instead of in the error queue.
    private static readonly int[] OutageSeconds = [1, 2, 5, 10, 15, 30, 30, 30, 30, 30, 60, 60];

    /// <summary>Names the endpoint.</summary>
    public BackfillRunDefinition()
    {
        Endpoint(endpoint => endpoint.Name = "backfill-run");

        // Enough to keep every partition busy while one run has a burst of progress.
        ConcurrentMessageLimit = Partitions * 2;
    }

    /// <inheritdoc />
    protected override void ConfigureSaga(
        IReceiveEndpointConfigurator endpointConfigurator, ISagaConfigurator<BackfillRunState> sagaConfigurator, IRegistrationContext context)
    {
        // Outside the outbox, so that every repeat gets a new scope, DbContext and transaction. Other errors go to the error queue at once:
        // the machine does no I/O, so what fails once fails always.
        endpointConfigurator.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(MayPass);
            retry.Intervals(
            [
                .. Enumerable.Range(1, ClashRetries).Select(n => TimeSpan.FromMilliseconds(Math.Min(5 * n, 50))),
                .. OutageSeconds.Select(seconds => TimeSpan.FromSeconds(seconds)),
            ]);
        });

        // Messages of one run wait for each other here rather than clash in the database.
        var partitions = endpointConfigurator.CreatePartitioner(Partitions);
        Partition<StartBackfill>(endpointConfigurator, partitions, message => message.RunId);
        Partition<ApproveBackfill>(endpointConfigurator, partitions, message => message.RunId);
        Partition<PauseBackfill>(endpointConfigurator, partitions, message => message.RunId);
        Partition<ResumeBackfill>(endpointConfigurator, partitions, message => message.RunId);
        Partition<CancelBackfill>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillPlanned>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillProgressed>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillDelivered>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillVerified>(endpointConfigurator, partitions, message => message.RunId);
        Partition<DeliveriesCanceled>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillStepFailed>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillDiagnosed>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillStepPostponed>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillRollbackBegan>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillRollbackEnded>(endpointConfigurator, partitions, message => message.RunId);
        Partition<RemindBackfill>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillProgressTimeoutElapsed>(endpointConfigurator, partitions, message => message.RunId);
        Partition<BackfillVerificationDelayElapsed>(endpointConfigurator, partitions, message => message.RunId);
    }

    /// <summary>A clash of row versions, two first messages of one run, a deadlock, or a database that is away.</summary>
    private static bool MayPass(Exception? exception) => exception is not null
        && (exception is DbUpdateConcurrencyException
            or DbException { IsTransient: true }
            or DbException { SqlState: UniqueViolation }
            || MayPass(exception.InnerException));

    private static void Partition<T>(IConsumePipeConfigurator endpoint, IPartitioner partitions, Func<T, Guid> runId)
        where T : class => endpoint.UsePartitioner<T>(partitions, context => runId(context.Message));
}

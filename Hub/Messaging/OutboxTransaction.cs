using IntegrationHub.Hub.Reads;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Reads;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Messaging;

/// <summary>
/// Work in one database transaction whose messages leave through the bus outbox: they go out if, and only if, it commits.
/// </summary>
internal sealed class OutboxTransaction(IServiceScopeFactory scopes)
{
    /// <summary>Runs the work and commits; when it throws nothing is written and nothing is sent.</summary>
    /// <param name="work">Gets the context with its open transaction and the endpoint to publish on. Returns its result and whether to commit.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public async Task<T> RunAsync<T>(Func<HubDbContext, IPublishEndpoint, Task<(T Result, bool Commit)>> work, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        using var turn = await SqliteWriter.EnterAsync(db, cancellationToken);
        await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
        var (hadAudited, willStand) = (AuditWatch.HasSeen, false);
        try
        {
            var (result, commit) = await work(db, scope.ServiceProvider.GetRequiredService<IPublishEndpoint>());
            if (commit)
            {
                await db.SaveChangesAsync(cancellationToken);
                willStand = true; // also when the answer to the commit is lost
                await transaction.CommitAsync(cancellationToken);
            }

            return result;
        }
        finally
        {
            if (!willStand)
            {
                AuditWatch.TakeBack(hadAudited);
            }
        }
    }

    /// <summary>As the other one, always commits.</summary>
    public Task<T> RunAsync<T>(Func<HubDbContext, IPublishEndpoint, Task<T>> work, CancellationToken cancellationToken) =>
        RunAsync<T>(async (db, bus) => (await work(db, bus), true), cancellationToken);

    /// <summary>As the other one, without a result.</summary>
    public Task RunAsync(Func<HubDbContext, IPublishEndpoint, Task> work, CancellationToken cancellationToken) =>
        RunAsync(async (db, bus) =>
        {
            await work(db, bus);
            return (true, true);
        }, cancellationToken);

    /// <summary>Reads without a transaction; within a call that only looks (<see cref="Looking"/>) on the connections for that, and within another such read on its connection: one after the other, never side by side.</summary>
    /// <exception cref="ReadOverBudgetException">The call only looks, and the database would work on it for too long.</exception>
    public async Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read)
    {
        if (Looking.IsOn && Looking.Open is { } open)
        {
            return await read(open);
        }

        await using var scope = scopes.CreateAsyncScope();
        if (Looking.IsOn)
        {
            return await scope.ServiceProvider.GetRequiredService<IReadPool>().ReadAsync(db => Looking.WithinAsync(db, read));
        }

        return await read(scope.ServiceProvider.GetRequiredService<HubDbContext>());
    }
}

using System.Data;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>A transaction on a context; not committed means rolled back.</summary>
internal sealed class UnitOfWork : IAsyncDisposable
{
    private readonly IDbContextTransaction _transaction;
    private readonly IDisposable? _turn;

    private UnitOfWork(IDbContextTransaction transaction, IDisposable? turn)
    {
        _transaction = transaction;
        _turn = turn;
    }

    public static async Task<UnitOfWork> BeginAsync(DbContext dbContext, SqlDialect dialect, IsolationLevel isolationLevel,
        CancellationToken cancellationToken)
    {
        var turn = await dialect.EnterAsync(dbContext.Database.GetDbConnection(), cancellationToken);
        try
        {
            // A savepoint around every SaveChanges costs two round trips and helps nobody: a failure ends the transaction.
            dbContext.Database.AutoSavepointsEnabled = false;
            return new UnitOfWork(await dbContext.Database.BeginTransactionAsync(isolationLevel, cancellationToken), turn);
        }
        catch
        {
            turn?.Dispose();
            throw;
        }
    }

    public Task CommitAsync(CancellationToken cancellationToken) => _transaction.CommitAsync(cancellationToken);

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _transaction.DisposeAsync();
        }
        finally
        {
            _turn?.Dispose();
        }
    }
}

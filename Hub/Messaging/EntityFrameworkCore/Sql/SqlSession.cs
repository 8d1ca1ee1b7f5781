using System.Data;
using System.Data.Common;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;

namespace MassTransit.EntityFrameworkCoreIntegration.Sql;

/// <summary>Runs plain statements on the connection, and in the transaction, of a context.</summary>
internal readonly struct SqlSession(DbContext dbContext, SqlDialect dialect)
{
    private DbConnection Connection => dbContext.Database.GetDbConnection();

    private DbTransaction? Transaction => dbContext.Database.CurrentTransaction?.GetDbTransaction();

    public async Task<T> QueryAsync<T>(Statement statement, Func<DbDataReader, CancellationToken, Task<T>> read, CancellationToken cancellationToken)
    {
        await dbContext.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = CreateCommand(statement);
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            return await read(reader, cancellationToken);
        }
        finally
        {
            await dbContext.Database.CloseConnectionAsync();
        }
    }

    public async Task<int> ExecuteAsync(Statement statement, CancellationToken cancellationToken)
    {
        await dbContext.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var command = CreateCommand(statement);
            return await command.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            await dbContext.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Runs the statements in order, in one round trip where the driver can.</summary>
    public async Task ExecuteAsync(IReadOnlyList<Statement> statements, CancellationToken cancellationToken)
    {
        if (statements.Count == 0)
            return;
        if (statements.Count == 1 || !Connection.CanCreateBatch)
        {
            foreach (var statement in statements)
                await ExecuteAsync(statement, cancellationToken);
            return;
        }

        await dbContext.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var batch = CreateBatch(statements);
            await batch.ExecuteNonQueryAsync(cancellationToken);
        }
        finally
        {
            await dbContext.Database.CloseConnectionAsync();
        }
    }

    /// <summary>Runs two statements, of which both return rows, in one round trip, and says whether the second returned any.</summary>
    public async Task<bool> AnyAfterAsync(Statement first, Statement second, CancellationToken cancellationToken)
    {
        await dbContext.Database.OpenConnectionAsync(cancellationToken);
        try
        {
            await using var batch = CreateBatch([first, second]);
            await using var reader = await batch.ExecuteReaderAsync(cancellationToken);
            await reader.NextResultAsync(cancellationToken);
            return await reader.ReadAsync(cancellationToken);
        }
        finally
        {
            await dbContext.Database.CloseConnectionAsync();
        }
    }

    private DbBatch CreateBatch(IReadOnlyList<Statement> statements)
    {
        var batch = Connection.CreateBatch();
        batch.Transaction = Transaction;
        foreach (var statement in statements)
        {
            var command = batch.CreateBatchCommand();
            command.CommandText = statement.Text;
            for (var i = 0; i < statement.Arguments.Length; i++)
                dialect.Bind(command.Parameters, command.CreateParameter(), statement.Arguments[i], i + 1);
            batch.BatchCommands.Add(command);
        }

        return batch;
    }

    private DbCommand CreateCommand(Statement statement)
    {
        var command = Connection.CreateCommand();
        command.Transaction = Transaction;
#pragma warning disable CA2100 // The text is built from the model's names; values are arguments.
        command.CommandText = statement.Text;
#pragma warning restore CA2100
        for (var i = 0; i < statement.Arguments.Length; i++)
            dialect.Bind(command.Parameters, command.CreateParameter(), statement.Arguments[i], i + 1);
        return command;
    }
}

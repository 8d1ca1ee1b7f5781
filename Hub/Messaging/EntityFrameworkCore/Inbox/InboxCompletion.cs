using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using MassTransit.EntityFrameworkCoreIntegration.Outbox;
using MassTransit.EntityFrameworkCoreIntegration.Sql;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>Marks consumptions as delivered and removes their sent messages, many at a time.</summary>
internal sealed partial class InboxCompletion<TDbContext>(IServiceScopeFactory scopes, InboxLedger<TDbContext> ledger, TimeProvider clock,
    IOptions<OutboxOptions<TDbContext>> options, ILogger<InboxCompletion<TDbContext>> logger) : BackgroundService
    where TDbContext : DbContext
{
    private const int BatchSize = 1000;

    // Lets a batch fill up; a crash within it only sends messages again that the receivers' inboxes know.
    private static readonly TimeSpan _gather = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _firstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan _longestPause = TimeSpan.FromSeconds(10);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Yield();
        var backoff = new Backoff(_firstPause, _longestPause);
        var batch = new List<SentConsumption>();
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (batch.Count == 0)
                {
                    await ledger.Sent.WaitToReadAsync(stoppingToken);
                    await Task.Delay(_gather, clock, stoppingToken);
                    Fill(batch);
                }

                await WriteAsync(batch, stoppingToken);
                backoff.Succeeded();
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                break;
            }
#pragma warning disable CA1031 // The loop must outlive every failure of the database.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                var pause = backoff.Failed();
                Log.Failed(logger, exception, batch.Count, pause);
                await Task.Delay(pause, clock, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>Writes what is left, so that a clean stop leaves clean tables.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        var rest = new List<SentConsumption>();
        Fill(rest);
        if (rest.Count == 0)
            return;

        try
        {
            await WriteAsync(rest, cancellationToken);
        }
#pragma warning disable CA1031 // The next process' sweeper does it.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Failed(logger, exception, rest.Count, TimeSpan.Zero);
        }
    }

    private void Fill(List<SentConsumption> batch)
    {
        while (batch.Count < BatchSize && ledger.Sent.TryRead(out var consumption))
            batch.Add(consumption);
    }

    private async Task WriteAsync(List<SentConsumption> batch, CancellationToken cancellationToken)
    {
        await using var scope = scopes.CreateAsyncScope();
        var dbContext = scope.ServiceProvider.GetRequiredService<TDbContext>();
        var dialect = options.Value.Dialect;
        var sql = OutboxSql.For(dbContext, dialect);
        var statements = new List<Statement>();
        if (dialect.RelaxDurability is { } relax)
            statements.Add(relax);
        var sequenceNumbers = batch.SelectMany(x => x.SequenceNumbers).ToArray();
        if (sequenceNumbers.Length > 0)
            statements.Add(sql.DeleteMessages(sequenceNumbers));
        statements.Add(sql.SetDelivered([.. batch.Select(x => x.InboxId)], clock.GetUtcNow().UtcDateTime));

        await using var work = await UnitOfWork.BeginAsync(dbContext, dialect, options.Value.IsolationLevel, cancellationToken);
        await new SqlSession(dbContext, dialect).ExecuteAsync(statements, cancellationToken);
        await work.CommitAsync(cancellationToken);
        ledger.Forget(batch);
        batch.Clear();
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Count} consumptions could not be marked as delivered, trying again in {Pause}")]
        public static partial void Failed(ILogger logger, Exception exception, int count, TimeSpan pause);
    }
}

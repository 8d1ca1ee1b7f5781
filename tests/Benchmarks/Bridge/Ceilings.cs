using System.Diagnostics;
using Npgsql;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Bridge;

/// <summary>What broker and database give without anything of ours in between.</summary>
internal static class Ceilings
{
    private const int BodyBytes = 1024;

    /// <summary>Persistent messages per second, each confirmed, with so many unconfirmed at a time.</summary>
    public static async Task<double> PublishAsync(Uri broker, string queueType, int messages, int inFlight)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var limiter = new System.Threading.RateLimiting.ConcurrencyLimiter(new() { PermitLimit = inFlight, QueueLimit = int.MaxValue });
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true, limiter));
        var queue = $"raw-{queueType}-{inFlight}";
        await channel.QueueDeclareAsync(queue, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = queueType });
        var body = new byte[BodyBytes];
        var properties = new BasicProperties { Persistent = true };
        var watch = Stopwatch.StartNew();
        if (inFlight == 1)
        {
            for (var i = 0; i < messages; i++)
                await channel.BasicPublishAsync("", queue, false, properties, body);
        }
        else
        {
            var pending = new List<Task>(messages);
            for (var i = 0; i < messages; i++)
                pending.Add(channel.BasicPublishAsync("", queue, false, properties, body).AsTask());
            await Task.WhenAll(pending);
        }

        var rate = messages / watch.Elapsed.TotalSeconds;
        await channel.QueueDeleteAsync(queue);
        return rate;
    }

    /// <summary>Single-row inserts per second, each in a transaction of its own.</summary>
    public static async Task<double> InsertAsync(string postgres, int rows, int connections)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres) { MaxAutoPrepare = 20 }.ConnectionString);
        await using (var create = source.CreateCommand("CREATE TABLE IF NOT EXISTS raw_insert (id bigserial PRIMARY KEY, body text NOT NULL)"))
            await create.ExecuteNonQueryAsync();
        var body = new string('x', BodyBytes);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            await using var connection = await source.OpenConnectionAsync();
            for (var i = 0; i < rows / connections; i++)
            {
                await using var insert = new NpgsqlCommand("INSERT INTO raw_insert (body) VALUES ($1)", connection) { Parameters = { new() { Value = body } } };
                await insert.ExecuteNonQueryAsync();
            }
        }));
        return rows / watch.Elapsed.TotalSeconds;
    }

    /// <summary>Rows per second taken off the table of <see cref="InsertAsync"/>, locked rows passed by.</summary>
    public static async Task<double> DequeueAsync(string postgres, int batch)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        var watch = Stopwatch.StartNew();
        var rows = 0;
        int taken;
        do
        {
            await using var dequeue = source.CreateCommand($"DELETE FROM raw_insert WHERE id IN (SELECT id FROM raw_insert ORDER BY id LIMIT {batch} FOR UPDATE SKIP LOCKED)");
            taken = await dequeue.ExecuteNonQueryAsync();
            rows += taken;
        }
        while (taken > 0);
        return rows / watch.Elapsed.TotalSeconds;
    }
}

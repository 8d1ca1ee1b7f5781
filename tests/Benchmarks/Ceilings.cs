using System.Diagnostics;
using MassTransit;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks;

/// <summary>What broker and database give without anything of ours in between.</summary>
internal static class Ceilings
{
    private const int BodyBytes = 1024;
    private const int Rows = 100_000;

    /// <summary>All of them, by name, per second.</summary>
    public static async Task<Dictionary<string, double>> MeasureAsync(string postgres, Uri broker)
    {
        ScenarioOptions.Progress("raw broker and database ...");
        var ceilings = new Dictionary<string, double>();
        foreach (var type in (string[])["classic", "quorum"])
        {
            await PublishAsync(broker, type, 2_000, 100);
            ceilings[$"raw_publish_{type}_one_by_one_per_s"] = await PublishAsync(broker, type, 2_000, 1);
            ceilings[$"raw_publish_{type}_100_in_flight_per_s"] = await PublishAsync(broker, type, 20_000, 100);
            ceilings[$"raw_publish_{type}_1000_in_flight_per_s"] = await PublishAsync(broker, type, 20_000, 1000);
        }

        await InsertAsync(postgres, 1_000, 4);
        ceilings["raw_insert_commits_1_connection_per_s"] = await InsertAsync(postgres, 4_000, 1);
        ceilings["raw_insert_commits_16_connections_per_s"] = await InsertAsync(postgres, 16_000, 16);
        ceilings["raw_dequeue_batch_500_rows_per_s"] = await DequeueAsync(postgres, 500);
        foreach (var connections in (int[])[1, 4])
        {
            ceilings[$"raw_unnest_1000_rows_{connections}_connections_rows_per_s"] = await WriteAsync(postgres, connections, 1_000, UnnestAsync);
            ceilings[$"raw_copy_5000_rows_{connections}_connections_rows_per_s"] = await WriteAsync(postgres, connections, 5_000, CopyAsync);
        }

        return ceilings.ToDictionary(ceiling => ceiling.Key, ceiling => Math.Round(ceiling.Value));
    }

    /// <summary>Persistent messages per second, each confirmed, with so many unconfirmed at a time.</summary>
    private static async Task<double> PublishAsync(Uri broker, string queueType, int messages, int inFlight)
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
    private static async Task<double> InsertAsync(string postgres, int rows, int connections)
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
    private static async Task<double> DequeueAsync(string postgres, int batch)
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

    /// <summary>Rows per second into a table like that of outcomes, with its one index, so many rows in a transaction.</summary>
    private static async Task<double> WriteAsync(string postgres, int connections, int batch, Func<NpgsqlConnection, Guid, long[], Task> write)
    {
        await using var source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(postgres) { MaxAutoPrepare = 20 }.ConnectionString);
        await using (var create = source.CreateCommand(
            """
            DROP TABLE IF EXISTS raw_rows;
            CREATE TABLE raw_rows (run_id uuid, profile_id bigint, destination text, outcome text, attempts integer, at timestamptz, PRIMARY KEY (run_id, profile_id))
            """))
            await create.ExecuteNonQueryAsync();
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, connections).Select(async _ =>
        {
            await using var connection = await source.OpenConnectionAsync();
            var run = NewId.NextGuid();
            for (long first = 0; first < Rows / connections; first += batch)
                await write(connection, run, [.. Enumerable.Range((int)first, batch).Select(row => (long)row)]);
        }));
        return Rows / watch.Elapsed.TotalSeconds;
    }

    private static async Task UnnestAsync(NpgsqlConnection connection, Guid run, long[] rows)
    {
        await using var insert = new NpgsqlCommand("INSERT INTO raw_rows SELECT $1, p, 'braze', 'delivered', 1, now() FROM unnest($2) p", connection)
        {
            Parameters = { new() { Value = run }, new() { Value = rows } },
        };
        await insert.ExecuteNonQueryAsync();
    }

    private static async Task CopyAsync(NpgsqlConnection connection, Guid run, long[] rows)
    {
        await using var copy = await connection.BeginBinaryImportAsync("COPY raw_rows FROM STDIN (FORMAT binary)");
        foreach (var row in rows)
        {
            await copy.StartRowAsync();
            await copy.WriteAsync(run, NpgsqlDbType.Uuid);
            await copy.WriteAsync(row, NpgsqlDbType.Bigint);
            await copy.WriteAsync("braze", NpgsqlDbType.Text);
            await copy.WriteAsync("delivered", NpgsqlDbType.Text);
            await copy.WriteAsync(1, NpgsqlDbType.Integer);
            await copy.WriteAsync(TimeProvider.System.GetUtcNow().UtcDateTime, NpgsqlDbType.TimestampTz);
        }

        await copy.CompleteAsync();
    }
}

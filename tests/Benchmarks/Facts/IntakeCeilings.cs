using System.Diagnostics;
using IntegrationHub.TestServers;
using Npgsql;
using NpgsqlTypes;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>What the broker and the database give of the same facts without a hub.</summary>
internal static class IntakeCeilings
{
    private const int Batch = 500;

    /// <summary>Facts per second, published with confirmation and consumed with acknowledgement per batch, both at once.</summary>
    public static async Task<double> BrokerAsync(Uri broker, int facts, int people)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync("raw-facts", true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        await channel.BasicQosAsync(0, Batch * 3, false);
        var (seen, done) = (0, new TaskCompletionSource());
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, message) =>
        {
            if (++seen % Batch == 0 || seen == facts)
            {
                await channel.BasicAckAsync(message.DeliveryTag, multiple: true);
            }

            if (seen == facts)
            {
                done.SetResult();
            }
        };
        var watch = Stopwatch.StartNew();
        await channel.BasicConsumeAsync("raw-facts", autoAck: false, consumer);
        await FactPublisher.PublishAsync(broker, "", facts, people, _ => "raw-facts");
        await done.Task.WaitAsync(Poll.Patience);
        var rate = facts / watch.Elapsed.TotalSeconds;
        await channel.QueueDeleteAsync("raw-facts");
        return rate;
    }

    /// <summary>Facts per second copied into a table with one key, so many in a transaction, on one connection.</summary>
    public static async Task<double> DatabaseAsync(string postgres, int facts, int people)
    {
        await using var source = NpgsqlDataSource.Create(postgres);
        await using (var create = source.CreateCommand("CREATE TABLE raw_facts (event_id uuid PRIMARY KEY, received_at timestamptz NOT NULL, body text NOT NULL)"))
        {
            await create.ExecuteNonQueryAsync();
        }

        await using var connection = await source.OpenConnectionAsync();
        var bodies = Enumerable.Range(0, Batch).Select(i => System.Text.Encoding.UTF8.GetString(FactLoad.Next(i, people).Body)).ToArray();
        var watch = Stopwatch.StartNew();
        for (var written = 0; written < facts; written += Batch)
        {
            await using var copy = await connection.BeginBinaryImportAsync("COPY raw_facts FROM STDIN (FORMAT binary)");
            foreach (var body in bodies)
            {
                await copy.StartRowAsync();
                await copy.WriteAsync(Guid.CreateVersion7(), NpgsqlDbType.Uuid);
                await copy.WriteAsync(TimeProvider.System.GetUtcNow().UtcDateTime, NpgsqlDbType.TimestampTz);
                await copy.WriteAsync(body, NpgsqlDbType.Text);
            }

            await copy.CompleteAsync();
        }

        return facts / watch.Elapsed.TotalSeconds;
    }
}

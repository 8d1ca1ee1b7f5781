using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>A producer with a plain AMQP client.</summary>
internal static class FactPublisher
{
    private const int InFlight = 1_000;

    /// <summary>Publishes facts, each confirmed by the broker.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Where to.</param>
    /// <param name="facts">How many.</param>
    /// <param name="people">About how many people.</param>
    /// <param name="key">The routing key of an event type.</param>
    public static async Task PublishAsync(Uri broker, string exchange, int facts, int people, Func<string, string> key)
    {
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        var limiter = new System.Threading.RateLimiting.ConcurrencyLimiter(new() { PermitLimit = InFlight, QueueLimit = int.MaxValue });
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true, limiter));
        var properties = new BasicProperties { Persistent = true, ContentType = "application/json" };
        var pending = new List<Task>(InFlight);
        for (var i = 0; i < facts; i++)
        {
            var (type, body) = FactLoad.Next(i, people);
            pending.Add(channel.BasicPublishAsync(exchange, key(type), false, properties, body).AsTask());
            if (pending.Count == InFlight)
            {
                await Task.WhenAll(pending);
                pending.Clear();
            }
        }

        await Task.WhenAll(pending);
    }
}

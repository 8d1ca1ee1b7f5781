using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Facts;

/// <summary>A producer with a plain AMQP client, which keeps a window of messages under way and counts the broker's confirmations.</summary>
internal sealed class FactPublisher
{
    private const int InFlight = 2_000;

    private readonly Lock _lock = new();
    private readonly bool[] _confirmed;
    private int _upTo;
    private TaskCompletionSource _moved = NewSource();

    private FactPublisher(int facts) => _confirmed = new bool[facts + 1];

    /// <summary>Publishes facts, each confirmed by the broker.</summary>
    /// <param name="broker">The broker.</param>
    /// <param name="exchange">Where to.</param>
    /// <param name="facts">How many.</param>
    /// <param name="people">About how many people.</param>
    /// <param name="key">The routing key of an event type.</param>
    public static async Task PublishAsync(Uri broker, string exchange, int facts, int people, Func<string, string> key)
    {
        var publisher = new FactPublisher(facts);
        await using var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false));
        channel.BasicAcksAsync += (_, confirmed) => publisher.ConfirmAsync((int)confirmed.DeliveryTag, confirmed.Multiple);
        channel.BasicNacksAsync += (_, _) => publisher.RefuseAsync();
        var properties = new BasicProperties { Persistent = true, ContentType = "application/json" };
        for (var i = 0; i < facts; i++)
        {
            if (i >= InFlight)
            {
                await publisher.UntilConfirmedAsync(i - InFlight + 1);
            }

            var (type, body) = FactLoad.Next(i, people);
            await channel.BasicPublishAsync(exchange, key(type), false, properties, body);
        }

        await publisher.UntilConfirmedAsync(facts);
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The broker may confirm out of order: counted is how far every message is confirmed.</summary>
    private Task ConfirmAsync(int tag, bool multiple)
    {
        lock (_lock)
        {
            Array.Fill(_confirmed, true, multiple ? _upTo + 1 : tag, multiple ? Math.Max(0, tag - _upTo) : 1);
            while (_upTo + 1 < _confirmed.Length && _confirmed[_upTo + 1])
            {
                _upTo++;
            }

            _moved.TrySetResult();
        }

        return Task.CompletedTask;
    }

    private Task RefuseAsync()
    {
        lock (_lock)
        {
            _moved.TrySetException(new InvalidOperationException("The broker refused a message."));
        }

        return Task.CompletedTask;
    }

    private async Task UntilConfirmedAsync(int tag)
    {
        while (true)
        {
            Task moved;
            lock (_lock)
            {
                if (_upTo >= tag)
                {
                    return;
                }

                moved = (_moved = _moved.Task.IsCompletedSuccessfully ? NewSource() : _moved).Task;
            }

            await moved;
        }
    }
}

using IntegrationHub.TestServers;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace EndToEnd.Tests;

/// <summary>Three of ten messages to the saga, the steps and the connectors are delivered twice, the second time late and in another order.</summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.Self)]
public sealed class When_messages_repeat_and_overtake
{
    private const int People = 3_000;
    private const string RepeatedHeader = "test-repeated";

    [Test]
    public async Task Should_end_as_if_every_message_came_once()
    {
        await using var database = await MigratedDatabase.CreateAsync();
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var sandbox = await HubProcess.SandboxAsync();
        await using var hub = await HubProcess.ServeAsync(Settings.AtSandbox(sandbox).Production(database.ConnectionString, broker.Uri));
        await using var noise = await Noise.StartAsync(broker.Uri, ["audience-sync", "hub-runs", "deliver-braze", "deliver-hubspot", "deliver-marketo"]);
        var world = new World(People);
        var random = new Random(7);
        for (var turn = 0; turn < 3; turn++)
        {
            var runs = await Job.StartAsync(hub, await Job.LoadSnapshotAsync(hub, world.Csv()));
            foreach (var run in await Job.FinishAsync(hub, runs))
            {
                Job.ShouldBalance(run);
                Job.ShouldBeVerified(run);
            }

            foreach (var destination in World.Destinations)
            {
                await VendorState.ShouldHoldAsync(sandbox.Http, destination, world.ExpectedAt(destination, withDenied: true));
            }

            world.Change(random);
        }

        Assert.That(noise.Repeated, Is.GreaterThan(20), "the noise must really repeat messages");
    }

    /// <summary>Listens on copies of the endpoints' exchanges and sends three of ten messages again to the endpoint, in shuffled bunches.</summary>
    private sealed class Noise : IAsyncDisposable
    {
        private const int Bunch = 5;
        private readonly IConnection _connection;
        private readonly IChannel _channel;
        private readonly List<(string Queue, BasicProperties Properties, byte[] Body)> _waiting = [];
        private readonly SemaphoreSlim _gate = new(1, 1);
        private readonly Random _random = new(20_261_121);
        private int _repeated;

        private Noise(IConnection connection, IChannel channel)
        {
            _connection = connection;
            _channel = channel;
        }

        public int Repeated => _repeated;

        public static async Task<Noise> StartAsync(Uri broker, IReadOnlyList<string> endpoints)
        {
            var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
            var noise = new Noise(connection, await connection.CreateChannelAsync());
            foreach (var endpoint in endpoints)
            {
                var queue = (await noise._channel.QueueDeclareAsync()).QueueName;
                await noise._channel.QueueBindAsync(queue, endpoint, "");
                var consumer = new AsyncEventingBasicConsumer(noise._channel);
                consumer.ReceivedAsync += (_, message) => noise.HearAsync(endpoint, message);
                await noise._channel.BasicConsumeAsync(queue, autoAck: true, consumer);
            }

            return noise;
        }

        public async ValueTask DisposeAsync()
        {
            await _channel.DisposeAsync();
            await _connection.DisposeAsync();
            _gate.Dispose();
        }

        private async Task HearAsync(string endpoint, BasicDeliverEventArgs message)
        {
            await _gate.WaitAsync();
            try
            {
                if (message.BasicProperties.Headers?.ContainsKey(RepeatedHeader) == true || _random.NextDouble() >= 0.3)
                {
                    return;
                }

                var properties = new BasicProperties(message.BasicProperties);
                properties.Headers = new Dictionary<string, object?>(properties.Headers ?? new Dictionary<string, object?>()) { [RepeatedHeader] = true };
                _waiting.Add((endpoint, properties, message.Body.ToArray()));
                if (_waiting.Count < Bunch)
                {
                    return;
                }

                foreach (var (queue, again, body) in _waiting.OrderBy(_ => _random.Next()))
                {
                    await _channel.BasicPublishAsync("", queue, mandatory: false, again, body);
                    _repeated++;
                }

                _waiting.Clear();
            }
            finally
            {
                _gate.Release();
            }
        }
    }
}

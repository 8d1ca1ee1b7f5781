using System.Net.Sockets;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using RabbitMQ.Client;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>
/// Takes facts in from the broker (decision 0031). However the connection, a channel or a queue is lost, everything is opened anew: there is one way back. A stop ends
/// after the batches that are worked on; what else was sent ahead goes back to the queue.
/// </summary>
internal sealed partial class FactBroker(HubOptions options, BrokerTls tls, FactIntake intake, OutboxTransaction database, TimeProvider time, ILogger<FactBroker> logger) : BackgroundService
{
    private static readonly TimeSpan _stopPatience = TimeSpan.FromSeconds(15);
    private readonly TaskCompletionSource _firstConnection = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenSource _abandon = new();
    private readonly ConnectionFactory _connections = new()
    {
        Uri = AddressOf(options.RabbitMq!),
        ClientProvidedName = "integrationhub intake",
        AutomaticRecoveryEnabled = false,
        RequestedHeartbeat = TimeSpan.FromSeconds(30),
        Ssl = tls.OptionsOf(AddressOf(options.RabbitMq!)),
    };

    private readonly UnreadableMessages _unreadable = new(intake, tls, logger);
    private bool _isUnreadable;
    private int _failures;

    /// <summary>True while every queue has its consumers.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Starts and waits for the queues to be there: a fact that is published before is lost.</summary>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await base.StartAsync(cancellationToken);
        await _firstConnection.Task.WaitAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override Task StopAsync(CancellationToken cancellationToken)
    {
        _abandon.CancelAfter(_stopPatience);
        return base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    public override void Dispose()
    {
        _abandon.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await WaitForTheDatabaseAsync(stoppingToken);
                if (_isUnreadable)
                {
                    await _unreadable.TakeInAsync(_connections.Uri, stoppingToken);
                    _isUnreadable = false;
                }

                await using var connection = await _connections.CreateConnectionAsync(stoppingToken);
                await ConsumeAsync(connection, stoppingToken);
            }
            catch (Exception) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception exception)
            {
                var wait = Patience.After(++_failures);
                LogLost(exception.Message, wait.TotalSeconds);
                await Task.Delay(wait, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
    }

    /// <summary>A broker counts how often it sends a message, and some give up: while the database is away none is fetched.</summary>
    private async Task WaitForTheDatabaseAsync(CancellationToken stopping)
    {
        if (!await database.ReadAsync(db => db.Database.CanConnectAsync(stopping)))
        {
            throw new IOException("none are asked for while the database does not answer");
        }
    }

    private async Task ConsumeAsync(IConnection connection, CancellationToken stopping)
    {
        await using (var channel = await connection.CreateChannelAsync(cancellationToken: stopping))
        {
            await FactTopology.DeclareAsync(channel, stopping);
        }

        using var session = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var lanes = new List<FactLane>();
        try
        {
            foreach (var queue in FactQueue.All.SelectMany(queue => Enumerable.Repeat(queue, queue.Lanes)))
            {
                lanes.Add(new FactLane(await connection.CreateChannelAsync(cancellationToken: stopping), queue, intake, logger, time, session.Token));
                await lanes[^1].StartAsync(stopping);
            }

            (IsConnected, _failures) = (true, 0);
            _firstConnection.TrySetResult();
            var runs = lanes.ConvertAll(lane => Task.Run(() => lane.RunAsync(_abandon.Token), CancellationToken.None));
            await Task.WhenAny([.. runs, .. lanes.Select(lane => lane.Lost)]);
            IsConnected = false;
            await session.CancelAsync();
            await Task.WhenAll(runs);
        }
        catch (OperationCanceledException) when (!stopping.IsCancellationRequested)
        {
            throw new IOException(connection.CloseReason?.ReplyText ?? lanes.Select(lane => lane.Channel.CloseReason?.ReplyText).FirstOrDefault(reason => reason is not null) ?? "a queue was deleted");
        }
        finally
        {
            // What the client library itself breaks over, and is no loss of the connection, is a message that it cannot read; it would come again and again.
            _isUnreadable = connection.CloseReason is { Initiator: ShutdownInitiator.Library, Exception: not (null or IOException or SocketException or OperationCanceledException) };
            IsConnected = false;
            foreach (var lane in lanes)
            {
                await lane.Channel.DisposeAsync();
                lane.Dispose();
            }
        }
    }

    /// <summary>The bus takes a scheme of its own as well.</summary>
    private static Uri AddressOf(string address) => new(address.StartsWith("rabbitmq", StringComparison.OrdinalIgnoreCase) ? "amqp" + address["rabbitmq".Length..] : address);

    [LoggerMessage(1342, LogLevel.Warning, "The broker sends no facts: {Reason}. Tried again in {Seconds} s")]
    private partial void LogLost(string reason, double seconds);
}

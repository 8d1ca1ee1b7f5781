using System.Diagnostics;
using System.Net.Sockets;
using System.Threading.Channels;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Erasures;
using RabbitMQ.Client;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>
/// One consumer of a queue on a channel of its own: collects a batch, takes it in, and acknowledges it after the commit. What is not acknowledged when the channel ends comes
/// again, and a repeat is swallowed by its event id. The broker sends no more than <see cref="FactQueue.Prefetch"/> ahead: that is the back-pressure.
/// </summary>
internal sealed partial class FactLane : AsyncDefaultBasicConsumer, IDisposable
{
    // A batch of large facts is a long transaction.
    private const int BatchBytes = 16 * 1024 * 1024;
    private const int TriesBeforeDividing = 3;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(5);
    private readonly FactQueue _queue;
    private readonly FactIntake _intake;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _open;
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Channel<(ulong Tag, IncomingFact Fact)> _came = System.Threading.Channels.Channel.CreateUnbounded<(ulong, IncomingFact)>();

    /// <summary>Makes a lane; <see cref="StartAsync"/> starts it.</summary>
    /// <param name="channel">Its channel.</param>
    /// <param name="queue">The queue.</param>
    /// <param name="intake">Takes facts in.</param>
    /// <param name="logger">Log.</param>
    /// <param name="time">Clock.</param>
    /// <param name="session">Ends the lane after the batch that it works on.</param>
    public FactLane(IChannel channel, FactQueue queue, FactIntake intake, ILogger logger, TimeProvider time, CancellationToken session)
        : base(channel)
    {
        (_queue, _intake, _logger, _time) = (queue, intake, logger, time);
        _open = CancellationTokenSource.CreateLinkedTokenSource(session);
    }

    /// <summary>Done when the broker sends nothing more: the channel is closed or the queue is gone.</summary>
    public Task Lost => _lost.Task;

    /// <summary>Asks the broker for messages.</summary>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await Channel.BasicQosAsync(0, (ushort)_queue.Prefetch, global: false, cancellationToken);
        await Channel.BasicConsumeAsync(_queue.Name, autoAck: false, this, cancellationToken);
    }

    /// <summary>Takes in batch after batch until the session or the channel ends.</summary>
    /// <param name="abandon">Ends the work in the middle of a batch.</param>
    /// <exception cref="OperationCanceledException">It ended.</exception>
    public async Task RunAsync(CancellationToken abandon)
    {
        while (true)
        {
            var batch = await NextAsync();
            await TakeInAsync(batch.ConvertAll(came => came.Fact), abandon);
            await Channel.BasicAckAsync(batch[^1].Tag, multiple: true, abandon);
        }
    }

    /// <inheritdoc />
    public override Task HandleBasicDeliverAsync(
        string consumerTag, ulong deliveryTag, bool redelivered, string exchange, string routingKey, IReadOnlyBasicProperties properties, ReadOnlyMemory<byte> body, CancellationToken cancellationToken = default)
    {
        // The client takes its memory back; of what is too large no more is copied than shows that it is.
        var copy = body[..Math.Min(body.Length, FactReading.MaxBytes + 1)].ToArray();
        _came.Writer.TryWrite((deliveryTag, IncomingFact.Of(copy, properties.Headers)));
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    public void Dispose() => _open.Dispose();

    /// <inheritdoc />
    protected override async Task OnCancelAsync(string[] consumerTags, CancellationToken cancellationToken = default)
    {
        await base.OnCancelAsync(consumerTags, cancellationToken);
        _lost.TrySetResult();
        await _open.CancelAsync();
    }

    private async Task<List<(ulong Tag, IncomingFact Fact)>> NextAsync()
    {
        await _came.Reader.WaitToReadAsync(_open.Token);
        for (var began = Stopwatch.GetTimestamp(); _came.Reader.Count < _queue.Batch && Stopwatch.GetElapsedTime(began) < _queue.Wait;)
        {
            await Task.Delay(_look, _time, _open.Token);
        }

        _open.Token.ThrowIfCancellationRequested(); // what stands here after the channel has ended comes again
        var batch = new List<(ulong, IncomingFact Fact)>(Math.Min(_queue.Batch, _came.Reader.Count));
        for (var bytes = 0; batch.Count < _queue.Batch && bytes < BatchBytes && _came.Reader.TryRead(out var came); bytes += came.Fact.Body.Length)
        {
            batch.Add(came);
        }

        return batch;
    }

    /// <summary>
    /// Tries until it is done: an outage is waited out however long it is. What fails though the database answers is the hub's own fault; then the batch is divided until the
    /// fact that cannot be taken in stands alone and is set aside, so that it holds up nobody else.
    /// </summary>
    private async Task TakeInAsync(List<IncomingFact> facts, CancellationToken abandon, int triesBeforeDividing = TriesBeforeDividing, bool setAside = false)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await _intake.TakeInAsync(
                    facts.ConvertAll(fact => fact.Body),
                    abandon,
                    setAside ? facts.ConvertAll(_ => new FactDefect("", "hub_failed", "The hub failed to take this fact in; its log says why. Replay it after the hub was mended.")) : null,
                    facts.Select(fact => fact.Trace).OfType<ActivityContext>());
                return;
            }
            catch (Exception exception) when (!abandon.IsCancellationRequested)
            {
                var wait = Patience.After(tries);
                LogWaits(facts.Count, _queue.Name, wait.TotalSeconds, Described(exception));
                if (tries >= triesBeforeDividing && !setAside && !IsOutage(exception))
                {
                    await DivideAsync(facts, abandon);
                    return;
                }

                await Task.Delay(wait, _time, _open.Token);
            }
        }
    }

    private async Task DivideAsync(List<IncomingFact> facts, CancellationToken abandon)
    {
        if (facts.Count == 1)
        {
            await TakeInAsync(facts, abandon, setAside: true);
            return;
        }

        await TakeInAsync(facts[..(facts.Count / 2)], abandon, triesBeforeDividing: 1);
        await TakeInAsync(facts[(facts.Count / 2)..], abandon, triesBeforeDividing: 1);
    }

    private static bool IsOutage(Exception? exception) => exception is not null && (
        exception is System.Data.Common.DbException or IOException or SocketException or TimeoutException or OperationCanceledException or ObjectDisposedException or OutOfMemoryException or UnknownTombstoneSecretException
        || IsOutage(exception.InnerException));

    /// <summary>What failed and where. Its message may quote what a person's fact holds, and is left out.</summary>
    private static string Described(Exception exception)
    {
        var names = new List<string>();
        for (var cause = exception; cause is not null; cause = cause.InnerException)
        {
            names.Add(cause is System.Data.Common.DbException { SqlState: { } state } ? $"{cause.GetType().Name} {state}" : cause.GetType().Name);
        }

        return $"{string.Join(" because of ", names)}{exception.StackTrace?.Split('\n')[0].TrimEnd()}";
    }

    [LoggerMessage(1341, LogLevel.Warning, "{Facts} facts of {Name} could not be taken in and are tried again in {Seconds} s: {Exception}")]
    private partial void LogWaits(int facts, string name, double seconds, string exception);
}

using System.Collections.Concurrent;
using System.Threading.Channels;
using MassTransit.EntityFrameworkCoreIntegration.Delivery;
using Microsoft.EntityFrameworkCore;

namespace MassTransit.EntityFrameworkCoreIntegration.Inbox;

/// <summary>
/// What this process knows about consumed messages that the tables do not say yet: whose messages it is sending, which
/// are sent but not yet removed, and which it could not send and leaves to the sweeper.
/// </summary>
internal sealed class InboxLedger<TDbContext>
    where TDbContext : DbContext
{
    // Beyond this the rows are left to the sweeper, which finds them by age.
    private const int Capacity = 10_000;

    private readonly ConcurrentDictionary<long, byte> _inFlight = new();
    private readonly ConcurrentDictionary<long, byte> _handedOver = new();
    private readonly Channel<SentConsumption> _sent =
        Channel.CreateBounded<SentConsumption>(new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait, SingleReader = true });

    /// <summary>Wakes the sweeper.</summary>
    public WakeUpSignal Abandoned { get; } = new();

    /// <summary>Consumptions to be marked as delivered.</summary>
    public ChannelReader<SentConsumption> Sent => _sent.Reader;

    /// <summary>Messages that this process leaves to the sweeper.</summary>
    public long[] HandedOver => [.. _handedOver.Keys];

    public void Begin(long inboxId) => _inFlight.TryAdd(inboxId, 0);

    /// <summary>True while this process sends the consumer's messages, or has sent them and not yet removed them.</summary>
    public bool IsInFlight(long inboxId) => _inFlight.ContainsKey(inboxId);

    public void Complete(long inboxId, IEnumerable<long> sequenceNumbers)
    {
        if (!_sent.Writer.TryWrite(new SentConsumption(inboxId, [.. sequenceNumbers])))
            _inFlight.TryRemove(inboxId, out _);
    }

    /// <summary>The rows are up to date: a repeated message may be judged by them.</summary>
    public void Forget(IEnumerable<SentConsumption> consumptions)
    {
        foreach (var consumption in consumptions)
            _inFlight.TryRemove(consumption.InboxId, out _);
    }

    public void HandOver(long inboxId, IEnumerable<long> sequenceNumbers)
    {
        foreach (var number in sequenceNumbers)
        {
            if (_handedOver.Count < Capacity)
                _handedOver.TryAdd(number, 0);
        }

        _inFlight.TryRemove(inboxId, out _);
        Abandoned.Signal();
    }

    public void Swept(IEnumerable<long> sequenceNumbers)
    {
        foreach (var number in sequenceNumbers)
            _handedOver.TryRemove(number, out _);
    }
}

/// <summary>A consumption whose messages are confirmed.</summary>
internal readonly record struct SentConsumption(long InboxId, long[] SequenceNumbers);

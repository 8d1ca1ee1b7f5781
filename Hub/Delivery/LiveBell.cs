using System.Diagnostics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Rings for what facts have changed of people and memberships: when the oldest of it has waited as long as it may, or when it fills the batches, so that a
/// vendor's calls are not spent on single people. What it does not ring for, because the hub ended, the sweeper does.
/// </summary>
internal sealed partial class LiveBell(
    DestinationDirectory destinations, OutboxTransaction transactions, IDeliveryStore deliveries, Doorbell doorbell, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<LiveBell> logger) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private readonly int _full = destinations.All.Where(destination => destination.IsLive)
        .Select(destination => destination.Descriptor.Operations[Operation.UpsertProfile].MaxRecords * options.Value.Partitions).DefaultIfEmpty().Min();

    private ITimer? _timer;
    private Task _ringing = Task.CompletedTask;
    private int _waiting;
    private List<ActivityContext> _traces = [];

    /// <summary>Tells that facts were taken in; returns at once.</summary>
    /// <param name="facts">How many, from 0.</param>
    public void Expect(int facts)
    {
        if (_full == 0 || facts == 0)
        {
            return;
        }

        lock (_lock)
        {
            var before = _waiting;
            _waiting += facts;
            if (Activity.Current is { } taken && _traces.Count < HubTraces.MaxLinks)
            {
                _traces.Add(taken.Context);
            }

            if (before == 0 || (before < _full && _waiting >= _full))
            {
                _timer ??= time.CreateTimer(_ => Ring(), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
                _timer.Change(_waiting >= _full ? TimeSpan.Zero : options.Value.LiveLatency, Timeout.InfiniteTimeSpan);
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_timer is not null)
        {
            await _timer.DisposeAsync();
        }

        await _ringing;
    }

    private void Ring()
    {
        lock (_lock)
        {
            (_waiting, var traces) = (0, _traces);
            _traces = [];
            _ringing = RingAsync(_ringing, traces);
        }
    }

    private async Task RingAsync(Task before, List<ActivityContext> traces)
    {
        await before;
        using var activity = HubTraces.Ringing(traces);
        try
        {
            await doorbell.RingAsync(await transactions.ReadAsync(db => deliveries.FindLiveWorkAsync(db, time.GetUtcNow(), CancellationToken.None)), CancellationToken.None);
        }
        catch (Exception exception)
        {
            LogFailed(exception.GetType().Name);
        }
    }

    [LoggerMessage(1122, LogLevel.Debug, "Could not ring for changes of people and memberships ({Error}); the sweeper does")]
    private partial void LogFailed(string error);
}

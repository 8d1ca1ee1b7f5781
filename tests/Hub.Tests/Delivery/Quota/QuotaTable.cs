using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The shared row in memory; it can be taken away.</summary>
internal sealed class QuotaTable : IQuotaExchange
{
    private readonly Lock _lock = new();
    private string? _state;
    private int _exchanges;

    /// <summary>True while the database is away.</summary>
    public bool IsAway { get; set; }

    /// <summary>Added to the clock that the instances share.</summary>
    public TimeSpan ClockJump { get; set; }

    public int Exchanges => _exchanges;

    public Task ExchangeAsync(Action<SharedQuota, DateTimeOffset> change, CancellationToken cancellationToken)
    {
        if (IsAway)
        {
            throw new TimeoutException("The database is away.");
        }

        lock (_lock)
        {
            _exchanges++;
            var shared = SharedQuota.Parse(_state);
            change(shared, TimeProvider.System.GetUtcNow() + ClockJump);
            _state = shared.Write();
        }

        return Task.CompletedTask;
    }
}

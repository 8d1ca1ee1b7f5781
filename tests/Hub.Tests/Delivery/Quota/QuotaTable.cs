using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The shared row in memory; it can be taken away.</summary>
internal sealed class QuotaTable(TimeProvider time)
{
    private readonly Lock _lock = new();
    private string? _state;
    private int _exchanges;

    /// <summary>True while the database is away.</summary>
    public bool IsAway { get; set; }

    /// <summary>True while claims are booked but no answer comes back.</summary>
    public bool LosesAnswers { get; set; }

    public int Exchanges => _exchanges;

    public SharedQuota Books => SharedQuota.Parse(_state);

    public IQuotaExchange For(QuotaLimits limits) => new Seat(this, limits);

    public T Change<T>(Func<SharedQuota, T> change)
    {
        lock (_lock)
        {
            var shared = SharedQuota.Parse(_state);
            var result = change(shared);
            _state = shared.Write();
            return result;
        }
    }

    private sealed class Seat(QuotaTable table, QuotaLimits limits) : IQuotaExchange
    {
        public Task<QuotaAnswer?> ExchangeAsync(QuotaClaim claim, CancellationToken cancellationToken)
        {
            if (table.IsAway)
            {
                throw new TimeoutException("The database is away.");
            }

            Interlocked.Increment(ref table._exchanges);
            var answer = table.Change(shared => shared.Exchange(claim, limits, table._time.GetUtcNow()));
            return table.LosesAnswers ? throw new TimeoutException("The answer is lost.") : Task.FromResult(answer);
        }
    }

    private readonly TimeProvider _time = time;
}

using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Destinations.Quota;

/// <summary>A destination's limits, the gate before its vendor calls, and a way to end a wait for them.</summary>
internal sealed class DestinationQuota : IAsyncDisposable
{
    private readonly QuotaGate? _counted;
    private readonly StoredQuotaExchange? _books;

    private DestinationQuota(QuotaLimits limits, QuotaGate? gate, StoredQuotaExchange? books) => (Limits, _counted, _books) = (limits, gate, books);

    /// <summary>The limits.</summary>
    public QuotaLimits Limits { get; }

    /// <inheritdoc cref="QuotaGate.For" />
    public ICallGate GateFor(string lane, bool insists = false) => _counted?.For(lane, insists) ?? OpenGate.Instance;

    /// <summary>Where nobody counts.</summary>
    public static DestinationQuota Uncounted(QuotaLimits limits) => new(limits, null, null);

    /// <summary>Where calls are counted with the other instances.</summary>
    public static DestinationQuota Counted(QuotaLimits limits, QuotaGate gate, StoredQuotaExchange books) => new(limits, gate, books);

    /// <summary>Ends the wait for periods that are used up by our books; the vendor corrects them where they were right.</summary>
    /// <returns>Names of the limits that count from zero again.</returns>
    public async Task<IReadOnlyList<string>> ReopenAsync(CancellationToken cancellationToken)
    {
        if (_counted is null)
        {
            return [];
        }

        var reopened = await _books!.ReopenAsync(cancellationToken);
        _counted.Doubt();
        return reopened;
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => _counted?.DisposeAsync() ?? ValueTask.CompletedTask;
}

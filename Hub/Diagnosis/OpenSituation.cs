using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>
/// What is open at this moment, for whoever looks. It explains everything, so every page asks for it: one reads at a time, and whoever asks while somebody reads shares the next reading with all others who do. So looking takes one
/// connection however many look, and everybody sees what was there when they asked, or later. What acts on it reads it by itself.
/// </summary>
internal sealed class OpenSituation(OutboxTransaction transactions, TimeProvider time) : IDisposable
{
    private readonly SemaphoreSlim _turn = new(1, 1);
    private long _asked;
    private (long Asked, Situation Situation) _last;

    /// <summary>A reading that began after this call. Not within another read: that one holds the connection for which this may have to wait.</summary>
    public async Task<Situation> LookAsync(CancellationToken cancellationToken)
    {
        var asked = Interlocked.Increment(ref _asked);
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last.Asked < asked)
            {
                var now = Interlocked.Read(ref _asked);
                _last = (now, await transactions.ReadAsync(db => Situations.ReadAsync(db, time.GetUtcNow(), cancellationToken)));
            }

            return _last.Situation;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();
}

using System.Diagnostics;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>
/// What is open at this moment, for whoever looks. It explains everything, so every page asks for it, some of them several times: a reading counts for ten times as long as it took, a second at most, so that looking at it takes
/// a tenth of one connection however many look, and is fresh where it is cheap. What acts on it reads it anew.
/// </summary>
internal sealed class OpenSituation(OutboxTransaction transactions, TimeProvider time) : IDisposable
{
    private const int Worth = 10;
    private static readonly TimeSpan _longest = TimeSpan.FromSeconds(1);
    private readonly SemaphoreSlim _turn = new(1, 1);
    private volatile Reading? _last;

    /// <summary>The last reading while it counts, or a new one. Not within another read: that one holds the connection for which this may have to wait.</summary>
    public async Task<Situation> LookAsync(CancellationToken cancellationToken)
    {
        if (_last is { Counts: true } known)
        {
            return known.Situation;
        }

        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (_last is { Counts: true } meanwhile)
            {
                return meanwhile.Situation;
            }

            var began = Stopwatch.GetTimestamp();
            var situation = await transactions.ReadAsync(db => Situations.ReadAsync(db, time.GetUtcNow(), cancellationToken));
            var life = Stopwatch.GetElapsedTime(began) * Worth;
            _last = new Reading(situation, Stopwatch.GetTimestamp(), life < _longest ? life : _longest);
            return situation;
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc />
    public void Dispose() => _turn.Dispose();

    private sealed record Reading(Situation Situation, long ReadAt, TimeSpan Life)
    {
        public bool Counts => Stopwatch.GetElapsedTime(ReadAt) < Life;
    }
}

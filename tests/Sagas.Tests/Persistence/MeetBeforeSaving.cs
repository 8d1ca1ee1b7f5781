using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

namespace Sagas.Tests.Persistence;

/// <summary>Makes a clash certain: the first two changes of a run wait for each other after reading and before writing.</summary>
internal sealed class MeetBeforeSaving : SaveChangesInterceptor
{
    private readonly TaskCompletionSource _met = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _arrived;
    private int _clashes;

    /// <summary>Starts false, so that the set-up is not held up.</summary>
    public bool Armed { get; set; }

    /// <summary>How many changes lost.</summary>
    public int Clashes => _clashes;

    public override async ValueTask<InterceptionResult<int>> SavingChangesAsync(
        DbContextEventData eventData, InterceptionResult<int> result, CancellationToken cancellationToken = default)
    {
        if (Armed && eventData.Context!.ChangeTracker.Entries<AudienceSyncState>().Any(run => run.State == EntityState.Modified))
        {
            if (Interlocked.Increment(ref _arrived) == 2)
            {
                _met.SetResult();
            }

            await _met.Task.WaitAsync(Poll.Patience, cancellationToken);
        }

        return result;
    }

    public override ValueTask<InterceptionResult> ThrowingConcurrencyExceptionAsync(
        ConcurrencyExceptionEventData eventData, InterceptionResult result, CancellationToken cancellationToken = default)
    {
        Interlocked.Increment(ref _clashes);
        return ValueTask.FromResult(result);
    }
}

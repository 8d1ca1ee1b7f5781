using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Keeps a lease while work goes on under it, and stops the work when somebody else took it. Ends when disposed.</summary>
internal sealed class LeaseRenewal : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _renewing;

    private LeaseRenewal(Func<CancellationToken, Task<Lease?>> renew, TimeSpan every, TimeProvider time, Action<Exception> failed, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewing = RenewAsync(renew, every, time, failed);
    }

    /// <param name="renew">Takes the lease again; null when it is somebody else's.</param>
    /// <param name="every">Time between two renewals; well below the lease's length.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Told of a renewal that failed, after which no other one is tried: what is done under the lease is fenced by its epoch.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static LeaseRenewal Start(
        Func<CancellationToken, Task<Lease?>> renew, TimeSpan every, TimeProvider time, Action<Exception> failed, CancellationToken cancellationToken) =>
        new(renew, every, time, failed, cancellationToken);

    /// <summary>Ends the work when it is canceled or the lease is lost.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>True once somebody else took the lease.</summary>
    public bool IsLost { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
    }

    private async Task RenewAsync(Func<CancellationToken, Task<Lease?>> renew, TimeSpan every, TimeProvider time, Action<Exception> failed)
    {
        using var timer = new PeriodicTimer(every, time);
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                if (await renew(_stop.Token) is null)
                {
                    IsLost = true;
                    await _stop.CancelAsync();
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The work is over.
        }
        catch (Exception exception)
        {
            failed(exception);
        }
    }
}

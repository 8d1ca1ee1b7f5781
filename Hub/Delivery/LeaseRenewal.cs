namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// Holds a lease while work goes on under it, and ends the work when the lease is lost: somebody else took it, or it could not be renewed for two thirds of its
/// length, after which nobody can be sure of it. Ends when disposed.
/// </summary>
internal sealed class LeaseRenewal : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop;
    private readonly Task _renewing;

    private LeaseRenewal(Func<CancellationToken, Task<bool>> renew, TimeSpan length, TimeProvider time, Action<Exception> failed, CancellationToken cancellationToken)
    {
        _stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        _renewing = RenewAsync(renew, length, time, failed);
    }

    /// <param name="renew">Renews the lease; false when it is somebody else's.</param>
    /// <param name="length">Length of the lease. It is renewed every third of it; a renewal that fails is tried again every twelfth.</param>
    /// <param name="time">The clock.</param>
    /// <param name="failed">Told of the first renewal in a row that failed.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static LeaseRenewal Start(
        Func<CancellationToken, Task<bool>> renew, TimeSpan length, TimeProvider time, Action<Exception> failed, CancellationToken cancellationToken) =>
        new(renew, length, time, failed, cancellationToken);

    /// <summary>Ends the work when it is canceled or the lease is lost.</summary>
    public CancellationToken Token => _stop.Token;

    /// <summary>True once the lease is lost.</summary>
    public bool IsLost { get; private set; }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _renewing;
        _stop.Dispose();
    }

    private async Task RenewAsync(Func<CancellationToken, Task<bool>> renew, TimeSpan length, TimeProvider time, Action<Exception> failed)
    {
        try
        {
            var (held, failures) = (time.GetTimestamp(), 0);
            while (!IsLost)
            {
                await Task.Delay(failures == 0 ? length / 3 : length / 12, time, _stop.Token);
                var asked = time.GetTimestamp();
                try
                {
                    IsLost = !await renew(_stop.Token).WaitAsync(Left(), time, _stop.Token);
                    (held, failures) = (asked, 0);
                }
                catch (Exception exception) when (exception is not OperationCanceledException || !_stop.IsCancellationRequested)
                {
                    if (++failures == 1)
                    {
                        failed(exception);
                    }

                    IsLost = Left() == TimeSpan.Zero;
                }

                TimeSpan Left() => length * 2 / 3 - time.GetElapsedTime(held) is { Ticks: > 0 } left ? left : TimeSpan.Zero;
            }

            await _stop.CancelAsync();
        }
        catch (OperationCanceledException)
        {
            // The work is over.
        }
    }
}

using System.Threading.Channels;

namespace MassTransit.EntityFrameworkCoreIntegration.Delivery;

/// <summary>
/// Wakes a loop. A signal given while the loop is busy is kept, so that the loop looks once more: none is lost,
/// many become one.
/// </summary>
internal class WakeUpSignal
{
    private readonly Channel<bool> _channel = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public void Signal() => _channel.Writer.TryWrite(true);

    /// <summary>Forgets earlier signals; call it before looking for work, never after.</summary>
    public void Reset() => _channel.Reader.TryRead(out _);

    /// <summary>Returns when signaled, or when the time is over.</summary>
    public async Task WaitAsync(TimeSpan timeout, TimeProvider clock, CancellationToken cancellationToken)
    {
        if (timeout <= TimeSpan.Zero)
            return;

        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var signaled = _channel.Reader.WaitToReadAsync(limit.Token).AsTask();
        var elapsed = Task.Delay(timeout, clock, limit.Token);
        await Task.WhenAny(signaled, elapsed);
        await limit.CancelAsync();
        cancellationToken.ThrowIfCancellationRequested();
    }
}

namespace IntegrationHub.Hub.Delivery;

/// <summary>The turns that are being taken on partitions, so that a stop can wait for them: no new one begins, none claims any more, no further call goes out, and what is on its way is settled.</summary>
internal sealed class OpenTurns : IDisposable
{
    private readonly Lock _lock = new();
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _open;

    /// <summary>Canceled when the hub stops: nothing new is begun.</summary>
    public CancellationToken Stopping => _stopping.Token;

    /// <summary>Canceled when the hub has waited long enough: calls that are under way end.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>Begins a turn, which ends when it is disposed; null when the hub stops.</summary>
    public IDisposable? Open()
    {
        lock (_lock)
        {
            if (_stopping.IsCancellationRequested)
            {
                return null;
            }

            _open++;
            return new Turn(this);
        }
    }

    /// <summary>Waits until every turn is over, and after the grace until each has ended its calls and said what it knows of them.</summary>
    public async Task CloseAsync(TimeSpan grace, TimeProvider time, CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            _stopping.Cancel();
            if (_open == 0)
            {
                _empty.TrySetResult();
            }
        }

        try
        {
            await _empty.Task.WaitAsync(grace, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            await _ended.CancelAsync();
            await _empty.Task.WaitAsync(cancellationToken);
        }
    }

    public void Dispose()
    {
        _stopping.Dispose();
        _ended.Dispose();
    }

    private void Close()
    {
        lock (_lock)
        {
            if (--_open == 0 && _stopping.IsCancellationRequested)
            {
                _empty.TrySetResult();
            }
        }
    }

    private sealed class Turn(OpenTurns turns) : IDisposable
    {
        private int _closed;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _closed, 1) == 0)
            {
                turns.Close();
            }
        }
    }
}

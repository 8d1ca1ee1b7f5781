namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Keeps two calls of this process that write people by one key apart, whichever lanes they come from: the vendor makes two leads of two
/// upserts that overlap. All keys of a call are taken at once, so two calls never wait for each other. Thread-safe.
/// </summary>
internal sealed class KeysInFlight
{
    private readonly Lock _gate = new();
    private readonly HashSet<string> _held = new(StringComparer.OrdinalIgnoreCase);
    private TaskCompletionSource _freed = NewSignal();

    /// <summary>Waits until no other call has one of the keys. Dispose the result when the call has ended.</summary>
    public async ValueTask<IDisposable> EnterAsync(IReadOnlyCollection<string> keys, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task freed;
            lock (_gate)
            {
                if (!_held.Overlaps(keys))
                {
                    _held.UnionWith(keys);
                    return new Hold(this, keys);
                }

                freed = _freed.Task;
            }

            await freed.WaitAsync(cancellationToken);
        }
    }

    private void Leave(IReadOnlyCollection<string> keys)
    {
        TaskCompletionSource freed;
        lock (_gate)
        {
            _held.ExceptWith(keys);
            (freed, _freed) = (_freed, NewSignal());
        }

        freed.SetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class Hold(KeysInFlight owner, IReadOnlyCollection<string> keys) : IDisposable
    {
        private bool _isOver;

        public void Dispose()
        {
            if (!_isOver)
            {
                _isOver = true;
                owner.Leave(keys);
            }
        }
    }
}

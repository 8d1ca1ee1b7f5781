namespace IntegrationHub.Storage.Reads;

/// <summary>So many read at once; who waits for longer than a read may take is told so.</summary>
internal sealed class ReadTurns(StorageOptions options) : IDisposable
{
    private readonly SemaphoreSlim _free = new(options.ReadConnections);

    /// <summary>Takes a turn, which ends when what is returned is disposed.</summary>
    /// <exception cref="ReadOverBudgetException">None became free.</exception>
    public async Task<IDisposable> EnterAsync() => await _free.WaitAsync(options.LongestRead) ? new Turn(_free) : throw new ReadOverBudgetException(options.LongestRead, isBusy: true);

    public void Dispose() => _free.Dispose();

    private sealed class Turn(SemaphoreSlim free) : IDisposable
    {
        public void Dispose() => free.Release();
    }
}

namespace IntegrationHub.Storage.Reads;

/// <summary>Connections for those who only look: apart from the connections of what the hub does, few, never for long, and never to write (decision 0070).</summary>
public interface IReadPool
{
    /// <summary>Reads without a transaction.</summary>
    /// <exception cref="ReadOverBudgetException">No connection became free in time, or the database worked on it for too long.</exception>
    Task<T> ReadAsync<T>(Func<HubDbContext, Task<T>> read);
}

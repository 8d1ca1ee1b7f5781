namespace IntegrationHub.Storage.Quotas;

/// <summary>The row in which all hub instances share what they may still call at a destination.</summary>
public interface IQuotaStore
{
    /// <summary>
    /// Reads the row, changes it and writes it back, alone until the caller's transaction ends. The time is the database's, so that
    /// instances with different clocks agree.
    /// </summary>
    /// <param name="db">Context with an open transaction.</param>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="change">Gets the row's text (null when there is none) and the time, returns the new text.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    Task ChangeAsync(HubDbContext db, string destination, Func<string?, DateTimeOffset, string> change, CancellationToken cancellationToken);

    /// <summary>Reads the row's text; null when there is none.</summary>
    Task<string?> FindAsync(HubDbContext db, string destination, CancellationToken cancellationToken);
}

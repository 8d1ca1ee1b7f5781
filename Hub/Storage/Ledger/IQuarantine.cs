namespace IntegrationHub.Storage.Ledger;

/// <summary>Facts that were set aside until somebody has looked at them.</summary>
public interface IQuarantine
{
    /// <summary>Sets facts aside, in the caller's transaction.</summary>
    /// <returns>The ids of those that were not there yet.</returns>
    Task<IReadOnlySet<Guid>> AddAsync(HubDbContext db, IReadOnlyList<QuarantinedFact> facts, CancellationToken cancellationToken);

    /// <summary>The latest ones, without their bodies.</summary>
    Task<IReadOnlyList<QuarantinedFact>> ListAsync(HubDbContext db, int limit, CancellationToken cancellationToken);

    /// <summary>One with its body, or null.</summary>
    Task<QuarantinedFact?> FindAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken);
}

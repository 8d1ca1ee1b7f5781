using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Facts that were set aside until somebody has looked at them.</summary>
public interface IQuarantine
{
    /// <summary>Sets facts aside, in the caller's transaction.</summary>
    /// <returns>The ids of those that were not there yet.</returns>
    Task<IReadOnlySet<Guid>> AddAsync(HubDbContext db, IReadOnlyList<QuarantinedFact> facts, CancellationToken cancellationToken);

    /// <summary>A page of them without their bodies, newest first.</summary>
    Task<Page<QuarantinedFact>> ListAsync(HubDbContext db, QuarantineFilter filter, PageAsk ask, CancellationToken cancellationToken);

    /// <summary>One with its bodies, or null.</summary>
    Task<QuarantinedFact?> FindAsync(HubDbContext db, Guid quarantineId, CancellationToken cancellationToken);

    /// <summary>Notes what somebody did with a fact, in the caller's transaction; who comes second waits for the first.</summary>
    /// <returns>False when somebody did something with it before, or it is not there.</returns>
    Task<bool> TrySettleAsync(HubDbContext db, Guid quarantineId, QuarantineSettlement settlement, CancellationToken cancellationToken);
}

namespace IntegrationHub.Storage.Verification;

/// <summary>One reader of an audience's members at a destination at a time, over all instances. Leases begin and end by the database's clock.</summary>
public interface IReadBackLeases
{
    /// <summary>Takes the lease, or gives null while somebody else, or another reader of the same name, holds it.</summary>
    Task<ReadBackLease?> TakeAsync(HubDbContext db, string destination, string audience, string owner, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Holds a lease for another while; false when somebody else took it.</summary>
    Task<bool> RenewAsync(HubDbContext db, ReadBackLease lease, TimeSpan length, CancellationToken cancellationToken);

    /// <summary>Gives a lease back if it is still ours.</summary>
    Task ReleaseAsync(HubDbContext db, ReadBackLease lease, CancellationToken cancellationToken);
}

using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Configurations;

/// <summary>
/// The turn of making way for another version of the configuration: one hub of all that share a database has it at a time, by the database's clock, so that the others answer while its door is closed.
/// Whoever dies with it keeps the others waiting until it is over.
/// </summary>
public static class ConfigurationTurn
{
    private const string LeaseLane = "change_over";

    /// <summary>Takes it.</summary>
    /// <returns>Null while another hub has it.</returns>
    public static Task<Lease?> TakeAsync(HubDbContext db, string owner, TimeSpan length, CancellationToken cancellationToken) => LeaseTable.TakeAsync(db, "", LeaseLane, 0, owner, length, cancellationToken);

    /// <summary>Gives it back.</summary>
    public static Task ReleaseAsync(HubDbContext db, Lease turn, CancellationToken cancellationToken) => LeaseTable.ReleaseAsync(db, turn, isSettled: true, cancellationToken);
}

using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Versions;

/// <summary>Puts what a hub begins with in force where it may, and tells the database its routes: both in one transaction.</summary>
internal sealed partial class ConfigurationActivation(
    HubConfiguration configuration, RunningConfiguration running, ILedger ledger, OutboxTransaction transactions, HubInstance instance, HubOptions hub,
    IOptions<DeliveryOptions> delivery, TimeProvider time, ILogger<ConfigurationActivation> logger)
{
    private const string Principal = "hub";

    /// <summary>Called once, as the hub starts.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var (version, isNew) = await transactions.RunAsync<(long, bool)>(
            async (db, _) =>
            {
                var (number, added) = await DecideAsync(db, cancellationToken);
                if (number == RunningConfiguration.None)
                {
                    return ((number, added), false);
                }

                await ledger.UseIdentityRulesAsync(db, cancellationToken);
                await RouteTables.WriteAsync(db, ledger, configuration, delivery.Value.Partitions, cancellationToken);
                if (added)
                {
                    await AuditLog.AppendAsync(db, new AuditEntry(time.GetUtcNow(), Principal, AuditVia.Hub, "config.activate", Subject(number), "The folder of a hub that started.", AfterHash: running.ContentHash), cancellationToken);
                }

                return ((number, added), true);
            },
            cancellationToken);
        if (version == RunningConfiguration.None)
        {
            LogOther(instance.Name);
        }
        else if (isNew)
        {
            LogActivated(version, running.ContentHash);
        }

        running.Became(version);
    }

    /// <summary>Subject of the entries of a version in the audit log.</summary>
    public static string Subject(long version) => FormattableString.Invariant($"config:{version}");

    /// <summary>Which version this hub runs, and whether it was added just now.</summary>
    private async Task<(long Version, bool IsNew)> DecideAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        await ConfigurationBook.LockAsync(db, now, cancellationToken);
        var active = await ConfigurationBook.ActiveAsync(db, cancellationToken);
        if (active?.ContentHash == running.ContentHash)
        {
            return (active.Version, false);
        }

        // What was applied meanwhile is run by the next hub of this process.
        if (active is not null && (running.Version is not null || hub.Config.Apply == ConfigApply.Manual))
        {
            return (RunningConfiguration.None, false);
        }

        var version = await ConfigurationBook.AppendAsync(db, new ConfigurationEntry(0, running.ContentHash, ConfigurationSource.Folder, null, Principal, now, null, null, null), running.Files.Texts, cancellationToken);
        await ConfigurationBook.ActivateAsync(db, version, Principal, now, cancellationToken);
        return (version, true);
    }

    [LoggerMessage(3920, LogLevel.Information, "Configuration version {Version} is in force ({Hash}): the hub's folder differed from what was")]
    private partial void LogActivated(long version, string hash);

    [LoggerMessage(3921, LogLevel.Warning, "Another version of the configuration came into force while the hub {Name} started; it claims and plans nothing until it runs that one")]
    private partial void LogOther(string name);
}

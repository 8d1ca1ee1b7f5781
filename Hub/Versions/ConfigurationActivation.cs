using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Versions;

/// <summary>Puts what a hub begins with in force where it may, and tells the database its routes: both in one transaction.</summary>
internal sealed partial class ConfigurationActivation(
    HubConfiguration configuration, RunningConfiguration running, ILedger ledger, Renamer renamer, OutboxTransaction transactions, HubInstance instance, HubOptions hub,
    IOptions<DeliveryOptions> delivery, TimeProvider time, ILogger<ConfigurationActivation> logger)
{
    private const string Principal = "hub";

    /// <summary>Called once, as the hub starts.</summary>
    public async Task BeginAsync(CancellationToken cancellationToken)
    {
        var (version, isNew) = await DecideAsync(cancellationToken);
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

    /// <summary>Whether what the hub begins with is or comes into force. What cannot be renamed now keeps the folder waiting and not the hub: whose work is in the way could not end where no hub is.</summary>
    private async Task<(long Version, bool IsNew)> DecideAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await Deadlock.TryAsync(() => PutAsync(cancellationToken), LogTriedAgain);
        }
        catch (RenameRefusedException refused)
        {
            LogNotRenamed(instance.Name, refused.Message);
            return (RunningConfiguration.None, false);
        }
    }

    private Task<(long Version, bool IsNew)> PutAsync(CancellationToken cancellationToken) =>
        transactions.RunAsync<(long, bool)>(
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

        if (active is not null && await ConfigurationBook.FindAsync(db, active.Version, cancellationToken) is { } replaced)
        {
            await renamer.RenameAsync(db, ConfigurationFiles.Of(replaced.Files), running.Files, configuration, cancellationToken);
        }

        var version = await ConfigurationBook.AppendAsync(db, new ConfigurationEntry(0, running.ContentHash, ConfigurationSource.Folder, null, Principal, now, null, null, null), running.Files.Texts, cancellationToken);
        await ConfigurationBook.ActivateAsync(db, version, Principal, now, cancellationToken);
        return (version, true);
    }

    [LoggerMessage(3920, LogLevel.Information, "Configuration version {Version} is in force ({Hash}): the hub's folder differed from what was")]
    private partial void LogActivated(long version, string hash);

    [LoggerMessage(3921, LogLevel.Warning, "Another version of the configuration came into force while the hub {Name} started; it claims and plans nothing until it runs that one")]
    private partial void LogOther(string name);

    [LoggerMessage(3911, LogLevel.Warning, "A version of the configuration and other work waited for each other, and the database ended the first ({Attempts} times): it is tried again")]
    private partial void LogTriedAgain(int attempts);

    [LoggerMessage(3928, LogLevel.Error, "The folder of the hub {Name} did not come into force: {Why} Until then it runs what was; 'apply' puts the folder in force, and so does its next start")]
    private partial void LogNotRenamed(string name, string why);
}

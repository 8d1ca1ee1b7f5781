using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Renames;

namespace IntegrationHub.Hub.Versions;

/// <summary>Carries out what is called otherwise, in the transaction that puts the configuration in force; and says before why it could not be.</summary>
internal sealed partial class Renamer(ILedger ledger, IDestinationStore store, ILogger<Renamer> logger)
{
    /// <summary>Refuses what could not be carried out whenever it is tried: what is under way is not looked at.</summary>
    /// <param name="db">The database.</param>
    /// <param name="before">The files in force.</param>
    /// <param name="after">The files that come into force.</param>
    /// <param name="next">What they say.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The renames.</returns>
    /// <exception cref="RenameRefusedException">They cannot be.</exception>
    public async Task<IReadOnlyList<NameChange>> CheckAsync(HubDbContext db, ConfigurationFiles before, ConfigurationFiles after, HubConfiguration next, CancellationToken cancellationToken)
    {
        var (audiences, problem) = NameChanges.Between(before, after, FormerNames.OfAudiences);
        var (sources, problemOfSources) = NameChanges.Between(before, after, FormerNames.OfSources);
        if ((problem ?? problemOfSources) is { } wrong)
        {
            throw new RenameRefusedException(RenameRefusedException.Taken, wrong);
        }

        foreach (var rename in audiences)
        {
            await AudienceRenaming.RefuseTakenAsync(db, rename.From, rename.To, cancellationToken);
            await RefuseMoveAsync(db, rename, next, cancellationToken);
        }

        foreach (var rename in sources)
        {
            await SourceRenaming.RefuseTakenAsync(db, rename.From, rename.To, cancellationToken);
        }

        return [.. audiences, .. sources];
    }

    /// <summary>Carries them out. Who calls holds the row of the version in force.</summary>
    /// <inheritdoc cref="CheckAsync"/>
    public async Task RenameAsync(HubDbContext db, ConfigurationFiles before, ConfigurationFiles after, HubConfiguration next, CancellationToken cancellationToken)
    {
        var renames = await CheckAsync(db, before, after, next, cancellationToken);
        if (renames.Count > 0)
        {
            await ledger.LockAsync(db, cancellationToken);
        }

        foreach (var rename in renames)
        {
            if (rename is SourceRename)
            {
                LogSourceRenamed(rename.From, rename.To, await SourceRenaming.RenameAsync(db, rename.From, rename.To, cancellationToken));
            }
            else
            {
                LogRenamed(rename.From, rename.To, await AudienceRenaming.RenameAsync(db, rename.From, rename.To, cancellationToken));
            }
        }
    }

    /// <summary>The vendor's side of an audience stays what it is: where by the new name another one would be asked for, the members would stay in the one before for ever.</summary>
    private async Task RefuseMoveAsync(HubDbContext db, NameChange rename, HubConfiguration next, CancellationToken cancellationToken)
    {
        var audience = next.Audiences[rename.To];
        foreach (var name in audience.Destinations)
        {
            if (await store.FindAudienceAsync(db, name, rename.From, cancellationToken) is { } stored && next.Destinations[name].RequestFor(audience) is var request && AudienceMove.IsDue(stored, request))
            {
                throw new RenameRefusedException(
                    RenameRefusedException.MovesList,
                    $"{rename.From} stands as {stored.RemoteRef} at {name}, and by the name {rename.To} the hub would ask for {AudienceMove.Words(request)} there: {stored.RemoteRef} would be left behind with its members. Write in destinations/{name}.yaml: audiences: {{ {rename.To}: {{ {Pinned(stored)} }} }}. To have another one made is a change of its own, later.");
            }
        }
    }

    /// <summary>What keeps the vendor's side as it is, in the words of the destination's file.</summary>
    private static string Pinned(StoredAudience stored) => stored.Requested?.Split(':', 2) is [var by, var what] ? $"{by}: \"{what}\"" : $"id: \"{stored.RemoteRef}\"";

    [LoggerMessage(3927, LogLevel.Information, "The audience {From} is called {To} when this version of the configuration is in force: {Rows} rows go by the new name")]
    private partial void LogRenamed(string from, string to, long rows);

    [LoggerMessage(3910, LogLevel.Information, "The source {From} is called {To} when this version of the configuration is in force: {Rows} rows go by the new name")]
    private partial void LogSourceRenamed(string from, string to, long rows);
}

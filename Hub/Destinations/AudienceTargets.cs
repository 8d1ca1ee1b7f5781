using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Destinations;

/// <summary>
/// The vendor's side of every audience: found or created once, remembered in the database, shared by all hub instances. It is followed where the
/// configuration asks for another one, and forgotten where somebody deleted it at the vendor; who was a member there is then owed again.
/// </summary>
internal sealed partial class AudienceTargets(
    OutboxTransaction transactions, IDestinationStore store, DestinationHealth health, TimeProvider time, ILogger<AudienceTargets> logger) : IDisposable
{
    private static readonly TimeSpan _untilMadeAnew = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<(string Destination, string Audience), AudienceTarget> _known = new();
    private readonly ConcurrentDictionary<(string Destination, string Audience), SemaphoreSlim> _resolving = new();

    /// <summary>The target, or the condition that prevents it.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="audience">Key of the audience.</param>
    /// <param name="lane">The lane on whose behalf the vendor is asked.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<EnsureAudienceResult> FindAsync(Destination destination, string audience, string lane, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((destination.Name, audience), out var known))
        {
            return new EnsureAudienceResult(known, null);
        }

        var turn = _resolving.GetOrAdd((destination.Name, audience), _ => new SemaphoreSlim(1, 1));
        await turn.WaitAsync(cancellationToken);
        try
        {
            return _known.TryGetValue((destination.Name, audience), out known)
                ? new EnsureAudienceResult(known, null)
                : await ResolveAsync(destination, audience, lane, cancellationToken);
        }
        finally
        {
            turn.Release();
        }
    }

    /// <summary>The stored targets of a destination, as far as the hub made or found them.</summary>
    public async Task<IReadOnlyList<StoredAudience>> ListAsync(Destination destination, CancellationToken cancellationToken)
    {
        var stored = new List<StoredAudience>();
        foreach (var audience in destination.Audiences)
        {
            if (await transactions.ReadAsync(db => store.FindAudienceAsync(db, destination.Name, audience, cancellationToken)) is { } found)
            {
                stored.Add(found);
            }
        }

        return stored;
    }

    /// <summary>What the next delivery changes at the vendor because the configuration asks for another side of an audience; of one, or with null of all.</summary>
    public async Task<IReadOnlyList<string>> MovesAsync(Destination destination, string? audience, CancellationToken cancellationToken) =>
    [
        .. (await ListAsync(destination, cancellationToken))
            .Where(stored => audience is null || stored.Audience == audience)
            .Select(stored => AudienceMove.Of(stored, destination.AudienceRequest(stored.Audience))).OfType<string>(),
    ];

    /// <summary>
    /// The vendor says that its side of an audience was deleted. One that was found by name is forgotten, and made anew when it is next needed; one that the
    /// configuration gives by id is a person's matter, and work for the audience waits until it is restored there or another id is given.
    /// </summary>
    /// <param name="destination">The destination.</param>
    /// <param name="audience">The vendor's side as the vendor was asked about it.</param>
    /// <param name="pass">Of the call that told, or null.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>The condition of the audience: how long its work waits. Everything else goes on.</returns>
    public async Task<DestinationCondition> ForgetAsync(Destination destination, AudienceTarget audience, HealthPass? pass, CancellationToken cancellationToken)
    {
        _known.TryRemove((destination.Name, audience.Audience), out _);
        if (destination.AudienceRequest(audience.Audience).RemoteId is not null)
        {
            LogGone(destination.Name, audience.Audience, audience.RemoteRef);
            return await health.ReportAudienceAsync(
                destination.Name, audience.Audience, new DestinationCondition(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone), pass, cancellationToken);
        }

        var owed = await transactions.RunAsync(
            (db, _) => store.ForgetAudienceAsync(db, destination.Name, audience.Audience, audience.RemoteRef, cancellationToken), cancellationToken);
        if (owed is { } members)
        {
            LogForgotten(destination.Name, audience.Audience, audience.RemoteRef, members);
        }

        return new DestinationCondition(DestinationTrouble.Misconfigured, ReasonCode.AudienceGone, _untilMadeAnew) { ConcernsThisWorkOnly = true };
    }

    public void Dispose()
    {
        foreach (var turn in _resolving.Values)
        {
            turn.Dispose();
        }
    }

    private async Task<EnsureAudienceResult> ResolveAsync(Destination destination, string audience, string lane, CancellationToken cancellationToken)
    {
        var request = destination.AudienceRequest(audience);
        var stored = await transactions.ReadAsync(db => store.FindAudienceAsync(db, destination.Name, audience, cancellationToken));
        if (stored is null || AudienceMove.IsDue(stored, request))
        {
            var ensured = await destination.ConnectorFor(lane).EnsureAudienceAsync(request, cancellationToken);
            if (ensured.Target is null)
            {
                return ensured;
            }

            stored = await RememberAsync(stored, new StoredAudience(destination.Name, audience, ensured.Target.RemoteRef, AudienceMove.Words(request)), cancellationToken);
        }

        var target = _known[(destination.Name, audience)] = new AudienceTarget(audience, stored.RemoteRef);
        return new EnsureAudienceResult(target, null);
    }

    private Task<StoredAudience> RememberAsync(StoredAudience? former, StoredAudience current, CancellationToken cancellationToken) => transactions.RunAsync(
        async (db, _) =>
        {
            if (former?.RemoteRef == current.RemoteRef)
            {
                await store.RenameAudienceAsync(db, current, cancellationToken);
                return current;
            }

            if (former is not null)
            {
                await LeaveAsync(db, former, current, cancellationToken);
            }

            return await store.RememberAudienceAsync(db, current, time.GetUtcNow(), cancellationToken);
        },
        cancellationToken);

    private async Task LeaveAsync(HubDbContext db, StoredAudience former, StoredAudience current, CancellationToken cancellationToken)
    {
        if (await store.ForgetAudienceAsync(db, former.Destination, former.Audience, former.RemoteRef, cancellationToken) is { } members)
        {
            LogMoved(former.Destination, former.Audience, former.RemoteRef, current.RemoteRef, members);
        }
    }

    [LoggerMessage(1171, LogLevel.Warning, "Audience {Audience} at {Destination}: {RemoteRef} was deleted there. It is made anew, and its {Members} members are owed again: start a sync of the audience to add those who are in no run")]
    private partial void LogForgotten(string destination, string audience, string remoteRef, long members);

    [LoggerMessage(1172, LogLevel.Warning, "Audience {Audience} at {Destination}: {RemoteRef}, which its file gives by id, was deleted there. Restore it at the vendor, or put another id under audiences in the destination's file and start the hub again")]
    private partial void LogGone(string destination, string audience, string remoteRef);

    [LoggerMessage(1173, LogLevel.Warning, "Audience {Audience} at {Destination} is now {Current} and was {Former}: its {Members} members are owed to the new one. The former one keeps its members at the vendor; delete it there when nobody needs it")]
    private partial void LogMoved(string destination, string audience, string former, string current, long members);
}

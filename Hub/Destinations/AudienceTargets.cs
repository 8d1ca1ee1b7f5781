using System.Collections.Concurrent;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Destinations;

/// <summary>The vendor's side of every audience: found or created once, remembered in the database, shared by all hub instances.</summary>
internal sealed class AudienceTargets(OutboxTransaction transactions, IDestinationStore store, TimeProvider time) : IDisposable
{
    private readonly ConcurrentDictionary<(string Destination, string Audience), AudienceTarget> _known = new();
    private readonly SemaphoreSlim _resolving = new(1, 1);

    /// <summary>The target, or the condition that prevents it.</summary>
    public async Task<EnsureAudienceResult> FindAsync(Destination destination, string audience, CancellationToken cancellationToken)
    {
        if (_known.TryGetValue((destination.Name, audience), out var known))
        {
            return new EnsureAudienceResult(known, null);
        }

        await _resolving.WaitAsync(cancellationToken);
        try
        {
            return _known.TryGetValue((destination.Name, audience), out known)
                ? new EnsureAudienceResult(known, null)
                : await ResolveAsync(destination, audience, cancellationToken);
        }
        finally
        {
            _resolving.Release();
        }
    }

    private async Task<EnsureAudienceResult> ResolveAsync(Destination destination, string audience, CancellationToken cancellationToken)
    {
        var remoteRef = await transactions.ReadAsync(db => store.FindAudienceAsync(db, destination.Name, audience, cancellationToken));
        if (remoteRef is null)
        {
            var ensured = await destination.Connector.EnsureAudienceAsync(destination.AudienceRequest(audience), cancellationToken);
            if (ensured.Target is null)
            {
                return ensured;
            }

            remoteRef = await transactions.RunAsync(
                (db, _) => store.RememberAudienceAsync(db, destination.Name, audience, ensured.Target.RemoteRef, time.GetUtcNow(), cancellationToken),
                cancellationToken);
        }

        var target = _known[(destination.Name, audience)] = new AudienceTarget(audience, remoteRef);
        return new EnsureAudienceResult(target, null);
    }

    public void Dispose() => _resolving.Dispose();
}

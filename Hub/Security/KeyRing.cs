using System.Collections.Concurrent;
using System.Security.Cryptography;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Access;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// The keys of the database and who is disabled, as they were a moment ago: read at once, whole, at most every few seconds, so that a request costs no look-up and a key that was revoked
/// at another hub opens nothing a moment later. When the database does not answer, keys that cannot be checked open nothing.
/// </summary>
internal sealed class KeyRing(OutboxTransaction transactions, TimeProvider time) : IDisposable
{
    private static readonly TimeSpan _fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _freshForStrangers = TimeSpan.FromMilliseconds(250);
    private readonly SemaphoreSlim _reading = new(1);
    private readonly ConcurrentDictionary<string, DateTimeOffset> _uses = new(StringComparer.Ordinal);
    private volatile Reading? _last;

    /// <summary>Whose key it is, with what it allows; null when it is none, or does not hold any more.</summary>
    public async Task<Principal?> FindAsync(string text, CancellationToken cancellationToken)
    {
        return SecretKey.IdOf(text) is { } id ? await FindAsync(id, SecretKey.HashOf(text), cancellationToken) : null;
    }

    /// <summary>As the other one, for whoever knows of the key no more than the hub does.</summary>
    /// <param name="id">The key's id.</param>
    /// <param name="hash"><see cref="SecretKey.HashOf"/> its text.</param>
    /// <param name="cancellationToken">Ends the look.</param>
    public async Task<Principal?> FindAsync(string id, ReadOnlyMemory<byte> hash, CancellationToken cancellationToken)
    {
        var keys = (await ReadAsync(_fresh, cancellationToken)).Keys;
        if (!keys.ContainsKey(id))
        {
            keys = (await ReadAsync(_freshForStrangers, cancellationToken)).Keys; // it may have been made since
        }

        var now = time.GetUtcNow();
        if (!keys.TryGetValue(id, out var key) || !CryptographicOperations.FixedTimeEquals(hash.Span, key.Hash.Span) || !key.IsGoodAt(now))
        {
            return null;
        }

        _uses[id] = now;
        var owner = key.Principal;
        return new Principal(owner.Id, owner.Kind == "person" ? PrincipalKind.Person : PrincipalKind.Service, owner.Name) { Scopes = Role.Allow(owner.Roles, key.Scopes) };
    }

    /// <summary>Whether somebody whom the identity provider vouches for was disabled at this hub.</summary>
    public async Task<bool> IsDisabledAsync(string principalId, CancellationToken cancellationToken) => (await ReadAsync(_fresh, cancellationToken)).Disabled.Contains(principalId);

    /// <summary>Forgets what it knows: a key was made or revoked here, or somebody disabled.</summary>
    public void Forget() => _last = null;

    /// <summary>Takes what was used since the last call.</summary>
    public IReadOnlyCollection<KeyValuePair<string, DateTimeOffset>> TakeUses()
    {
        var uses = _uses.ToArray();
        foreach (var use in uses)
        {
            _uses.TryRemove(use);
        }

        return uses;
    }

    public void Dispose() => _reading.Dispose();

    private async Task<Reading> ReadAsync(TimeSpan fresh, CancellationToken cancellationToken)
    {
        if (_last is { } last && time.GetElapsedTime(last.At) < fresh)
        {
            return last;
        }

        await _reading.WaitAsync(cancellationToken);
        try
        {
            if (_last is { } other && time.GetElapsedTime(other.At) < fresh)
            {
                return other;
            }

            var at = time.GetTimestamp(); // before the reading, which may take its time
            var (keys, disabled) = await transactions.ReadAsync(async db => (await AccessBook.ListAsync(db, cancellationToken), await AccessBook.DisabledAsync(db, cancellationToken)));
            var read = new Reading(at, keys.ToDictionary(key => key.KeyId, StringComparer.Ordinal), disabled.ToHashSet(StringComparer.Ordinal));
            _last = read;
            return read;
        }
        finally
        {
            _reading.Release();
        }
    }

    private sealed record Reading(long At, IReadOnlyDictionary<string, AccessKey> Keys, IReadOnlySet<string> Disabled);
}

using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Erasures;

/// <summary>The secrets that tombstones were and are written with: new ones by the first, and all are tried.</summary>
/// <param name="all">At least one, the newest first.</param>
public sealed class TombstoneSecrets(IReadOnlyList<TombstoneSecret> all)
{
    /// <summary>All of them, the newest first.</summary>
    public IReadOnlyList<TombstoneSecret> All { get; } = all is [_, ..] ? all : throw new ArgumentException("There is no secret for tombstones.", nameof(all));

    /// <summary>The one that new tombstones are written with.</summary>
    public TombstoneSecret Newest => All[0];

    /// <summary>The secret of a version.</summary>
    /// <exception cref="UnknownTombstoneSecretException">It is not among them.</exception>
    public TombstoneSecret Of(string version) => All.FirstOrDefault(secret => secret.Version == version) ?? throw new UnknownTombstoneSecretException(version);

    /// <summary>Names a key without telling it: <c>hmac:VERSION:…</c>.</summary>
    public string NameOf(PersonKey key) => $"hmac:{Newest.Version}:{Newest.HashOf(key)}";
}

namespace IntegrationHub.Storage.Erasures;

/// <summary>
/// Whom erasures are about, sealed: destinations can be asked whether somebody is still there only by the person's keys. The row goes with the last look.
/// </summary>
public sealed class SealedPeople(TombstoneSecrets secrets)
{
    /// <summary>Keeps, or replaces, whom an erasure is about.</summary>
    public async Task KeepAsync(HubDbContext db, Guid requestId, ErasurePerson person, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(person);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync(
            "INSERT INTO erasure_subjects (request_id, key_version, sealed) VALUES (@request, @version, @sealed) ON CONFLICT (request_id) DO UPDATE SET key_version = excluded.key_version, sealed = excluded.sealed",
            cancellationToken, ("request", requestId), ("version", secrets.Newest.Version), ("sealed", secrets.Newest.Seal(requestId, person.ToBytes())));
    }

    /// <summary>Whom an erasure is about; null when it is over.</summary>
    /// <exception cref="UnknownTombstoneSecretException">It was sealed with a secret that this hub does not have.</exception>
    public async Task<ErasurePerson?> FindAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT key_version, sealed FROM erasure_subjects WHERE request_id = @request", row => (Version: row.GetString(0), Sealed: row.GetFieldValue<byte[]>(1)), cancellationToken, ("request", requestId));
        return found is [var one] ? ErasurePerson.Read(secrets.Of(one.Version).Open(requestId, one.Sealed)) : null;
    }

    /// <summary>Nobody has to be asked about the person any more.</summary>
    public static async Task ForgetAsync(HubDbContext db, Guid requestId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM erasure_subjects WHERE request_id = @request", cancellationToken, ("request", requestId));
    }
}

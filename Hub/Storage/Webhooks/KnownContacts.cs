using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Webhooks;

/// <summary>Whom a destination means by its own ids; the same SQL on both dialects.</summary>
public static class KnownContacts
{
    /// <summary>The people by the destination's ids of them; an id that the hub never learned is left out.</summary>
    public static async Task<IReadOnlyDictionary<string, KnownContact>> FindAsync(HubDbContext db, string destination, IReadOnlyCollection<string> remoteIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = await session.ReadAsync(
            $"""
            SELECT r.remote_id, p.external_id, p.email FROM {session.Rows(("remote_id", "text"))} r
            {session.Lookup("destination_profiles", "d", "d.destination = @destination AND d.remote_id = r.remote_id")}
            {session.Lookup("profiles", "w", "w.profile_id = d.profile_id")}
            {session.Lookup("profiles", "p", "p.profile_id = coalesce((SELECT o.person_id FROM profiles o WHERE o.profile_id = w.person_id), w.person_id, w.profile_id)")}
            ORDER BY p.profile_id
            """,
            reader => (RemoteId: reader.GetString(0), Contact: new KnownContact(reader.TextOrNull(1), reader.TextOrNull(2))),
            cancellationToken,
            ("destination", destination), ("rows", JsonRows.Of(remoteIds, (writer, id) => writer.WriteStringValue(id))));
        return rows.DistinctBy(row => row.RemoteId).ToDictionary(row => row.RemoteId, row => row.Contact, StringComparer.Ordinal);
    }
}

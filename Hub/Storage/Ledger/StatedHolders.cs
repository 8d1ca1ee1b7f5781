using IntegrationHub.Identity;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Tells whose profiles state a key among their values (<see cref="StatedKeys"/>): no fact said that the key is theirs, but what is sent to it is sent to them.</summary>
internal sealed class StatedHolders(StatedKeys keysAmongValues)
{
    private const string Tenant = "default";
    private const int Most = 1_000;

    /// <summary>True for kinds of keys that stand among values.</summary>
    public static bool MayStand(PersonKey key) => key.Kind is KeyKind.Phone or KeyKind.CrmId or KeyKind.AnonymousId or KeyKind.DeviceId;

    /// <summary>Profiles that state one of the keys now; of keys that a thousand had, some of them.</summary>
    public async Task<IReadOnlyList<StatedHolder>> FindAsync(HubDbContext db, IEnumerable<PersonKey> keys, CancellationToken cancellationToken)
    {
        PersonKey[] asked = [.. keys.Where(MayStand).Distinct()];
        if (asked.Length == 0)
        {
            return [];
        }

        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var sealing = SealingKeys.Of(db);
        var had = await session.ReadAsync(
            $"""
            SELECT r.subject_key, p.phone, p.attributes, q.profile_id, q.external_id, q.email_key, p.profile_id FROM {session.Rows(("subject_key", "text"))} r
            {session.Lookup("former_keys", "f", $"f.tenant_id = '{Tenant}' AND f.subject_key = r.subject_key")}
            {session.Lookup("profiles", "p", "p.profile_id = f.profile_id")}
            {session.Lookup("profiles", "q", "q.profile_id = coalesce(p.person_id, p.profile_id)")}
            LIMIT {Most}
            """,
            row => (Key: ConsentState.Named(row.GetString(0)), Phone: row.TextOrNull(1), Attributes: sealing.OpenProfile(row.GetInt64(6), row.GetString(2)), ProfileId: row.GetInt64(3), ExternalId: row.TextOrNull(4), EmailKey: row.TextOrNull(5)),
            cancellationToken, ("rows", JsonRows.Of(asked.Select(key => ConsentState.KeyOf(key)), (writer, key) => writer.WriteStringValue(key))));
        var holders = new HashSet<StatedHolder>();
        foreach (var row in had)
        {
            PersonKey[] stated = [.. keysAmongValues.Of(row.Phone, row.Attributes)];
            if (row.Key is { } key && stated.Contains(key))
            {
                holders.Add(new StatedHolder(
                    key, row.ProfileId, PersonKey.Of(KeyKind.ExternalId, row.ExternalId) ?? PersonKey.Of(KeyKind.Email, row.EmailKey), key.Kind != KeyKind.Phone || stated.Count(other => other.Kind == KeyKind.Phone) == 1));
            }
        }

        return [.. holders];
    }
}

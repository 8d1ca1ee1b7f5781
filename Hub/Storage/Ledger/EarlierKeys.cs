using System.Globalization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Sealing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Brings keys that earlier versions stored into the normal form (decision 0011): those of consents, then those of profiles, some at a time, each part in one
/// transaction under the ledger's lock. It remembers how far it is: a start after it costs one look, and what is broken off goes on. Where two keys become one,
/// a denial under either holds; where two profiles do, both stay, and both are denied what one of them denied. Then come the keys among the values of profiles
/// (<see cref="StatedKeys"/>), once more whenever numbers are read by other rules.
/// </summary>
internal sealed class EarlierKeys(ILedgerTables tables, IConsentTables consents, IKeyHistory history, SubjectIntake intake, StatedKeys keysAmongValues, TimeProvider time)
{
    private const int Part = 500;
    private const string Consents = "consents";
    private const string Profiles = "profiles";
    private const string Done = "done";
    private const char Separator = '\u001f';

    /// <summary>Rewrites what is left to rewrite. Twice is as good as once, and several processes may do it at a time.</summary>
    public static async Task RewriteAsync(IServiceScopeFactory scopes, CancellationToken cancellationToken)
    {
        var more = true;
        while (more)
        {
            await using var scope = scopes.CreateAsyncScope();
            var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
            await using var transaction = await db.Database.BeginTransactionAsync(cancellationToken);
            more = await scope.ServiceProvider.GetRequiredService<EarlierKeys>().RewriteNextAsync(db, cancellationToken);
            await transaction.CommitAsync(cancellationToken);
        }
    }

    /// <summary>Rewrites the next part in the caller's transaction. False when nothing is left.</summary>
    private async Task<bool> RewriteNextAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await NextAsync(session, cancellationToken) is null)
        {
            return false;
        }

        await tables.LockAsync(db, cancellationToken);
        if (await NextAsync(session, cancellationToken) is not var (table, place))
        {
            return false;
        }

        var next = table switch
        {
            Consents => await RewriteConsentsAsync(session, db, place, cancellationToken),
            Profiles => await RewriteProfilesAsync(session, db, place, cancellationToken),
            _ => await ClaimStatedAsync(session, db, place, cancellationToken),
        };
        await session.ExecuteAsync(
            "INSERT INTO key_rewrites (table_name, place) VALUES (@table, @place) ON CONFLICT (table_name) DO UPDATE SET place = excluded.place", cancellationToken,
            ("table", table), ("place", next ?? Done));
        return true;
    }

    /// <summary>What is to be rewritten next and from where on; null when all is done.</summary>
    private async Task<(string Table, string Place)?> NextAsync(DbSession session, CancellationToken cancellationToken)
    {
        foreach (var table in new[] { Consents, Profiles, $"values {keysAmongValues.Rules}" })
        {
            if (await PlaceAsync(session, table, cancellationToken) is var place && place != Done)
            {
                return (table, place);
            }
        }

        return null;
    }

    /// <summary>Profiles claim the keys among their values; whoever denied under one of them is denied.</summary>
    private async Task<string?> ClaimStatedAsync(DbSession session, HubDbContext db, string place, CancellationToken cancellationToken)
    {
        var sealing = SealingKeys.Of(db);
        var found = await session.ReadAsync(
            $"""
            SELECT profile_id, tenant_id, phone, attributes FROM profiles
            WHERE profile_id > @after AND person_id IS NULL AND {StatedKeys.MayStand(sealing.MaySeal)} ORDER BY 1 LIMIT @part
            """,
            row => (ProfileId: row.GetInt64(0), Tenant: row.GetString(1), Content: new ProfileContent(null, row.TextOrNull(2), sealing.OpenProfile(row.GetInt64(0), row.GetString(3)), "{}", DateTimeOffset.UnixEpoch)),
            cancellationToken,
            ("after", place.Length == 0 ? 0L : long.Parse(place, CultureInfo.InvariantCulture)), ("part", Part));
        foreach (var tenant in found.GroupBy(row => row.Tenant, StringComparer.Ordinal))
        {
            FormerKey[] claimed = [.. tenant.SelectMany(row => keysAmongValues.Of(row.Content).Select(key => new FormerKey(row.ProfileId, ConsentState.KeyOf(key))))];
            if (claimed.Length > 0)
            {
                await history.AddAsync(db, tenant.Key, claimed, time.GetUtcNow(), cancellationToken);
                var decided = await consents.LoadAsync(db, tenant.Key, [.. claimed.Select(key => key.SubjectKey).Distinct(StringComparer.Ordinal)], cancellationToken);
                await (decided.Count == 0 ? Task.CompletedTask : DecideAgainAsync(db, tenant.Key, decided.Select(row => row.SubjectKey), cancellationToken));
            }
        }

        return found.Count < Part ? null : found[^1].ProfileId.ToString(CultureInfo.InvariantCulture);
    }

    private static async Task<string> PlaceAsync(DbSession session, string table, CancellationToken cancellationToken) =>
        await session.ScalarAsync("SELECT place FROM key_rewrites WHERE table_name = @table", cancellationToken, ("table", table)) as string ?? "";

    private async Task<string?> RewriteConsentsAsync(DbSession session, HubDbContext db, string place, CancellationToken cancellationToken)
    {
        var after = place.Split(Separator, 2) is [var tenantId, var subjectKey] ? (Tenant: tenantId, Key: subjectKey) : (Tenant: "", Key: "");
        var found = await session.ReadAsync(
            $"""
            SELECT DISTINCT tenant_id, subject_key FROM consents
            WHERE (tenant_id, subject_key) > (@tenant, @key) AND {session.HoldsMoreThanVisibleAscii("subject_key")} ORDER BY 1, 2 LIMIT @part
            """,
            row => (Tenant: row.GetString(0), Key: row.GetString(1)), cancellationToken, ("tenant", after.Tenant), ("key", after.Key), ("part", Part));
        foreach (var tenant in found.Where(row => ConsentState.Normal(row.Key) is { } normal && normal != row.Key).GroupBy(row => row.Tenant, StringComparer.Ordinal))
        {
            var normals = tenant.ToDictionary(row => row.Key, row => ConsentState.Normal(row.Key)!, StringComparer.Ordinal);
            string[] all = [.. normals.Keys.Union(normals.Values, StringComparer.Ordinal)];
            var decisions = await consents.LoadAsync(db, tenant.Key, all, cancellationToken);
            await session.ExecuteAsync(
                $"DELETE FROM consents WHERE tenant_id = @tenant AND subject_key IN ({string.Join(',', all.Select((_, i) => $"@key{i.ToString(CultureInfo.InvariantCulture)}"))})", cancellationToken,
                [("tenant", tenant.Key), .. all.Select((key, i) => ($"key{i.ToString(CultureInfo.InvariantCulture)}", (object?)key))]);
            await consents.KeepAsync(db, tenant.Key, ConsentState.Strictest(decisions.Select(row => row with { SubjectKey = normals.GetValueOrDefault(row.SubjectKey, row.SubjectKey) })), cancellationToken);
            await DecideAgainAsync(db, tenant.Key, normals.Values, cancellationToken);
        }

        return found.Count < Part ? null : $"{found[^1].Tenant}{Separator}{found[^1].Key}";
    }

    private async Task<string?> RewriteProfilesAsync(DbSession session, HubDbContext db, string place, CancellationToken cancellationToken)
    {
        var sealing = SealingKeys.Of(db);
        var found = await session.ReadAsync(
            $"""
            SELECT profile_id, tenant_id, external_id, email, email_key, phone, attributes, attributes_at, consent, occurred_at, version FROM profiles
            WHERE profile_id > @after AND person_id IS NULL AND ({session.HoldsMoreThanVisibleAscii("external_id")} OR {session.HoldsMoreThanVisibleAscii("email")}) ORDER BY 1 LIMIT @part
            """,
            row => (Tenant: row.GetString(1), EmailKey: row.TextOrNull(4), Entry: new SubjectEntry(new ProfileRow(
                row.GetInt64(0), row.TextOrNull(2), new ProfileContent(row.TextOrNull(3), row.TextOrNull(5), sealing.OpenProfile(row.GetInt64(0), row.GetString(6)), row.GetString(7), row.Time(9)), row.GetString(8), row.GetInt64(10)))),
            cancellationToken,
            ("after", place.Length == 0 ? 0L : long.Parse(place, CultureInfo.InvariantCulture)), ("part", Part));
        foreach (var tenant in found.Where(row => NormalKey.OfId(row.Entry.ExternalId) != row.Entry.ExternalId || row.Entry.EmailKey != row.EmailKey).GroupBy(row => row.Tenant, StringComparer.Ordinal))
        {
            List<SubjectEntry> earlier = [.. tenant.Select(row => row.Entry)];
            string[] ids = [.. earlier.Select(entry => NormalKey.OfId(entry.ExternalId)).OfType<string>().Distinct(StringComparer.Ordinal)];
            var taken = (await tables.LoadProfilesAsync(db, tenant.Key, new ProfileQuery { ExternalIds = ids }, cancellationToken)).ToDictionary(row => row.ExternalId!, row => row.ProfileId, StringComparer.Ordinal);
            var denied = new List<FormerKey>();
            foreach (var entry in earlier)
            {
                // Of two people with one id the one that has it in its normal form, or came first, keeps it; the other is reached by it for what was denied.
                var id = NormalKey.OfId(entry.ExternalId);
                if (id is not null && !taken.TryAdd(id, entry.ProfileId) && taken[id] != entry.ProfileId)
                {
                    denied.AddRange(ConsentState.KeysOf(id, null).Select(key => new FormerKey(entry.ProfileId, key)));
                    id = entry.ExternalId;
                }

                entry.Respell(id);
            }

            await tables.WriteProfilesAsync(db, tenant.Key, earlier, time.GetUtcNow(), cancellationToken);
            await history.AddAsync(db, tenant.Key, denied, time.GetUtcNow(), cancellationToken);
            await DecideAgainAsync(db, tenant.Key, earlier.SelectMany(entry => ConsentState.KeysOf(NormalKey.OfId(entry.ExternalId), entry.EmailKey)), cancellationToken);
        }

        return found.Count < Part ? null : found[^1].Entry.ProfileId.ToString(CultureInfo.InvariantCulture);
    }

    private Task DecideAgainAsync(HubDbContext db, string tenantId, IEnumerable<string> keys, CancellationToken cancellationToken) => intake.DecideAgainAsync(
        db, tenantId, [.. keys.Distinct(StringComparer.Ordinal).Select(key => new ConsentRow(key, "", "", "", DateTimeOffset.UnixEpoch, Collected: false))], time.GetUtcNow(), cancellationToken);
}

using System.Text.Json;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>What settling and canceling teach about a destination on SQLite: whom it knows, who is a member, and of whom it is in doubt.</summary>
internal static class SqliteDestinationState
{
    private const string KnownSql =
        """
        INSERT INTO destination_profiles AS t (destination, profile_id, remote_id, content_hash, profile_version, plan_version, confirmed_at, run_id, key_hash)
        SELECT @destination, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'),
               json_extract(value, '$[3]'), json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, profile_id) DO UPDATE SET
            remote_id = CASE WHEN excluded.remote_id IS NOT NULL THEN excluded.remote_id
                WHEN excluded.profile_id IN (SELECT value FROM json_each(@forgotten)) THEN NULL ELSE t.remote_id END,
            content_hash = coalesce(excluded.content_hash, t.content_hash),
            profile_version = coalesce(excluded.profile_version, t.profile_version),
            plan_version = coalesce(excluded.plan_version, t.plan_version),
            confirmed_at = coalesce(excluded.confirmed_at, t.confirmed_at),
            key_hash = coalesce(excluded.key_hash, t.key_hash),
            unseen_since = CASE WHEN excluded.content_hash IS NULL AND (excluded.remote_id IS NULL OR excluded.remote_id IS t.remote_id) THEN t.unseen_since END,
            run_id = excluded.run_id
        """;

    private const string MembersSql =
        """
        INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, confirmed_at, run_id)
        SELECT @destination, json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[2]'),
               @at, json_extract(value, '$[3]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, audience, profile_id) DO UPDATE SET
            is_member = excluded.is_member,
            added_by_hub = CASE WHEN t.is_member OR (t.in_doubt AND excluded.is_member) THEN t.added_by_hub ELSE excluded.added_by_hub END,
            in_doubt = 0,
            confirmed_at = excluded.confirmed_at,
            run_id = excluded.run_id
        """;

    private const string DoubtSql =
        """
        INSERT INTO destination_members AS t (destination, audience, profile_id, is_member, added_by_hub, in_doubt, confirmed_at, run_id)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), 0, 1, 1, @at, json_extract(value, '$[3]')
        FROM json_each(@rows) WHERE true
        ON CONFLICT (destination, audience, profile_id) DO UPDATE SET is_member = 0, in_doubt = 1, added_by_hub = t.added_by_hub OR NOT t.is_member
            WHERE NOT t.is_member OR EXISTS (SELECT 1 FROM json_each(@rows) o
                WHERE json_extract(o.value, '$[4]') AND json_extract(o.value, '$[2]') = excluded.profile_id AND json_extract(o.value, '$[1]') = excluded.audience)
        """;

    private const string MaybeKnownSql =
        """
        INSERT OR IGNORE INTO destination_profiles (destination, profile_id, run_id)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[2]'), json_extract(value, '$[3]') FROM json_each(@rows)
        """;

    public static async Task WriteAsync(
        DbSession session, string destination, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var learned = settlements.Where(SettlementEffects.MakesKnown).ToList();
        if (learned.Count > 0)
        {
            await session.ExecuteAsync(
                KnownSql, cancellationToken,
                ("destination", destination),
                ("rows", JsonRows.Of(learned, (writer, settlement) => WriteKnown(writer, settlement, now))),
                ("forgotten", JsonRows.Numbers(learned.Where(settlement => settlement.ForgetRemoteId).Select(settlement => settlement.Delivery.ProfileId))));
        }

        var moved = settlements.Where(SettlementEffects.ChangesMembership).ToList();
        if (moved.Count > 0)
        {
            var rows = JsonRows.Of(moved, (writer, settlement) =>
            {
                writer.WriteStringValue(settlement.Delivery.Audience);
                writer.WriteNumberValue(settlement.Delivery.ProfileId);
                writer.Flag(SettlementEffects.IsMember(settlement));
                writer.Id(settlement.Delivery.RunId);
            });
            await session.ExecuteAsync(MembersSql, cancellationToken, ("destination", destination), ("rows", rows), ("at", now));
        }
    }

    /// <summary>Remembers that of these nobody knows whether they are members: they were perhaps put in, or, with <c>Ends</c>, taken out.</summary>
    public static Task DoubtAsync(
        DbSession session, IReadOnlyList<MaybeSentRow> people, DateTimeOffset now, CancellationToken cancellationToken) =>
        people.Count == 0 ? Task.CompletedTask : session.ExecuteAsync(DoubtSql, cancellationToken, ("rows", DoubtRows(people)), ("at", now));

    /// <summary>Remembers that the destination may know these.</summary>
    public static Task MayKnowAsync(
        DbSession session, IReadOnlyList<MaybeSentRow> people, CancellationToken cancellationToken) =>
        people.Count == 0 ? Task.CompletedTask : session.ExecuteAsync(MaybeKnownSql, cancellationToken, ("rows", DoubtRows(people)));

    private static string DoubtRows(IEnumerable<MaybeSentRow> people) => JsonRows.Of(people, (writer, person) =>
    {
        writer.WriteStringValue(person.Destination);
        writer.WriteStringValue(person.Audience);
        writer.WriteNumberValue(person.ProfileId);
        writer.Id(person.RunId);
        writer.Flag(person.Ends);
    });

    private static void WriteKnown(Utf8JsonWriter writer, Settlement settlement, DateTimeOffset now)
    {
        var hash = SettlementEffects.ConfirmedHashOf(settlement);
        writer.WriteNumberValue(settlement.Delivery.ProfileId);
        writer.WriteStringValue(settlement.RemoteId);
        writer.OptionalId(hash);
        if (hash is null)
        {
            writer.WriteNullValue();
            writer.WriteNullValue();
            writer.WriteNullValue();
        }
        else
        {
            writer.WriteNumberValue(settlement.Delivery.ProfileVersion);
            writer.WriteStringValue(settlement.PlanVersion);
            writer.Time(now);
        }

        writer.Id(settlement.Delivery.RunId);
        writer.OptionalId(settlement.KeyHash);
    }
}

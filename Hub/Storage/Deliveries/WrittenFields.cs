using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Deliveries;

/// <summary>
/// Which fields that are written once were written to whom. A field is offered before the call that may write it, with the hash of its value, and is written when the vendor confirms it: what ends without
/// a word in between stays in doubt. The same SQL on both dialects, one statement for all people of a batch.
/// </summary>
public static class WrittenFields
{
    /// <summary>Offers fields, and finds which of them may be sent: those that nobody was offered before, and those that are in doubt with the same value.</summary>
    /// <param name="db">The context with its open transaction, to be committed before the call.</param>
    /// <param name="destination">The destination.</param>
    /// <param name="offers">Person, field and the hash of its value.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>Of each person and field how it stands now, and whether this offer is its first.</returns>
    public static async Task<IReadOnlyDictionary<(long ProfileId, string Field), (WrittenField Stands, bool IsFirst)>> OfferAsync(
        HubDbContext db, string destination, IReadOnlyCollection<(long ProfileId, string Field, string Hash)> offers, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(offers.DistinctBy(offer => (offer.ProfileId, offer.Field)).OrderBy(offer => offer.ProfileId).ThenBy(offer => offer.Field, StringComparer.Ordinal), (writer, offer) =>
        {
            writer.WriteNumberValue(offer.ProfileId);
            writer.WriteStringValue(offer.Field);
            writer.WriteStringValue(offer.Hash);
        });
        var offered = session.Rows(("profile_id", "bigint"), ("field", "text"), ("hash", "text"));
        var first = (await session.ReadAsync(
            $"""
            INSERT INTO written_fields (destination, profile_id, field, offered_hash)
            SELECT @destination, i.profile_id, i.field, i.hash FROM {offered} i WHERE true
            ON CONFLICT (destination, profile_id, field) DO NOTHING
            RETURNING profile_id, field
            """,
            row => (row.GetInt64(0), row.GetString(1)), cancellationToken, ("destination", destination), ("rows", rows))).ToHashSet();
        var stands = await session.ReadAsync(
            $"""
            SELECT w.profile_id, w.field, w.offered_hash, w.written_at FROM {offered} i
            {session.Lookup("written_fields", "w", "w.destination = @destination AND w.profile_id = i.profile_id AND w.field = i.field")}
            """,
            Read, cancellationToken, ("destination", destination), ("rows", rows));
        return stands.ToDictionary(field => (field.ProfileId, field.Field), field => (field, first.Contains((field.ProfileId, field.Field))));
    }

    /// <summary>How the fields of some people stand at a destination; those that were never offered are not among them.</summary>
    public static async Task<IReadOnlyDictionary<(long ProfileId, string Field), WrittenField>> FindAsync(HubDbContext db, string destination, IEnumerable<long> people, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            $"""
            SELECT w.profile_id, w.field, w.offered_hash, w.written_at FROM {session.Rows(("profile_id", "bigint"))} i
            {session.Lookup("written_fields", "w", "w.destination = @destination AND w.profile_id = i.profile_id")}
            """,
            Read, cancellationToken, ("destination", destination), ("rows", JsonRows.Of(people.Distinct(), (writer, id) => writer.WriteNumberValue(id))));
        return found.ToDictionary(field => (field.ProfileId, field.Field));
    }

    /// <summary>Notes what a settlement says of the fields that its records offered, in its transaction; does nothing, and asks nothing, where none did.</summary>
    public static async Task SettleAsync(HubDbContext db, string destination, IReadOnlyList<Settlement> settlements, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var said = settlements.Where(settlement => settlement.Offered.Count > 0).ToLookup(OutcomeOf);
        if (said.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var input = session.Rows(("profile_id", "bigint"), ("field", "text"));
        if (said.Contains(OfferOutcome.Written))
        {
            await session.ExecuteAsync(
                $"""
                INSERT INTO written_fields AS t (destination, profile_id, field, offered_hash, written_at)
                SELECT @destination, i.profile_id, i.field, NULL, {session.Instant("@at")} FROM {input} i WHERE true
                ON CONFLICT (destination, profile_id, field) DO UPDATE SET offered_hash = NULL, written_at = coalesce(t.written_at, EXCLUDED.written_at)
                """,
                cancellationToken, ("destination", destination), ("at", now), ("rows", Rows(said[OfferOutcome.Written], static _ => true)));
        }

        if (said.Contains(OfferOutcome.NotWritten))
        {
            await DeleteAsync(said[OfferOutcome.NotWritten], static field => field.IsFirst, " AND written_at IS NULL");
        }

        if (said.Contains(OfferOutcome.TakenBack))
        {
            await DeleteAsync(said[OfferOutcome.TakenBack], static _ => true, "");
        }

        Task DeleteAsync(IEnumerable<Settlement> of, Func<OfferedField, bool> which, string condition) => session.ExecuteAsync(
            $"DELETE FROM written_fields WHERE destination = @destination AND (profile_id, field) IN (SELECT i.profile_id, i.field FROM {input} i){condition}",
            cancellationToken, ("destination", destination), ("rows", Rows(of, which)));
    }

    /// <summary>What was written to one profile counts as written to the one that shows the person from now on, since the earliest time; it stays with the first, too, should the two be taken apart again.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="moves">The profile that is shown no more, and the one that shows it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task CarryAsync(HubDbContext db, IReadOnlyCollection<(long From, long To)> moves, CancellationToken cancellationToken)
    {
        if (moves.Count == 0)
        {
            return;
        }

        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO written_fields AS t (destination, profile_id, field, offered_hash, written_at)
            SELECT w.destination, r.to_id, w.field,
                CASE WHEN min(w.written_at) IS NOT NULL THEN NULL WHEN min(w.offered_hash) = max(w.offered_hash) THEN min(w.offered_hash) ELSE '' END, min(w.written_at)
            FROM {session.Rows(("from_id", "bigint"), ("to_id", "bigint"))} r {session.Lookup("written_fields", "w", "w.profile_id = r.from_id")}
            WHERE r.from_id <> r.to_id
            GROUP BY w.destination, r.to_id, w.field
            ON CONFLICT (destination, profile_id, field) DO UPDATE SET
                offered_hash = CASE WHEN coalesce(t.written_at, EXCLUDED.written_at) IS NOT NULL THEN NULL WHEN t.offered_hash = EXCLUDED.offered_hash THEN t.offered_hash ELSE '' END,
                written_at = CASE WHEN t.written_at <= EXCLUDED.written_at THEN t.written_at ELSE coalesce(EXCLUDED.written_at, t.written_at) END
            """,
            cancellationToken,
            ("rows", JsonRows.Of(moves.Distinct(), (writer, move) =>
            {
                writer.WriteNumberValue(move.From);
                writer.WriteNumberValue(move.To);
            })));
    }

    /// <summary>What an outcome says of a field that is written once. Where nobody knows, nothing is said: the offer stands.</summary>
    private static OfferOutcome OutcomeOf(Settlement settlement) => settlement switch
    {
        { Delivery.TakesBack: true } => SettlementEffects.IsConfirmed(settlement) ? OfferOutcome.TakenBack : OfferOutcome.Unknown,
        _ when SettlementEffects.IsConfirmed(settlement) => OfferOutcome.Written,
        { MaybeSent: true } or { Outcome: LedgerOutcome.DeadLettered } => OfferOutcome.Unknown,
        _ => OfferOutcome.NotWritten,
    };

    private static string Rows(IEnumerable<Settlement> settlements, Func<OfferedField, bool> which) => JsonRows.Of(
        from settlement in settlements
        from field in settlement.Offered
        where which(field)
        group field by (settlement.Delivery.ProfileId, field.Name) into one
        orderby one.Key
        select one.Key,
        (writer, field) =>
        {
            writer.WriteNumberValue(field.ProfileId);
            writer.WriteStringValue(field.Name);
        });

    private static WrittenField Read(System.Data.Common.DbDataReader row) => new(row.GetInt64(0), row.GetString(1), row.TextOrNull(2), row.IsDBNull(3) ? null : row.Time(3));

    private enum OfferOutcome
    {
        /// <summary>Nobody knows: the field is in doubt.</summary>
        Unknown,

        /// <summary>The vendor confirmed it.</summary>
        Written,

        /// <summary>The vendor does not have it.</summary>
        NotWritten,

        /// <summary>What a run wrote was taken back.</summary>
        TakenBack,
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>Ambiguous letters that a vendor is asked about, and what it said; the same SQL on both dialects.</summary>
public static class LetterInquiries
{
    /// <summary>The vendor has the event.</summary>
    public const string SettledByVendor = "settled_by_vendor";

    /// <summary>The vendor does not have the event: it can be replayed without risk.</summary>
    public const string NotAtVendor = "not_at_vendor";

    /// <summary>The vendor does not show the event, and may yet.</summary>
    public const string TooEarly = "too_early";

    /// <summary>The next letters of an action, in their order.</summary>
    public static async Task<IReadOnlyList<InquiredLetter>> NextAsync(HubDbContext db, LetterAction action, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            $"""
            SELECT l.dead_letter_id, p.external_id, p.email, dp.remote_id, f.body, coalesce(l.sent_at, l.fact_received_at, l.at), l.at, {BackfillClaim.IsQuietLetter(session)}, f.event_id
            FROM (
                SELECT * FROM dead_letters WHERE action_id = @action AND status = '{LetterStatus.Replaying}' AND dead_letter_id > @after ORDER BY dead_letter_id LIMIT @limit) l
            {session.OptionalLookup("profiles", "p", "p.profile_id = l.profile_id")}
            {session.OptionalLookup("destination_profiles", "dp", "dp.destination = l.destination AND dp.profile_id = l.profile_id")}
            {session.OptionalLookup("facts", "f", "f.position = l.fact_position AND f.received_at = l.fact_received_at")}
            ORDER BY l.dead_letter_id
            """,
            row => new InquiredLetter(row.GetInt64(0), row.TextOrNull(1), row.TextOrNull(2), row.TextOrNull(3), keys.OpenFact(row, 8, 4), row.Time(5), row.Time(6)) { IsQuiet = row.GetBoolean(7) },
            cancellationToken, ("action", action.ActionId), ("after", action.OwedId), ("limit", (long)limit));
    }

    /// <summary>Settles letters of an action by what the vendor shows, in the caller's transaction.</summary>
    public static async Task AnswerAsync(HubDbContext db, LetterAction action, IReadOnlyList<LetterSighting> sightings, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        ArgumentNullException.ThrowIfNull(sightings);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE dead_letters AS l SET
                status = CASE r.presence WHEN 'there' THEN '{LetterStatus.Delivered}' WHEN 'not_there' THEN '{LetterStatus.Open}' ELSE {LetterWork.StatusBefore("l")} END,
                code = CASE r.presence WHEN 'not_there' THEN '{NotAtVendor}' ELSE l.code END,
                result_code = r.code, settled_at = {session.Instant("@now")},
                asked_at = CASE WHEN r.code = '{TooEarly}' THEN l.asked_at ELSE {session.Instant("@now")} END
            FROM {session.Rows(("letter_id", "bigint"), ("presence", "text"), ("code", "text"))} r
            WHERE l.dead_letter_id = r.letter_id AND l.action_id = @action AND l.status = '{LetterStatus.Replaying}'
            """,
            cancellationToken, ("action", action.ActionId), ("now", now),
            ("rows", JsonRows.Of(sightings, (writer, sighting) =>
            {
                writer.WriteNumberValue(sighting.LetterId);
                writer.WriteStringValue(sighting.Presence switch { EventPresence.There => "there", EventPresence.NotThere => "not_there", _ => "unclear" });
                writer.WriteStringValue(sighting.Code);
            })));
        await ConfirmAsync(session, [.. sightings.Where(sighting => sighting.Presence == EventPresence.There).Select(sighting => sighting.LetterId)], cancellationToken);
        await LetterWork.MoveOnAsync(session, action, sightings.Max(sighting => sighting.LetterId), cancellationToken);
    }

    /// <summary>What the destination has now stands in its receipts.</summary>
    internal static async Task ConfirmAsync(DbSession session, IReadOnlyCollection<long> letterIds, CancellationToken cancellationToken)
    {
        if (letterIds.Count == 0)
        {
            return;
        }

        await session.ExecuteAsync(
            $"""
            UPDATE event_receipts SET outcome = '{LedgerOutcome.Delivered}'
            WHERE (destination, position) IN (
                SELECT l.destination, l.fact_position FROM {session.Rows(("letter_id", "bigint"))} r {session.Lookup("dead_letters", "l", "l.dead_letter_id = r.letter_id AND l.fact_position IS NOT NULL")})
            """,
            cancellationToken, ("rows", JsonRows.Of(letterIds, (writer, id) => writer.WriteNumberValue(id))));
    }

    /// <summary>Ambiguous letters of a destination that died before a time and that the vendor was not asked about since, the oldest first.</summary>
    public static async Task<IReadOnlyList<long>> FindUnaskedAsync(HubDbContext db, string destination, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT dead_letter_id FROM dead_letters
            WHERE destination = @destination AND code = '{LetterActions.Ambiguous}' AND asked_at IS NULL AND at <= {session.Instant("@before")} AND status IN ({LetterStatus.Waiting}) ORDER BY at, dead_letter_id LIMIT @limit
            """,
            row => row.GetInt64(0), cancellationToken, ("destination", destination), ("before", before), ("limit", (long)limit));
    }
}

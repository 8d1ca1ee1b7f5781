using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>
/// The work of actions on dead letters, in steps of so many letters, each in the caller's transaction: whoever does the next step, after a crash or beside
/// another instance, goes on where the last one committed. The same SQL on both dialects.
/// </summary>
public static class LetterWork
{
    private const string InRange = $"l.action_id = @action AND l.status = '{LetterStatus.Replaying}' AND l.dead_letter_id > @after AND l.dead_letter_id <= @last";

    /// <summary>As before it belonged to an action: whoever was sent again died again.</summary>
    internal static string StatusBefore(string letter) => $"CASE WHEN {letter}.first_at IS NULL THEN '{LetterStatus.Open}' ELSE '{LetterStatus.CameBack}' END";

    /// <summary>Takes an action for this transaction; others wait for its end. Null when there is none, or it is over.</summary>
    public static async Task<LetterAction?> TakeAsync(HubDbContext db, long actionId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var taken = await session.ReadAsync(
            $"UPDATE letter_actions SET state = state WHERE action_id = @id AND finished_at IS NULL RETURNING {LetterActions.Columns}", LetterActions.Read, cancellationToken, ("id", actionId));
        return taken.FirstOrDefault();
    }

    /// <summary>Makes the next letters its own; of an action that is no replay, this is what it does.</summary>
    /// <returns>The action as it stands then: it is frozen when its state is another one.</returns>
    public static async Task<LetterAction> FreezeAsync(HubDbContext db, LetterAction action, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var selection = new LetterSelection(session, action.Filter, action.Kind);
        var frozen = await session.ReadAsync(
            $"""
            UPDATE dead_letters SET action_id = @action, {Effect(action.Kind)}
            WHERE status IN ({LetterSelection.Takes(action.Kind)}) AND dead_letter_id IN (
                SELECT dead_letter_id FROM dead_letters WHERE {selection.Condition} AND dead_letter_id > @after AND dead_letter_id <= @upper ORDER BY dead_letter_id LIMIT @limit)
            RETURNING dead_letter_id
            """,
            row => row.GetInt64(0), cancellationToken,
            selection.With([("action", action.ActionId), ("after", action.FrozenId), ("upper", action.UpperId), ("limit", (long)limit), .. LetterActionKind.IsDoneAtOnce(action.Kind) ? new (string, object?)[] { ("now", now) } : []]));
        await (action.Kind == LetterActionKind.SettleDelivered ? LetterInquiries.ConfirmAsync(session, frozen, cancellationToken) : Task.CompletedTask);
        var isFrozen = frozen.Count < limit;
        var isOver = isFrozen && LetterActionKind.IsDoneAtOnce(action.Kind);
        return await StoreAsync(session, action with
        {
            Frozen = action.Frozen + frozen.Count,
            FrozenId = frozen.Count == 0 ? action.FrozenId : frozen.Max(),
            State = isOver ? LetterActionState.Done : isFrozen ? LetterActionState.Running : action.State,
            FinishedAt = isOver ? now : null,
        }, cancellationToken);
    }

    /// <summary>Owes the next letters again; those of people who are gone are suppressed.</summary>
    /// <returns>How many letters were looked at: fewer than the limit when none is left.</returns>
    public static async Task<int> OweAsync(HubDbContext db, LetterAction action, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var next = await session.ReadAsync(
            $"SELECT dead_letter_id FROM dead_letters WHERE action_id = @action AND status = '{LetterStatus.Replaying}' AND dead_letter_id > @after ORDER BY dead_letter_id LIMIT @limit",
            row => row.GetInt64(0), cancellationToken, ("action", action.ActionId), ("after", action.OwedId), ("limit", (long)limit));
        if (next.Count == 0)
        {
            return 0;
        }

        (string, object?)[] range = [("action", action.ActionId), ("after", action.OwedId), ("last", next[^1]), ("now", now)];
        await session.ExecuteAsync(
            $"""
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, event_id, fact_position, fact_received_at, letter_id)
            SELECT @stream, l.destination, '{Lane.Replay}', CAST(l.profile_id % @partitions AS integer), l.operation, l.profile_id, l.audience, {session.Instant("@now")}, 0, {session.Instant("@now")},
                l.event_id, l.fact_position, l.fact_received_at, l.dead_letter_id
            FROM (SELECT * FROM dead_letters l WHERE {InRange} AND l.operation < {OperationCode.FirstOfIdentity}) l {session.Lookup("profiles", "p", "p.profile_id = l.profile_id")}
            ORDER BY l.dead_letter_id
            """,
            cancellationToken, [.. range, ("stream", LiveStream.IdOf(action.Filter.Destination, Lane.Replay)), ("partitions", action.Partitions)]);
        await OweIdentityAsync(session, range, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE dead_letters AS l SET status = '{LetterStatus.Suppressed}', result_code = 'person_gone', settled_at = {session.Instant("@now")}
            WHERE {InRange} AND NOT EXISTS (SELECT 1 FROM profiles p WHERE p.profile_id = l.profile_id)
            """,
            cancellationToken, range);
        await StoreAsync(session, action with { OwedId = next[^1] }, cancellationToken);
        return next.Count;
    }

    /// <summary>
    /// Changes of identity are owed in the live stream, as the changes themselves were: nothing else is sent about their people before. One that is owed there already,
    /// since the person changed back, is not owed twice.
    /// </summary>
    private static async Task OweIdentityAsync(DbSession session, (string, object?)[] range, CancellationToken cancellationToken)
    {
        const string OfIdentity = "l.operation >= 6";
        await session.ExecuteAsync(
            $"""
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, named_key, other_profile_id, letter_id)
            SELECT i.stream_id, l.destination, '{Lane.Live}', CAST(l.profile_id % i.partitions AS integer), l.operation, l.profile_id, '', {session.Instant("@now")}, 0, {session.Instant("@now")},
                l.named_key, l.other_profile_id, l.dead_letter_id
            FROM (SELECT * FROM dead_letters l WHERE {InRange} AND {OfIdentity}) l JOIN identity_routes i ON i.destination = l.destination AND i.stream_id IS NOT NULL
            {session.Lookup("profiles", "p", "p.profile_id = l.profile_id")}
            WHERE true ORDER BY l.dead_letter_id
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, range);
        await session.ExecuteAsync(
            $"""
            UPDATE dead_letters AS l SET status = '{LetterStatus.Superseded}', result_code = 'overtaken', settled_at = {session.Instant("@now")}
            WHERE {InRange} AND {OfIdentity} AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.letter_id = l.dead_letter_id)
              AND EXISTS (SELECT 1 FROM identity_routes i JOIN deliveries d ON d.run_id = i.stream_id WHERE i.destination = l.destination AND d.profile_id = l.profile_id AND d.operation = l.operation
                  AND d.operation >= 6 AND coalesce(d.named_key, '') = coalesce(l.named_key, '') AND coalesce(d.other_profile_id, 0) = coalesce(l.other_profile_id, 0))
            """,
            cancellationToken, range);
    }

    /// <summary>How many letters of a destination wait in the queue, at most as many as asked.</summary>
    public static async Task<long> CountWaitingAsync(HubDbContext db, string destination, int most, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            "SELECT count(*) FROM (SELECT 1 FROM deliveries WHERE letter_id IS NOT NULL AND destination = @destination LIMIT @most) w", cancellationToken,
            ("destination", destination), ("most", (long)most)))!;
    }

    /// <summary>Lanes and partitions of a destination in which letters wait.</summary>
    public static async Task<IReadOnlyList<(string Lane, int Partition)>> ListPartitionsAsync(HubDbContext db, string destination, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            "SELECT DISTINCT lane, partition FROM deliveries WHERE letter_id IS NOT NULL AND destination = @destination ORDER BY lane, partition",
            row => (row.GetString(0), row.GetInt32(1)), cancellationToken, ("destination", destination));
    }

    /// <summary>Takes out of the queue what an action owes in a partition and what was never tried. The caller holds the partition's lease, so that nobody sends it.</summary>
    public static async Task WithdrawAsync(HubDbContext db, LetterAction action, string lane, int partition, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            DELETE FROM deliveries WHERE run_id = @stream AND partition = @partition AND attempt = 0 AND NOT maybe_sent AND sending_since IS NULL
              AND EXISTS (SELECT 1 FROM dead_letters l WHERE l.dead_letter_id = deliveries.letter_id AND l.action_id = @action)
            """,
            cancellationToken, ("stream", LiveStream.IdOf(action.Filter.Destination, lane)), ("partition", partition), ("action", action.ActionId));
    }

    /// <summary>Gives back letters of an action that nobody is about to send: not owed yet, or owed and gone from the queue without an outcome.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> GiveBackAsync(HubDbContext db, LetterAction action, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"""
            UPDATE dead_letters SET status = {StatusBefore("dead_letters")}
            WHERE status = '{LetterStatus.Replaying}' AND dead_letter_id IN (
                SELECT l.dead_letter_id FROM dead_letters l
                WHERE l.action_id = @action AND l.status = '{LetterStatus.Replaying}' AND NOT EXISTS (SELECT 1 FROM deliveries d WHERE d.letter_id = l.dead_letter_id)
                ORDER BY l.dead_letter_id LIMIT @limit)
            """,
            cancellationToken, ("action", action.ActionId), ("limit", (long)limit));
    }

    /// <summary>Ends a replay whose letters all have an outcome.</summary>
    /// <returns>True when it is over.</returns>
    public static async Task<bool> FinishAsync(HubDbContext db, LetterAction action, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await session.ScalarAsync(
            $"SELECT 1 FROM dead_letters WHERE action_id = @action AND status = '{LetterStatus.Replaying}' LIMIT 1", cancellationToken, ("action", action.ActionId)) is not null)
        {
            return false;
        }

        await StoreAsync(session, action with { State = action.State == LetterActionState.Stopping ? LetterActionState.Stopped : LetterActionState.Done, FinishedAt = now }, cancellationToken);
        return true;
    }

    /// <summary>The letters of an action up to one are looked after.</summary>
    internal static Task MoveOnAsync(DbSession session, LetterAction action, long letterId, CancellationToken cancellationToken) =>
        StoreAsync(session, action with { OwedId = letterId }, cancellationToken);

    private static string Effect(string kind) => kind switch
    {
        LetterActionKind.Replay or LetterActionKind.SettleByVendor => $"status = '{LetterStatus.Replaying}'",
        LetterActionKind.Discard => $"status = '{LetterStatus.Discarded}', settled_at = @now",
        LetterActionKind.Restore => $"status = {StatusBefore("dead_letters")}, settled_at = @now",
        LetterActionKind.SettleDelivered => $"status = '{LetterStatus.Delivered}', result_code = 'settled_by_word', settled_at = @now",
        LetterActionKind.SettleNotDelivered => $"status = '{LetterStatus.Open}', code = 'not_delivered', settled_at = @now",
        _ => "version = version + 1, settled_at = @now",
    };

    private static async Task<LetterAction> StoreAsync(DbSession session, LetterAction action, CancellationToken cancellationToken)
    {
        await session.ExecuteAsync(
            "UPDATE letter_actions SET state = @state, frozen = @frozen, frozen_id = @frozenId, owed_id = @owedId, finished_at = @finished WHERE action_id = @id", cancellationToken,
            ("state", action.State), ("frozen", action.Frozen), ("frozenId", action.FrozenId), ("owedId", action.OwedId), ("finished", action.FinishedAt), ("id", action.ActionId));
        return action;
    }
}

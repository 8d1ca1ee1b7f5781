using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.DeadLetters;

/// <summary>The book of actions on dead letters; the same SQL on both dialects.</summary>
public static class LetterActions
{
    internal const string Columns =
        """
        action_id, kind, destination, operation, code, run_id, letter_ids, state, requested_by, reason, idempotency_key, allows_repeat, confirmed, frozen,
        upper_id, frozen_id, owed_id, partitions, requested_at, stopped_by, finished_at, failing_since, waiting_for
        """;

    /// <summary>How many letters an action would have now.</summary>
    public static async Task<long> CountAsync(HubDbContext db, string kind, LetterFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var selection = new LetterSelection(session, filter, kind);
        return (long)(await session.ScalarAsync($"SELECT count(*) FROM dead_letters WHERE {selection.Condition}", cancellationToken, selection.With()))!;
    }

    /// <summary>How many letters of a filter no replay takes, because they are profiles that a backfill or a rollback was to write.</summary>
    public static async Task<long> CountOfBackfillsAsync(HubDbContext db, LetterFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var selection = new LetterSelection(session, filter, LetterActionKind.Discard); // takes those that a replay would take, whatever their run
        return (long)(await session.ScalarAsync($"SELECT count(*) FROM dead_letters WHERE {selection.Condition} AND {BackfillClaim.IsProfileOfBackfill}", cancellationToken, selection.With()))!;
    }

    /// <summary>How many letters an action that waits would have of those that were there at its confirmation, and how many of them the vendor may have already.</summary>
    public static async Task<(long Count, long Ambiguous)> CountWaitingAsync(HubDbContext db, LetterAction action, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var selection = new LetterSelection(session, action.Filter, action.Kind);
        return (await session.ReadAsync(
            $"SELECT count(*), coalesce(sum(CASE WHEN code = '{Ambiguous}' THEN 1 ELSE 0 END), 0) FROM dead_letters WHERE {selection.Condition} AND dead_letter_id <= @upper",
            row => (row.GetInt64(0), row.GetInt64(1)), cancellationToken, selection.With(("upper", action.UpperId)))).Single();
    }

    /// <summary>Lets an action that waits take its letters, in the caller's transaction.</summary>
    public static async Task LetGoAsync(HubDbContext db, long actionId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE letter_actions SET state = '{LetterActionState.Freezing}' WHERE action_id = @id AND state = '{LetterActionState.Waiting}'", cancellationToken, ("id", actionId));
    }

    /// <summary>How many of them may have arrived though nobody says so.</summary>
    public static Task<long> CountAmbiguousAsync(HubDbContext db, LetterFilter filter, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(filter);
        return filter.Code is not null and not Ambiguous ? Task.FromResult(0L) : CountAsync(db, LetterActionKind.Replay, filter with { Code = Ambiguous }, cancellationToken);
    }

    /// <summary>Adds an action, in the caller's transaction; its letters are what is there now.</summary>
    /// <returns>Its id.</returns>
    public static async Task<long> AddAsync(HubDbContext db, LetterAction action, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(action);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return (long)(await session.ScalarAsync(
            """
            INSERT INTO letter_actions (kind, destination, operation, code, run_id, letter_ids, state, requested_by, reason, idempotency_key, allows_repeat, confirmed, frozen,
                upper_id, frozen_id, owed_id, stream_id, partitions, requested_at)
            VALUES (@kind, @destination, @operation, @code, @run, @ids, @state, @by, @reason, @key, @repeat, @confirmed, 0,
                coalesce((SELECT max(dead_letter_id) FROM dead_letters), 0), 0, 0, @stream, @partitions, @at)
            RETURNING action_id
            """,
            cancellationToken,
            ("kind", action.Kind), ("destination", action.Filter.Destination), ("operation", action.Filter.Operation is { } operation ? OperationCode.CodeOf(operation) : null),
            ("code", action.Filter.Code), ("run", action.Filter.RunId), ("ids", action.Filter.LetterIds is { } ids ? JsonSerializer.Serialize(ids) : null), ("state", action.State),
            ("by", action.By), ("reason", action.Reason), ("key", action.Key), ("repeat", action.AllowsRepeat), ("confirmed", action.Confirmed),
            ("stream", LiveStream.IdOf(action.Filter.Destination, Lane.Replay)), ("partitions", action.Partitions), ("at", action.RequestedAt)))!;
    }

    /// <summary>One, or null.</summary>
    public static async Task<LetterAction?> FindAsync(HubDbContext db, long actionId, CancellationToken cancellationToken) =>
        await ReadAsync(db, "WHERE action_id = @id", cancellationToken, ("id", actionId)) is [var found] ? found : null;

    /// <summary>The one that was asked for under a key, or null.</summary>
    public static async Task<LetterAction?> FindByKeyAsync(HubDbContext db, string key, CancellationToken cancellationToken) =>
        await ReadAsync(db, "WHERE idempotency_key = @key", cancellationToken, ("key", key)) is [var found] ? found : null;

    /// <summary>A page of them, newest first.</summary>
    public static async Task<Page<LetterAction>> ListAsync(HubDbContext db, string? destination, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(Columns, "letter_actions", [("action_id", PlaceKind.Number)], isDescending: true)
            .Where("destination = @destination", "destination", destination)
            .ReadAsync(session, ask, Read, cancellationToken);
    }

    /// <summary>Those that are not over, oldest first.</summary>
    public static Task<IReadOnlyList<LetterAction>> ListOpenAsync(HubDbContext db, CancellationToken cancellationToken) =>
        ReadAsync(db, "WHERE finished_at IS NULL ORDER BY action_id", cancellationToken);

    /// <summary>What became of the letters of some actions so far.</summary>
    public static async Task<ILookup<long, LetterResult>> ResultsAsync(HubDbContext db, IReadOnlyList<long> actionIds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(actionIds);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = await session.ReadAsync(
            $"""
            SELECT t.action_id, t.status, t.code, CAST(sum(t.count) AS bigint) FROM {session.Rows(("action_id", "bigint"))} r {session.Lookup("letter_results", "t", "t.action_id = r.action_id")}
            GROUP BY 1, 2, 3 ORDER BY 1, 4 DESC, 2, 3
            """,
            row => (Action: row.GetInt64(0), Result: new LetterResult(row.GetString(1), row.GetString(2), row.GetInt64(3))),
            cancellationToken,
            ("rows", Sqlite.JsonRows.Of(actionIds, (writer, id) => writer.WriteNumberValue(id))));
        return rows.ToLookup(row => row.Action, row => row.Result);
    }

    /// <summary>Asks a replay to stop, in the caller's transaction; false when it is over or was asked before.</summary>
    public static async Task<bool> StopAsync(HubDbContext db, long actionId, string by, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"UPDATE letter_actions SET state = '{LetterActionState.Stopping}', stopped_by = @by WHERE action_id = @id AND kind IN ('{LetterActionKind.Replay}', '{LetterActionKind.SettleByVendor}') AND state IN ('{LetterActionState.Waiting}', '{LetterActionState.Freezing}', '{LetterActionState.Running}')",
            cancellationToken, ("id", actionId), ("by", by)) == 1;
    }

    /// <summary>Says what keeps an action from going on, in the caller's transaction.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="actionId">The action.</param>
    /// <param name="waitingFor">One sentence without personal data; null when nothing keeps it any more.</param>
    /// <param name="isFailing">True when it was tried in vain, and is not just waiting.</param>
    /// <param name="now">The hub's time.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task SayAsync(HubDbContext db, long actionId, string? waitingFor, bool isFailing, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE letter_actions SET waiting_for = @sentence, failing_since = {(isFailing ? $"coalesce(failing_since, {session.Instant("@now")})" : "NULL")} WHERE action_id = @id AND finished_at IS NULL",
            cancellationToken, [("id", actionId), ("sentence", waitingFor), .. isFailing ? new (string, object?)[] { ("now", now) } : []]);
    }

    /// <summary>Of some letters of a destination, those that an action does not take, and why: which status they have, and their latest action. None: they are not there.</summary>
    public static async Task<IReadOnlyList<(long LetterId, string Status, long? ActionId)>> FindAsync(HubDbContext db, string destination, IReadOnlyList<long> letterIds, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT l.dead_letter_id, l.status, l.action_id FROM {session.Rows(("letter_id", "bigint"))} r {session.Lookup("dead_letters", "l", "l.dead_letter_id = r.letter_id")} WHERE l.destination = @destination",
            row => (row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? (long?)null : row.GetInt64(2)), cancellationToken,
            ("destination", destination), ("rows", Sqlite.JsonRows.Of(letterIds, (writer, id) => writer.WriteNumberValue(id))));
    }

    /// <summary>One confirmation at a time, until the caller's transaction ends.</summary>
    public static async Task LockAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await (session.IsSqlite ? Task.CompletedTask : session.ExecuteAsync("SELECT pg_advisory_xact_lock(@key)", cancellationToken, ("key", (long)Postgres.AdvisoryLock.LetterActions)));
    }

    /// <summary>What it means that nobody knows whether the vendor has an event.</summary>
    internal const string Ambiguous = "ambiguous";

    internal static LetterAction Read(DbDataReader row)
    {
        IReadOnlyList<long>? letters = null;
        var unreadable = !row.IsDBNull(6) && !StoredList.TryRead(row, 6, out letters) ? "letter_ids" : !row.IsDBNull(3) && !OperationCode.IsKnown(row.GetInt16(3)) ? "operation" : null;
        return Read(row, new LetterFilter(row.GetString(2), row.IsDBNull(3) ? null : OperationCode.NameOf(row.GetInt16(3)), row.TextOrNull(4), row.IsDBNull(5) ? null : row.GetGuid(5), letters)) with
        {
            Unreadable = unreadable,
        };
    }

    private static LetterAction Read(DbDataReader row, LetterFilter filter) => new()
    {
        ActionId = row.GetInt64(0),
        Kind = row.GetString(1),
        Filter = filter,
        State = row.GetString(7),
        By = row.GetString(8),
        Reason = row.TextOrNull(9),
        Key = row.TextOrNull(10),
        AllowsRepeat = row.GetBoolean(11),
        Confirmed = row.GetInt64(12),
        Frozen = row.GetInt64(13),
        UpperId = row.GetInt64(14),
        FrozenId = row.GetInt64(15),
        OwedId = row.GetInt64(16),
        Partitions = row.GetInt32(17),
        RequestedAt = row.Time(18),
        StoppedBy = row.TextOrNull(19),
        FinishedAt = row.IsDBNull(20) ? null : row.Time(20),
        FailingSince = row.IsDBNull(21) ? null : row.Time(21),
        WaitingFor = row.TextOrNull(22),
    };

    private static async Task<IReadOnlyList<LetterAction>> ReadAsync(HubDbContext db, string condition, CancellationToken cancellationToken, params (string, object?)[] parameters)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync($"SELECT {Columns} FROM letter_actions {condition}", Read, cancellationToken, parameters);
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>Canceling what a run owes on SQLite: its rows leave the queue with an outcome, and the next run owes their people again.</summary>
internal static class SqliteCancellation
{
    private const string StopPlanSql =
        """
        INSERT INTO run_plans (run_id, destination, audience, mode, canceled)
        SELECT correlation_id, destination, audience, mode, 1 FROM runs WHERE correlation_id = @run
        ON CONFLICT (run_id) DO UPDATE SET canceled = 1
        """;

    private const string CancelSql =
        """
        DELETE FROM deliveries WHERE delivery_id IN (
            SELECT delivery_id FROM deliveries WHERE run_id = @run AND operation <> 5 ORDER BY partition, delivery_id LIMIT @limit)
        RETURNING run_id, profile_id, destination, audience, operation, attempt, maybe_sent
        """;

    private const string MarkSql =
        """
        INSERT OR IGNORE INTO audience_changes (destination, audience, profile_id)
        SELECT json_extract(value, '$[2]'), json_extract(value, '$[3]'), json_extract(value, '$[1]') FROM json_each(@rows) WHERE json_extract(value, '$[3]') <> ''
        """;

    public static async Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(StopPlanSql, cancellationToken, ("run", runId));
        var canceled = await session.ReadAsync(
            CancelSql,
            reader => new OutcomeRow(
                reader.GetGuid(0), reader.GetInt64(1), reader.GetString(2), reader.GetString(3), reader.GetInt16(4),
                LedgerOutcome.Suppressed, "run_canceled", reader.GetInt32(5), null) { MaybeSent = reader.GetBoolean(6) },
            cancellationToken,
            ("run", runId), ("limit", limit));
        if (canceled.Count > 0)
        {
            await SqliteDestinationState.DoubtAsync(session, MaybeSent(canceled, Operation.AddMember, Operation.RemoveMember), now, cancellationToken);
            await SqliteDestinationState.MayKnowAsync(session, MaybeSent(canceled, Operation.AddMember, Operation.UpsertProfile), cancellationToken);
            await session.ExecuteAsync(MarkSql, cancellationToken, ("rows", await SqliteOutcomes.WriteAsync(session, Guid.Empty, canceled, now, cancellationToken)));
        }

        return canceled.Count + await EventReplays.CancelAsync(session, runId, limit, now, cancellationToken);
    }

    private static List<MaybeSentRow> MaybeSent(List<OutcomeRow> canceled, params Operation[] operations) =>
    [
        .. canceled.Where(row => row.MaybeSent && operations.Any(operation => row.Operation == operation.ToCode()))
            .Select(row => new MaybeSentRow(row.Destination, row.Audience, row.ProfileId, row.RunId, row.Operation == Operation.RemoveMember.ToCode())),
    ];
}

using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Sealing;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Storage.Runs;

/// <summary>Reads runs through EF Core and their ledgers with SQL that both dialects speak.</summary>
internal sealed class RunStore : IRunStore
{
    /// <summary>A reservation whose run never started is given up after this time: its start command is lost for good.</summary>
    private static readonly TimeSpan _startTimeout = TimeSpan.FromMinutes(10);

    private static readonly string[] _atWork = [RunState.Snapshotting, RunState.Planning, RunState.Delivering, RunState.Verifying, RunState.Canceling];

    private static readonly string[] _outcomes =
        [Deliveries.LedgerOutcome.Delivered, Deliveries.LedgerOutcome.Unchanged, Deliveries.LedgerOutcome.Suppressed, Deliveries.LedgerOutcome.Rejected, Deliveries.LedgerOutcome.DeadLettered];

    private const string NotOver =
        """
        NOT EXISTS (SELECT 1 FROM audience_syncs s WHERE s.correlation_id = r.run_id AND s.finished_at IS NOT NULL)
        AND (r.reserved_at > @lost OR EXISTS (SELECT 1 FROM audience_syncs s WHERE s.correlation_id = r.run_id))
        """;

    private const string ReserveSql =
        $"""
        INSERT INTO run_reservations AS r (audience, destination, run_id, reserved_at) VALUES (@audience, @destination, @run, @at)
        ON CONFLICT (audience, destination) DO UPDATE SET run_id = EXCLUDED.run_id, reserved_at = EXCLUDED.reserved_at
            WHERE r.run_id = EXCLUDED.run_id OR NOT ({NotOver})
        RETURNING 1
        """;

    private const string DeadLetterColumns =
        "dead_letter_id, run_id, destination, audience, profile_id, operation, outcome, code, attempts, at, event_id, status, version, action_id";

    public async Task<RunView?> FindAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        var run = await db.Set<AudienceSyncState>().AsNoTracking().SingleOrDefaultAsync(row => row.CorrelationId == runId, cancellationToken);
        return run is null ? null : (await ViewsAsync(db, [run], cancellationToken))[0];
    }

    public async Task<Page<RunView>> ListAsync(HubDbContext db, RunFilter filter, PageAsk ask, CancellationToken cancellationToken)
    {
        var runs = db.Set<AudienceSyncState>().AsNoTracking();
        runs = filter.State is null ? runs : runs.Where(run => run.CurrentState == filter.State);
        runs = filter.Audience is null ? runs : runs.Where(run => run.Audience == filter.Audience);
        runs = filter.Destination is null ? runs : runs.Where(run => run.Destination == filter.Destination);
        runs = filter.IsOpen ? runs.Where(run => run.FinishedAt == null) : runs;
        runs = filter.IsStalled ? runs.Where(run => run.StalledSince != null && run.FinishedAt == null) : runs;
        var page = await runs.NewestFirstAsync(ask, run => run.RequestedAt, cancellationToken);
        return page.With(await ViewsAsync(db, [.. page.Items], cancellationToken));
    }

    public async Task<IReadOnlyList<RunView>> ListAsync(HubDbContext db, IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken) =>
        runIds.Count == 0 ? [] : await ViewsAsync(db, await db.Set<AudienceSyncState>().AsNoTracking().Where(run => runIds.Contains(run.CorrelationId)).ToListAsync(cancellationToken), cancellationToken);

    public async Task<IReadOnlyList<Guid>> ListAtWorkAsync(HubDbContext db, string? destination, CancellationToken cancellationToken) =>
        await db.Set<AudienceSyncState>().AsNoTracking()
            .Where(run => _atWork.Contains(run.CurrentState) && (destination == null || run.Destination == destination))
            .OrderBy(run => run.RequestedAt)
            .Select(run => run.CorrelationId)
            .ToListAsync(cancellationToken);

    public async Task<Guid?> FindActiveAsync(HubDbContext db, string audience, string destination, CancellationToken cancellationToken)
    {
        var runs = await db.Set<AudienceSyncState>().AsNoTracking()
            .Where(run => run.Audience == audience && run.Destination == destination && run.FinishedAt == null)
            .OrderBy(run => run.RequestedAt)
            .Select(run => run.CorrelationId)
            .Take(1)
            .ToListAsync(cancellationToken);
        return runs.Count == 0 ? null : runs[0];
    }

    public async Task<bool> TryReserveAsync(HubDbContext db, string audience, string destination, Guid runId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ScalarAsync(
            ReserveSql, cancellationToken, ("audience", audience), ("destination", destination), ("run", runId), ("at", at), ("lost", at - _startTimeout)) is not null;
    }

    public async Task<Page<DeadLetterView>> ListDeadLettersAsync(
        HubDbContext db, string? destination, Guid? runId, DeadLetterKind? kind, PageAsk ask, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(DeadLetterColumns, "dead_letters", [("dead_letter_id", PlaceKind.Number)], isDescending: true)
            .Where("destination = @destination", "destination", destination)
            .Where("run_id = @run", "run", runId)
            .Where("operation = @operation", "operation", kind?.Operation is { } operation ? OperationCode.CodeOf(operation) : null)
            .Where("code = @code", "code", kind?.Code)
            .Where("status = @status", "status", kind?.Status)
            .Where("action_id = @action", "action", kind?.ActionId)
            .ReadAsync(session, ask, ReadDeadLetter, cancellationToken);
    }

    public async Task<Page<RunRecord>> ListRecordsAsync(HubDbContext db, Guid runId, string outcome, string? code, PageAsk ask, CancellationToken cancellationToken)
    {
        // What will not arrive is few and stands in a list of its own, where a person may stand twice; the rest is read off the run's outcomes.
        var (table, order, version) = outcome is Deliveries.LedgerOutcome.Rejected or Deliveries.LedgerOutcome.DeadLettered
            ? ("dead_letters", "o.dead_letter_id", "(SELECT w.config_version FROM outcomes w WHERE w.run_id = o.run_id AND w.profile_id = o.profile_id)")
            : ("outcomes", "o.profile_id", "o.config_version");
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await new PageSql(
            $"o.profile_id, o.outcome, o.code, o.at, p.external_id, p.email, p.phone, p.attributes, {version}", $"{table} o LEFT JOIN profiles p ON p.profile_id = o.profile_id",
            [(order, PlaceKind.Number)], isDescending: false)
            .Where("o.run_id = @run", "run", runId)
            .Where($"o.outcome = '{Known(outcome)}'") // as a word of the statement: what has a reason has an index of its own
            .Where("o.code = @code", "code", code)
            .ReadAsync(
                session, ask,
                reader => new RunRecord(
                    reader.GetInt64(0), reader.GetString(1), reader.TextOrNull(2) is { Length: > 0 } found ? found : null, reader.Time(3),
                    reader.TextOrNull(4), reader.TextOrNull(5), reader.TextOrNull(6), reader.TextOrNull(7) is { } attributes ? keys.OpenProfile(reader.GetInt64(0), attributes) : null)
                { ConfigVersion = reader.IsDBNull(8) ? null : reader.GetInt64(8) },
                cancellationToken);
    }

    private static string Known(string outcome) => _outcomes.Contains(outcome) ? outcome : throw new ArgumentOutOfRangeException(nameof(outcome), outcome, "This is no outcome.");

    public async Task<DeadLetterView?> FindDeadLetterAsync(HubDbContext db, long deadLetterId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            $"SELECT {DeadLetterColumns} FROM dead_letters WHERE dead_letter_id = @id", ReadDeadLetter, cancellationToken, ("id", deadLetterId));
        return found.Count == 0 ? null : found[0];
    }

    private static DeadLetterView ReadDeadLetter(System.Data.Common.DbDataReader reader) => new(
        reader.GetInt64(0), reader.GetGuid(1), reader.GetString(2), reader.GetString(3), reader.GetInt64(4),
        OperationCode.NameOf(reader.GetInt16(5)), reader.GetString(6), reader.GetString(7), reader.GetInt32(8), reader.Time(9),
        reader.IsDBNull(10) ? null : reader.GetGuid(10))
    {
        Status = reader.GetString(11), Version = reader.GetInt32(12), ActionId = reader.IsDBNull(13) ? null : reader.GetInt64(13),
    };

    private static async Task<IReadOnlyList<RunView>> ViewsAsync(HubDbContext db, List<AudienceSyncState> runs, CancellationToken cancellationToken)
    {
        if (runs.Count == 0)
        {
            return [];
        }

        var byRun = await RunLedgers.ReadAsync(db, [.. runs.Select(run => run.CorrelationId)], cancellationToken);
        return runs.ConvertAll(run => View(run, [.. byRun[run.CorrelationId]]));
    }

    private static RunView View(AudienceSyncState run, List<ReasonCount> tallies)
    {
        return new RunView
        {
            RunId = run.CorrelationId,
            Kind = run.Mode == SyncMode.Reconcile ? "reconciliation" : "audience_sync",
            State = run.CurrentState,
            Audience = run.Audience,
            Destination = run.Destination,
            Mode = run.Mode,
            SnapshotId = run.SnapshotId,
            RequestedAt = run.RequestedAt,
            RequestedBy = run.RequestedBy,
            FinishedAt = run.FinishedAt,
            LastProgressAt = run.LastProgressAt,
            WaitingFor = run.WaitingFor,
            StalledSince = run.StalledSince,
            DiagnosisCode = run.DiagnosisCode,
            DiagnosisDetail = run.DiagnosisDetail,
            FailureCode = run.FailureCode,
            FailureDetail = run.FailureDetail,
            Counts = RunLedgers.CountsOf(tallies),
            Reasons = RunLedgers.ReasonsOf(tallies),
            ReadBackAt = run.ReadBackAt,
            Verification = new VerificationView(run.Expected, run.Found, run.Missing, run.Unexpected, run.FieldsRead, run.Differing),
        };
    }
}

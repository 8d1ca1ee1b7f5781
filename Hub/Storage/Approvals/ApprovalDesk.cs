using System.Data.Common;
using System.Text.Json;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Approvals;

/// <summary>What waits for somebody's agreement, and what was said to it.</summary>
public static class ApprovalDesk
{
    private const string Columns =
        "a.approval_id, a.kind, a.subject, a.plan_hash, a.requested_by, a.requested_at, a.expires_at, a.needed, a.four_eyes, a.summary, a.decisions, a.state, a.ended_at";

    /// <summary>
    /// Asks, in the caller's transaction. The same question (kind, subject, plan) that waits already is the one that is answered; one about an earlier plan is withdrawn.
    /// </summary>
    /// <returns>Id of the approval.</returns>
    public static async Task<Guid> RequestAsync(HubDbContext db, ApprovalRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(request);
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Needed, 1);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        if (await FindWaitingAsync(db, request.Kind, request.Subject, cancellationToken) is { } waiting)
        {
            if (waiting.Request.PlanHash == request.PlanHash)
            {
                return waiting.ApprovalId;
            }

            await EndAsync(db, waiting, ApprovalState.Withdrawn, request.At, cancellationToken);
        }

        var id = Guid.CreateVersion7(request.At);
        var asked = await session.ExecuteAsync(
            """
            INSERT INTO approvals (approval_id, kind, subject, plan_hash, summary, requested_by, requested_at, expires_at, needed, four_eyes, decisions, state)
            VALUES (@id, @kind, @subject, @plan, @summary, @by, @at, @expires, @needed, @four_eyes, '[]', 'waiting')
            ON CONFLICT DO NOTHING
            """,
            cancellationToken,
            ("id", id), ("kind", request.Kind), ("subject", request.Subject), ("plan", request.PlanHash), ("summary", request.Summary), ("by", request.RequestedBy), ("at", request.At),
            ("expires", request.ExpiresAt), ("needed", request.Needed), ("four_eyes", request.FourEyes));
        return asked == 1 ? id : await RequestAsync(db, request, cancellationToken); // another hub asked in the same moment
    }

    /// <summary>Adds a word, in the caller's transaction: a no ends the waiting, and so does the last yes that was needed. Who may speak is for the caller to know.</summary>
    /// <returns>The approval after it; null when it did not wait any more.</returns>
    public static async Task<Approval?> DecideAsync(HubDbContext db, Guid approvalId, ApprovalDecision decision, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(decision);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        // Of two that speak at once, one waits here for the other and reads its word.
        if (await session.ExecuteAsync("UPDATE approvals SET state = state WHERE approval_id = @id AND state = 'waiting'", cancellationToken, ("id", approvalId)) == 0)
        {
            return null;
        }

        var waiting = (await FindAsync(db, approvalId, cancellationToken))!;
        if (waiting.Unreadable is { } column)
        {
            throw new InvalidOperationException($"The column {column} of approval {approvalId} cannot be read; what was said before would be lost.");
        }

        var after = waiting with { Decisions = [.. waiting.Decisions.Where(said => said.By != decision.By), decision] };
        after = (decision.Approves, after.Missing) switch
        {
            (false, _) => after with { State = ApprovalState.Refused, EndedAt = decision.At },
            (true, 0) => after with { State = ApprovalState.Approved, EndedAt = decision.At },
            _ => after,
        };
        await session.ExecuteAsync(
            "UPDATE approvals SET decisions = @decisions, state = @state, ended_at = @ended WHERE approval_id = @id", cancellationToken,
            ("decisions", JsonSerializer.Serialize(after.Decisions)), ("state", after.State), ("ended", after.EndedAt), ("id", approvalId));
        return after;
    }

    /// <summary>Ends the waiting without a word, in the caller's transaction.</summary>
    /// <returns>False when it did not wait any more.</returns>
    public static async Task<bool> EndAsync(HubDbContext db, Approval approval, string state, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(approval);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            "UPDATE approvals SET state = @state, ended_at = @at WHERE approval_id = @id AND state = 'waiting'", cancellationToken, ("state", state), ("at", at), ("id", approval.ApprovalId)) == 1;
    }

    /// <summary>An approval, or null.</summary>
    public static async Task<Approval?> FindAsync(HubDbContext db, Guid approvalId, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync($"SELECT {Columns} FROM approvals a WHERE a.approval_id = @id", Read, cancellationToken, ("id", approvalId))).SingleOrDefault();
    }

    /// <summary>The one that waits about a subject, or null.</summary>
    public static async Task<Approval?> FindWaitingAsync(HubDbContext db, string kind, string subject, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"SELECT {Columns} FROM approvals a WHERE a.kind = @kind AND a.subject = @subject AND a.state = 'waiting'", Read, cancellationToken, ("kind", kind), ("subject", subject))).SingleOrDefault();
    }

    /// <summary>The last one about a subject, however it stands; null when nobody was ever asked.</summary>
    public static async Task<Approval?> FindLastAsync(HubDbContext db, string subject, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"SELECT {Columns} FROM approvals a WHERE a.subject = @subject ORDER BY a.requested_at DESC, a.approval_id DESC LIMIT 1", Read, cancellationToken, ("subject", subject))).SingleOrDefault();
    }

    /// <summary>Whether a plan was agreed to since a time.</summary>
    public static async Task<bool> IsApprovedAsync(HubDbContext db, string kind, string subject, string planHash, DateTimeOffset since, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            "SELECT 1 FROM approvals a WHERE a.kind = @kind AND a.subject = @subject AND a.plan_hash = @plan AND a.state = 'approved' AND a.ended_at >= @since", row => row.GetInt32(0), cancellationToken,
            ("kind", kind), ("subject", subject), ("plan", planHash), ("since", since))).Count > 0;
    }

    /// <summary>Approvals, newest first.</summary>
    /// <param name="db">The context.</param>
    /// <param name="kind">Only of this kind; null for all.</param>
    /// <param name="state">Only in this state; null for all.</param>
    /// <param name="ask">Which page.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<Page<Approval>> ListAsync(HubDbContext db, string? kind, string? state, PageAsk ask, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        ArgumentNullException.ThrowIfNull(ask);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await new PageSql(Columns, "approvals a", [("a.requested_at", PlaceKind.Time), ("a.approval_id", PlaceKind.Id)], isDescending: true)
            .Where("a.kind = @kind", "kind", kind)
            .Where("a.state = @state", "state", state)
            .ReadAsync(session, ask, Read, cancellationToken);
    }

    /// <summary>Those that wait, newest first.</summary>
    public static async Task<IReadOnlyList<Approval>> ListWaitingAsync(HubDbContext db, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns} FROM approvals a WHERE a.state = 'waiting' ORDER BY a.requested_at DESC, a.approval_id DESC LIMIT @limit", Read, cancellationToken, ("limit", limit));
    }

    /// <summary>Those that wait and are too late, oldest first.</summary>
    public static async Task<IReadOnlyList<Approval>> ListExpiredAsync(HubDbContext db, DateTimeOffset now, int limit, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT {Columns} FROM approvals a WHERE a.state = 'waiting' AND a.expires_at <= @now ORDER BY a.expires_at LIMIT @limit", Read, cancellationToken, ("now", now), ("limit", limit));
    }

    private static Approval Read(DbDataReader row)
    {
        var isReadable = StoredList.TryRead<ApprovalDecision>(row, 10, out var decisions);
        return new Approval(
            row.GetGuid(0),
            new ApprovalRequest(row.GetString(1), row.GetString(2), row.GetString(3), row.GetString(4), row.Time(5), row.IsDBNull(6) ? null : row.Time(6), row.GetInt32(7), row.GetBoolean(8), row.GetString(9)),
            decisions,
            row.GetString(11),
            row.IsDBNull(12) ? null : row.Time(12)) { Unreadable = isReadable ? null : "decisions" };
    }
}

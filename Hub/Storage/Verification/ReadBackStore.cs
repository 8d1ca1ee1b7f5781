using System.Data.Common;

namespace IntegrationHub.Storage.Verification;

/// <summary>What reading back gave: one result per run and round, and who differed in the last round that was read. The same SQL on both dialects.</summary>
public sealed class ReadBackStore
{
    /// <summary>The result of a round, or null when it was not read yet.</summary>
    public async Task<ReadBackResult?> FindAsync(HubDbContext db, Guid runId, int round, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var found = await session.ReadAsync(
            "SELECT run_id, round, is_last, expected, found, missing, unexpected, with_issues, at FROM read_backs WHERE run_id = @run AND round = @round",
            ReadResult, cancellationToken, ("run", runId), ("round", round));
        return found.Count == 0 ? null : found[0];
    }

    /// <summary>Writes the result of a round; a second one for the same round violates the table's key, so the caller's transaction fails whole.</summary>
    public async Task AddAsync(HubDbContext db, ReadBackResult result, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            """
            INSERT INTO read_backs (run_id, round, is_last, expected, found, missing, unexpected, with_issues, at)
            VALUES (@run, @round, @last, @expected, @found, @missing, @unexpected, @issues, @at)
            """,
            cancellationToken,
            ("run", result.RunId), ("round", result.Round), ("last", result.IsLastRound), ("expected", result.Totals.Expected), ("found", result.Totals.Found),
            ("missing", result.Totals.Missing), ("unexpected", result.Totals.Unexpected), ("issues", result.WithIssues), ("at", result.At));
    }

    /// <summary>Who differed, in the order in which they were noted.</summary>
    /// <param name="db">The context.</param>
    /// <param name="runId">The run.</param>
    /// <param name="kind">One of <see cref="ReadBackFinding"/>'s kinds, or null for all.</param>
    /// <param name="after">Id of the last finding of the page before; 0 at the start.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<ReadBackFinding>> ListFindingsAsync(HubDbContext db, Guid runId, string? kind, long after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"""
            SELECT f.finding_id, f.kind, f.profile_id, f.remote_id, coalesce(p.external_id, p.email, f.key)
            FROM read_back_findings f LEFT JOIN profiles p ON p.profile_id = f.profile_id
            WHERE f.run_id = @run AND f.finding_id > @after {(kind is null ? "" : "AND f.kind = @kind")}
            ORDER BY f.finding_id LIMIT @limit
            """,
            row => new ReadBackFinding(row.GetInt64(0), row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.TextOrNull(3), row.TextOrNull(4)),
            cancellationToken,
            [("run", runId), ("after", after), ("limit", limit), .. kind is null ? Array.Empty<(string, object?)>() : [("kind", kind)]]);
    }

    private static ReadBackResult ReadResult(DbDataReader row) => new(
        row.GetGuid(0), row.GetInt32(1), row.GetBoolean(2),
        new VerificationTotals(row.GetInt64(3), row.GetInt64(4), row.GetInt64(5), row.GetInt64(6)), row.GetInt64(7), row.Time(8));
}

/// <summary>What a round of reading a run's audience back gave.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="IsLastRound">Whether it was read as the last one.</param>
/// <param name="Totals">The comparison.</param>
/// <param name="WithIssues">Records of the run that ended rejected or dead-lettered.</param>
/// <param name="At">When it was concluded.</param>
public sealed record ReadBackResult(Guid RunId, int Round, bool IsLastRound, VerificationTotals Totals, long WithIssues, DateTimeOffset At);

/// <summary>Somebody in whom vendor and hub differ. Holds personal data.</summary>
/// <param name="FindingId">Grows with every finding.</param>
/// <param name="Kind"><see cref="Missing"/> or <see cref="Unexpected"/>.</param>
/// <param name="ProfileId">The hub's id of the person; null for a stranger.</param>
/// <param name="RemoteId">The vendor's id, where it is known.</param>
/// <param name="Key">External id, else e-mail, else the key that the vendor told.</param>
public sealed record ReadBackFinding(long FindingId, string Kind, long? ProfileId, string? RemoteId, string? Key)
{
    /// <summary>Should be a member, was not shown.</summary>
    public const string Missing = "missing";

    /// <summary>Was shown, should not be a member.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>So many of each kind are noted per round; the counts of the result know all.</summary>
    public const int MostPerKind = 1_000;
}

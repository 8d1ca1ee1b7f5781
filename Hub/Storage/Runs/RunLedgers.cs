namespace IntegrationHub.Storage.Runs;

/// <summary>The ledgers of runs of either kind, counted from rows; the same SQL on both dialects.</summary>
internal static class RunLedgers
{
    private const string Planned = "planned";
    private const string Pending = "pending";

    /// <summary>Counts and reasons by run; a run without rows has none.</summary>
    public static async Task<ILookup<Guid, ReasonCount>> ReadAsync(HubDbContext db, IReadOnlyList<Guid> runs, CancellationToken cancellationToken)
    {
        var names = string.Join(", ", runs.Select((_, i) => $"@run{i}"));
        (string, object?)[] ids = [.. runs.Select((run, i) => ($"run{i}", (object?)run))];
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = await session.ReadAsync(
            $"""
            SELECT run_id, outcome, code, CAST(sum(count) AS bigint) FROM run_tallies WHERE run_id IN ({names}) GROUP BY run_id, outcome, code
            UNION ALL
            SELECT run_id, '{Pending}', '', count(*) FROM deliveries WHERE run_id IN ({names}) GROUP BY run_id
            """,
            reader => (RunId: reader.GetGuid(0), Reason: new ReasonCount(reader.GetString(1), reader.GetString(2), reader.GetInt64(3))),
            cancellationToken,
            ids);
        return rows.ToLookup(row => row.RunId, row => row.Reason);
    }

    /// <summary>The ledger of one run.</summary>
    public static LedgerCounts CountsOf(IEnumerable<ReasonCount> tallies)
    {
        var byOutcome = tallies.GroupBy(tally => tally.Outcome).ToDictionary(outcome => outcome.Key, outcome => outcome.Sum(tally => tally.Count), StringComparer.Ordinal);
        return new LedgerCounts(
            Sum(Planned), Sum(Deliveries.LedgerOutcome.Delivered), Sum(Deliveries.LedgerOutcome.Unchanged), Sum(Deliveries.LedgerOutcome.Suppressed),
            Sum(Deliveries.LedgerOutcome.Rejected), Sum(Deliveries.LedgerOutcome.DeadLettered), Sum(Pending));

        long Sum(string outcome) => byOutcome.GetValueOrDefault(outcome);
    }

    /// <summary>Why records ended as they did, the most frequent first.</summary>
    public static IReadOnlyList<ReasonCount> ReasonsOf(IEnumerable<ReasonCount> tallies) =>
    [
        .. tallies
            .Where(tally => tally.Code.Length > 0)
            .OrderByDescending(tally => tally.Count).ThenBy(tally => tally.Outcome, StringComparer.Ordinal).ThenBy(tally => tally.Code, StringComparer.Ordinal),
    ];
}

namespace IntegrationHub.Storage.Runs;

/// <summary>The ledgers of runs of either kind, from tallies; the same SQL on both dialects.</summary>
internal static class RunLedgers
{
    private const string Planned = "planned";
    private const string Pending = "pending";
    private const string Rebuilt = "rebuilt";

    /// <summary>So many people whom a run has to compute anew are counted at each look; of more it is what was planned less what has its outcome.</summary>
    internal const int MostCounted = 20_000;

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
            SELECT run_id, '{Pending}', '', CAST(sum(count) AS bigint) FROM pending_tallies WHERE run_id IN ({names}) GROUP BY run_id HAVING sum(count) > 0
            UNION ALL
            SELECT run_id, '{Rebuilt}', '', count(*) FROM ({string.Join(" UNION ALL ", ids.Select(id => $"SELECT run_id FROM (SELECT run_id FROM rebuild_people WHERE run_id = @{id.Item1} AND changes IS NOT NULL LIMIT {MostCounted + 1}) {id.Item1}"))}) d GROUP BY run_id
            """,
            reader => (RunId: reader.GetGuid(0), Reason: new ReasonCount(reader.GetString(1), reader.GetString(2), reader.GetInt64(3))),
            cancellationToken,
            ids);
        return rows.GroupBy(row => row.RunId).SelectMany(run => Completed([.. run.Select(row => row.Reason)]).Select(reason => (run.Key, reason))).ToLookup(row => row.Key, row => row.reason);
    }

    private static IEnumerable<ReasonCount> Completed(IReadOnlyList<ReasonCount> counted)
    {
        foreach (var reason in counted)
        {
            yield return reason.Outcome != Rebuilt ? reason : reason with { Outcome = Pending, Count = reason.Count > MostCounted ? Math.Max(reason.Count, counted.Sum(LeftBy)) : reason.Count };
        }

        static long LeftBy(ReasonCount reason) => reason.Outcome switch { Planned => reason.Count, Rebuilt => 0, _ => -reason.Count };
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

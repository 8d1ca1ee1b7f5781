using Npgsql;

namespace IntegrationHub.TestServers;

/// <summary>What the tables of a hub say that must not be, whatever happened: in one statement, that reads the same in both dialects.</summary>
public static class LedgerInvariants
{
    /// <summary>Rows of what does not hold and the run that it is about; none when all is well. Of events that are told again a person may have several, whose outcomes are counted and not listed.</summary>
    public const string Broken =
        """
        WITH r AS (SELECT correlation_id, kind, current_state FROM runs),
             t AS (SELECT run_id, outcome, sum(count) AS n FROM run_tallies WHERE run_id IN (SELECT correlation_id FROM r) GROUP BY run_id, outcome HAVING sum(count) <> 0),
             o AS (SELECT run_id, outcome, count(*) AS n FROM outcomes WHERE run_id IN (SELECT correlation_id FROM r WHERE kind <> 'redeliver') GROUP BY run_id, outcome),
             p AS (SELECT run_id, count(*) AS n FROM deliveries WHERE run_id IN (SELECT correlation_id FROM r) GROUP BY run_id)
        SELECT 'counted otherwise than settled: ' || outcome, run_id FROM (SELECT * FROM t WHERE outcome <> 'planned' AND run_id IN (SELECT correlation_id FROM r WHERE kind <> 'redeliver') EXCEPT SELECT * FROM o) a
        UNION ALL SELECT 'settled and not counted: ' || outcome, run_id FROM (SELECT * FROM o EXCEPT SELECT * FROM t) b
        UNION ALL SELECT 'planned are not those that wait or are settled', r.correlation_id FROM r
            WHERE coalesce((SELECT n FROM t WHERE t.run_id = r.correlation_id AND t.outcome = 'planned'), 0)
               <> coalesce((SELECT n FROM p WHERE p.run_id = r.correlation_id), 0) + coalesce((SELECT sum(n) FROM t WHERE t.run_id = r.correlation_id AND t.outcome <> 'planned'), 0)
        UNION ALL SELECT 'waits and is settled', d.run_id FROM deliveries d JOIN outcomes o ON o.run_id = d.run_id AND o.profile_id = d.profile_id WHERE d.run_id IN (SELECT correlation_id FROM r WHERE kind <> 'redeliver')
        UNION ALL SELECT 'waits twice', run_id FROM deliveries WHERE run_id IN (SELECT correlation_id FROM r WHERE kind <> 'redeliver') GROUP BY run_id, profile_id HAVING count(*) > 1
        UNION ALL SELECT 'is ' || r.current_state || ' and owes something', d.run_id FROM deliveries d JOIN r ON r.correlation_id = d.run_id
            WHERE r.current_state IN ('Completed', 'CompletedWithIssues', 'RollingBack', 'RolledBack', 'Canceled', 'Failed')
        UNION ALL SELECT 'is owed to nobody', d.run_id FROM deliveries d
            WHERE d.run_id NOT IN (SELECT correlation_id FROM r)
              AND d.run_id NOT IN (SELECT stream_id FROM event_routes UNION SELECT stream_id FROM consent_routes UNION SELECT stream_id FROM live_routes
                  UNION SELECT stream_id FROM identity_routes WHERE stream_id IS NOT NULL UNION SELECT stream_id FROM letter_actions)
              AND NOT (d.lane = 'urgent' AND d.operation = 3 AND d.destination IN (SELECT destination FROM identity_routes))
        UNION ALL SELECT 'delivers a plan that nobody let pass', correlation_id FROM backfill_runs WHERE delivering_at IS NOT NULL AND approved_at IS NULL
        """;

    /// <summary>What does not hold in a PostgreSQL database, as sentences.</summary>
    public static async Task<IReadOnlyList<string>> BrokenInAsync(string connectionString)
    {
        await using var source = NpgsqlDataSource.Create(connectionString);
        await using var command = source.CreateCommand(Broken);
        await using var reader = await command.ExecuteReaderAsync();
        var broken = new List<string>();
        while (await reader.ReadAsync())
        {
            broken.Add($"{reader.GetValue(0)} of {reader.GetValue(1)}");
        }

        return broken;
    }
}

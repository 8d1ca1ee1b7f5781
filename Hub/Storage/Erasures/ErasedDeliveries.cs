using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Settles what is pending about an erased person: runs have an outcome for it, as their ledgers have to balance; of the live streams it just goes. The same SQL on both dialects.</summary>
internal static class ErasedDeliveries
{
    private const string OfPerson = "profile_id IN {people}";

    public static async Task SettleAsync(DbSession session, ErasurePerson person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (person.ProfileIds.Count == 0)
        {
            return;
        }

        var where = PersonSql.Fill(session, OfPerson);
        var ofRuns = $"{where} AND run_id IN (SELECT correlation_id FROM audience_syncs)";
        var people = PersonSql.ParametersOf(person)[0];
        await session.ExecuteAsync(
            $"""
            INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
            SELECT run_id, profile_id, destination, audience, operation, '{LedgerOutcome.Suppressed}', '{Tombstones.Erased}', attempt, {session.Instant("@now")} FROM deliveries WHERE {ofRuns}
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, people, ("now", now));
        await session.ExecuteAsync(
            $"INSERT INTO run_tallies (run_id, outcome, code, count) SELECT run_id, '{LedgerOutcome.Suppressed}', '{Tombstones.Erased}', count(*) FROM deliveries WHERE {ofRuns} GROUP BY run_id",
            cancellationToken, people);
        await session.ExecuteAsync($"DELETE FROM deliveries WHERE {where}", cancellationToken, people);
    }
}

using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Settles what is pending about an erased person: runs have an outcome for it, as their ledgers have to balance; of the live streams it just goes, and a letter that is replayed ends as suppressed. The same SQL on both dialects.</summary>
internal static class ErasedDeliveries
{
    /// <summary>The delivery is about somebody else, and names the person by a key: one that is to be given up, or one more name.</summary>
    public const string NamesPerson = "(named_key IS NOT NULL AND (named_key IN {keys} OR named_key IN {values} OR lower(named_key) IN {values}))";

    /// <summary>Why an access export does not show deliveries: they are what will be told of rows that it shows.</summary>
    public const string NotShown = "what is to be told to a destination, until it is told; of what it is made is shown";

    /// <summary>Only deliveries of identity, of which there are few, name somebody beside the person that they are about.</summary>
    private const string OfPerson = $"(profile_id IN {{people}} OR (operation >= 6 AND (other_profile_id IN {{people}} OR {NamesPerson})))";

    public static async Task SettleAsync(DbSession session, ErasurePerson person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var where = PersonSql.Fill(session, OfPerson);
        var ofRuns = $"{where} AND run_id IN (SELECT correlation_id FROM runs)";
        var of = PersonSql.Used(where, PersonSql.ParametersOf(person));
        await session.ExecuteAsync(
            $"""
            INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
            SELECT run_id, profile_id, destination, audience, operation, '{LedgerOutcome.Suppressed}', '{Tombstones.Erased}', attempt, {session.Instant("@now")} FROM deliveries WHERE {ofRuns}
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, [("now", now), .. of]);
        await session.ExecuteAsync(
            $"INSERT INTO run_tallies (run_id, outcome, code, count, at) SELECT run_id, '{LedgerOutcome.Suppressed}', '{Tombstones.Erased}', count(*), {session.Instant("@now")} FROM deliveries WHERE {ofRuns} GROUP BY run_id",
            cancellationToken, [("now", now), .. of]);
        await session.ExecuteAsync(
            $"""
            UPDATE dead_letters SET status = '{LetterStatus.Suppressed}', result_code = '{Tombstones.Erased}', settled_at = {session.Instant("@now")}
            WHERE status = '{LetterStatus.Replaying}' AND dead_letter_id IN (SELECT letter_id FROM deliveries WHERE {where} AND letter_id IS NOT NULL)
            """,
            cancellationToken, [("now", now), .. of]);
        await session.ExecuteAsync($"DELETE FROM deliveries WHERE {where}", cancellationToken, of);
        await SettleRebuildsAsync(session, person, now, cancellationToken);
    }

    private static async Task SettleRebuildsAsync(DbSession session, ErasurePerson person, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var where = PersonSql.Fill(session, "profile_id IN {people}");
        var of = PersonSql.Used(where, PersonSql.ParametersOf(person));
        await session.ExecuteAsync(
            $"INSERT INTO run_tallies (run_id, outcome, code, count, at) SELECT run_id, '{LedgerOutcome.Suppressed}', '{Tombstones.Erased}', count(*), {session.Instant("@now")} FROM rebuild_people WHERE {where} AND changes IS NOT NULL GROUP BY run_id",
            cancellationToken, [("now", now), .. of]);
        await session.ExecuteAsync($"DELETE FROM rebuild_people WHERE {where}", cancellationToken, of);
    }
}

using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Storage.Sqlite;

/// <summary>What is written of deliveries that leave the queue on SQLite: outcomes, tallies, dead letters and receipts of events.</summary>
internal static class SqliteOutcomes
{
    private const string OutcomesSql =
        """
        INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at, policy_id, decided_position, config_version)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), json_extract(value, '$[6]'), json_extract(value, '$[7]'), @at, json_extract(value, '$[15]'), json_extract(value, '$[16]'), json_extract(value, '$[17]')
        FROM json_each(@rows) WHERE json_extract(value, '$[11]') IS NULL AND (json_extract(value, '$[0]') <> @stream OR json_extract(value, '$[4]') > 3)
        ON CONFLICT (run_id, profile_id) DO UPDATE SET
            operation = excluded.operation, outcome = excluded.outcome, code = excluded.code, attempts = excluded.attempts, at = excluded.at, policy_id = excluded.policy_id, decided_position = excluded.decided_position,
            config_version = excluded.config_version
            WHERE outcomes.run_id = @stream OR excluded.operation = 5
        """;

    private const string DeadLettersSql =
        """
        INSERT INTO dead_letters (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at, event_id, fact_position, fact_received_at, named_key, other_profile_id, sent_at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), json_extract(value, '$[3]'),
               json_extract(value, '$[4]'), json_extract(value, '$[5]'), coalesce(json_extract(value, '$[6]'), ''), json_extract(value, '$[7]'), @at,
               json_extract(value, '$[8]'), json_extract(value, '$[9]'), json_extract(value, '$[10]'), json_extract(value, '$[12]'), json_extract(value, '$[13]'), json_extract(value, '$[14]')
        FROM json_each(@rows) WHERE json_extract(value, '$[11]') IS NULL AND json_extract(value, '$[5]') IN ('rejected', 'dead_lettered')
        """;

    private const string AnswerSql =
        $"""
        UPDATE dead_letters AS l SET {LetterAnswer.Named}
        FROM (SELECT json_extract(value, '$[5]') AS outcome, json_extract(value, '$[6]') AS code, json_extract(value, '$[7]') AS attempts, json_extract(value, '$[11]') AS letter_id, json_extract(value, '$[14]') AS sending_since
            FROM json_each(@rows) WHERE json_extract(value, '$[11]') IS NOT NULL) g
        WHERE l.dead_letter_id = g.letter_id AND l.status = '{LetterStatus.Replaying}'
        """;

    private const string ReceiptsSql =
        """
        INSERT INTO event_receipts (destination, position, outcome, at, run_id)
        SELECT json_extract(value, '$[2]'), json_extract(value, '$[9]'), json_extract(value, '$[5]'), @at, nullif(json_extract(value, '$[0]'), @stream)
        FROM json_each(@rows) WHERE json_extract(value, '$[9]') IS NOT NULL
        """;

    private const string TalliesSql =
        """
        INSERT INTO run_tallies (run_id, outcome, code, count, at)
        SELECT json_extract(value, '$[0]'), json_extract(value, '$[5]'), coalesce(json_extract(value, '$[6]'), ''), count(*), @at
        FROM json_each(@rows) WHERE json_extract(value, '$[0]') <> @stream GROUP BY 1, 2, 3
        """;

    /// <summary>Writes all of it.</summary>
    /// <param name="session">The transaction.</param>
    /// <param name="stream">The live stream of the lane, whose rows are in no run's tallies; empty for none.</param>
    /// <param name="outcomes">Rows that are gone from the queue.</param>
    /// <param name="now">When they left it.</param>
    /// <param name="cancellationToken">Ends the writing.</param>
    /// <returns>The rows as the statements take them.</returns>
    public static async Task<string> WriteAsync(DbSession session, Guid stream, List<OutcomeRow> outcomes, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (outcomes.Count == 0)
        {
            return "[]";
        }

        var rows = JsonRows.Of(outcomes, (writer, row) =>
        {
            writer.Id(row.RunId);
            writer.WriteNumberValue(row.ProfileId);
            writer.WriteStringValue(row.Destination);
            writer.WriteStringValue(row.Audience);
            writer.WriteNumberValue(row.Operation);
            writer.WriteStringValue(row.Outcome);
            writer.WriteStringValue(row.Code);
            writer.WriteNumberValue(row.Attempts);
            writer.OptionalId(row.EventId);
            writer.OptionalNumber(row.Place?.Position);
            writer.OptionalNumber(row.Place?.ReceivedAt.UtcTicks);
            writer.OptionalNumber(row.LetterId);
            writer.WriteStringValue(row.NamedKey);
            writer.OptionalNumber(row.OtherProfileId);
            writer.OptionalNumber(row.SendingSince);
            writer.OptionalNumber(row.Decided?.PolicyId);
            writer.OptionalNumber(row.Decided?.Position);
            writer.OptionalNumber(row.Decided?.ConfigVersion);
        });
        await session.ExecuteAsync(OutcomesSql, cancellationToken, ("rows", rows), ("at", now), ("stream", stream));
        await session.ExecuteAsync(TalliesSql, cancellationToken, ("rows", rows), ("at", now), ("stream", stream));
        await session.ExecuteAsync(DeadLettersSql, cancellationToken, ("rows", rows), ("at", now));
        if (outcomes.Exists(row => row.LetterId is not null))
        {
            await session.ExecuteAsync(AnswerSql, cancellationToken, ("rows", rows), ("at", now));
        }

        if (outcomes.Exists(row => row.Place is not null))
        {
            await session.ExecuteAsync(ReceiptsSql, cancellationToken, ("rows", rows), ("at", now), ("stream", stream));
        }

        return rows;
    }
}

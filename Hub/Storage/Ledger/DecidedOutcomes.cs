using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Outcomes of one person, for questions of people. The same SQL on both dialects.</summary>
public static class DecidedOutcomes
{
    private const int MostRuns = 200;

    /// <summary>
    /// The latest outcomes of a person in the latest runs, and the last one of each destination's streams; the latest first. Without those of an operation that this version does not know: it
    /// cannot tell what they needed.
    /// </summary>
    /// <param name="db">The database.</param>
    /// <param name="profileId">The person's profile.</param>
    /// <param name="destinations">Names of the destinations whose streams are looked at.</param>
    /// <param name="most">Most outcomes, from 1.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<DecidedOutcome>> ReadAsync(
        HubDbContext db, long profileId, IEnumerable<string> destinations, int most, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var runs = await session.ReadAsync("SELECT correlation_id FROM runs ORDER BY requested_at DESC LIMIT @most", row => row.GetGuid(0), cancellationToken, ("most", MostRuns));
        var ids = runs.Concat(destinations.SelectMany(destination => new[] { LiveStream.IdOf(destination), LiveStream.IdOf(destination, Lane.Live) }));
        return await session.ReadAsync(
            $"""
            SELECT o.run_id, o.destination, o.audience, o.operation, o.outcome, o.code, o.at, o.policy_id, o.decided_position, o.config_version
            FROM {session.Rows(("run_id", session.IdType))} i
            {session.Lookup("outcomes", "o", $"o.run_id = i.run_id AND o.profile_id = @profile AND (o.operation IS NULL OR {OperationCode.Known("o.operation")})")}
            ORDER BY o.at DESC, o.run_id LIMIT @limit
            """,
            row => new DecidedOutcome(
                row.GetGuid(0), row.GetString(1), row.GetString(2), row.IsDBNull(3) ? null : OperationCode.ToOperation(row.GetInt16(3)), row.GetString(4), row.TextOrNull(5), row.Time(6),
                row.IsDBNull(7) || row.IsDBNull(8) ? null : new DecisionPoint(row.GetInt32(7), row.GetInt64(8), row.IsDBNull(9) ? null : row.GetInt64(9))),
            cancellationToken,
            ("rows", JsonRows.Of(ids, (writer, id) => writer.Id(id))), ("profile", profileId), ("limit", (long)most));
    }
}

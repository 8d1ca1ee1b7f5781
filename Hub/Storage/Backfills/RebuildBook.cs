using System.Text.Json;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Backfills;

/// <summary>
/// Rebuilds of state: whom a run is about, found in the log part by part, and of whom it has still to be told what the log says. A person stands in <c>rebuild_people</c> without changes until looked at, with the
/// names of the changes until they are made, and not any more afterwards. The same SQL on both dialects.
/// </summary>
public static class RebuildBook
{
    /// <summary>Notes the people of the next part of the log, in the caller's transaction, and how far it was looked at.</summary>
    /// <param name="db">The database.</param>
    /// <param name="runId">The run.</param>
    /// <param name="scope">Which facts, and of whom.</param>
    /// <param name="types">Types of facts that state what people are.</param>
    /// <param name="before">How far the log was looked at before.</param>
    /// <param name="after">Where to begin: not before that.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>How far it was looked at; null when another planner of the run was faster, and the same position at the end.</returns>
    public static async Task<long?> ChooseAsync(HubDbContext db, Guid runId, BackfillScope scope, IReadOnlyList<string> types, long before, long after, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scope);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var selection = scope.Facts!;
        if (await StatedPeople.FindPartAsync(session, selection, Math.Max(before, after), cancellationToken) is not { } part)
        {
            return before;
        }

        if (await session.ExecuteAsync(
            "UPDATE run_plans SET cursor = @after WHERE run_id = @run AND cursor = @before AND NOT completed AND NOT canceled", cancellationToken, ("run", runId), ("before", before), ("after", part.Last)) == 0)
        {
            return null;
        }

        await session.ExecuteAsync(
            $"""
            INSERT INTO rebuild_people (run_id, profile_id)
            SELECT DISTINCT {Id(session)}, s.profile_id FROM ({StatedPeople.Sql(session)}) s
            WHERE s.profile_id IS NOT NULL AND (NOT @named OR EXISTS (SELECT 1 FROM run_scope n WHERE n.run_id = @run AND n.profile_id = s.profile_id))
            ON CONFLICT DO NOTHING
            """,
            cancellationToken, [("run", runId), ("named", scope.NamesPeople), .. StatedPeople.Of(part, Math.Max(before, after)), .. StatedPeople.Of(selection, types)]);
        return part.Last;
    }

    /// <summary>The next people of a run.</summary>
    /// <param name="db">The database.</param>
    /// <param name="runId">The run.</param>
    /// <param name="looked">Those whose changes are known (true), or who were not looked at (false).</param>
    /// <param name="limit">Most people to return.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<long>> NextAsync(HubDbContext db, Guid runId, bool looked, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT profile_id FROM rebuild_people WHERE run_id = @run AND changes IS {(looked ? "NOT " : "")}NULL ORDER BY profile_id LIMIT @limit", reader => reader.GetInt64(0), cancellationToken,
            ("run", runId), ("limit", (long)limit));
    }

    /// <summary>All that the log holds of some people by some types, the profiles that they show among them, in the order of the log.</summary>
    public static async Task<IReadOnlyList<LoggedFact>> ReadFactsAsync(HubDbContext db, IReadOnlyList<long> people, IReadOnlyList<string> types, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var keys = SealingKeys.Of(db);
        return await session.ReadAsync(
            $"""
            WITH RECURSIVE family(profile_id) AS (
                SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r
                UNION SELECT p.profile_id FROM family f JOIN profiles p ON p.person_id = f.profile_id)
            SELECT t.position, t.received_at, t.event_id, t.event_type, t.schema_version, t.occurred_at, t.producer, t.profile_id, t.body
            FROM family f {session.Lookup("facts", "t", "t.profile_id = f.profile_id")}
            WHERE t.event_type IN ({StatedPeople.Values(session, "types")}) ORDER BY t.position
            """,
            reader => new LoggedFact(
                new FactPlace(reader.GetInt64(0), reader.Time(1)), reader.GetGuid(2), reader.GetString(3), reader.GetInt32(4), reader.Time(5), reader.GetString(6), reader.GetInt64(7), keys.Open(SealedColumn.FactBody, reader.GetGuid(2), reader.GetString(8))),
            cancellationToken, ("types", JsonRows.Texts(types)), ("rows", Rows(people)));
    }

    /// <summary>Notes in the caller's transaction what was found of people who were looked at: those who are as the log says are through, of the others the names of their changes.</summary>
    /// <returns>False when somebody else noted it: the caller rolls back.</returns>
    public static async Task<bool> NoteAsync(HubDbContext db, Guid runId, IReadOnlyList<long> looked, IReadOnlyList<RestatedPerson> changed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(changed);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var differing = changed.ToDictionary(person => person.ProfileId);
        List<long> same = [.. looked.Where(id => !differing.ContainsKey(id))];
        var noted = await EndAsync(session, runId, same, looked: false, LedgerOutcome.Unchanged, now, cancellationToken);
        List<RestatedPerson> kept = [.. looked.Where(differing.ContainsKey).Select(id => differing[id])];
        noted += await session.ExecuteAsync(
            $"""
            UPDATE rebuild_people SET changes = (SELECT r.changes FROM {session.Rows(("profile_id", "bigint"), ("changes", "text"))} r WHERE r.profile_id = rebuild_people.profile_id)
            WHERE run_id = @run AND changes IS NULL AND profile_id IN (SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"), ("changes", "text"))} r)
            """,
            cancellationToken,
            ("run", runId),
            ("rows", JsonRows.Of(kept, (writer, person) =>
            {
                writer.WriteNumberValue(person.ProfileId);
                writer.WriteStringValue(JsonSerializer.Serialize<string[]>([.. person.Attributes, .. person.Audiences.Select(audience => $"audience:{audience}")]));
            })));
        await TallyAsync(session, runId, "planned", "", looked.Count, now, cancellationToken);
        return noted == looked.Count;
    }

    /// <summary>How many people of a run would change in what, by name; audiences as <c>audience:KEY</c>.</summary>
    public static async Task<IReadOnlyDictionary<string, long>> CountChangesAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var counts = await session.ReadAsync(
            "SELECT changes, count(*) FROM rebuild_people WHERE run_id = @run AND changes IS NOT NULL GROUP BY changes", reader => (Names: JsonSerializer.Deserialize<string[]>(reader.GetString(0))!, Count: reader.GetInt64(1)),
            cancellationToken, ("run", runId));
        return counts.SelectMany(row => row.Names, (row, name) => (name, row.Count)).GroupBy(row => row.name).ToDictionary(name => name.Key, name => name.Sum(row => row.Count));
    }

    /// <summary>A few of the people who would change, by a key, with the names of the changes.</summary>
    public static async Task<IReadOnlyList<(string Key, IReadOnlyList<string> Changes)>> ReadSamplesAsync(HubDbContext db, Guid runId, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync<(string, IReadOnlyList<string>)>(
            """
            SELECT coalesce(p.external_id, p.email), r.changes FROM rebuild_people r JOIN profiles p ON p.profile_id = r.profile_id
            WHERE r.run_id = @run AND r.changes IS NOT NULL AND coalesce(p.external_id, p.email) IS NOT NULL ORDER BY r.profile_id LIMIT @limit
            """,
            reader => (reader.GetString(0), JsonSerializer.Deserialize<string[]>(reader.GetString(1))!), cancellationToken, ("run", runId), ("limit", (long)limit));
    }

    /// <summary>The next people after a profile id whose state a run changed.</summary>
    public static async Task<IReadOnlyList<long>> ReadChangedAsync(HubDbContext db, Guid runId, long after, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync(
            $"SELECT profile_id FROM outcomes WHERE run_id = @run AND profile_id > @after AND outcome = '{LedgerOutcome.Delivered}' ORDER BY profile_id LIMIT @limit", reader => reader.GetInt64(0), cancellationToken,
            ("run", runId), ("after", after), ("limit", (long)limit));
    }

    /// <summary>People whose state is brought to what the log says, or was so meanwhile, are through, in the caller's transaction.</summary>
    public static async Task SettleAsync(HubDbContext db, Guid runId, IReadOnlyList<long> people, IReadOnlyCollection<long> changed, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await EndAsync(session, runId, [.. people.Where(changed.Contains)], looked: true, LedgerOutcome.Delivered, now, cancellationToken);
        await EndAsync(session, runId, [.. people.Where(id => !changed.Contains(id))], looked: true, LedgerOutcome.Unchanged, now, cancellationToken);
    }

    /// <summary>Whoever a stopped run has not come to stays as they are.</summary>
    /// <returns>How many.</returns>
    public static async Task<int> CancelAsync(HubDbContext db, Guid runId, int limit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync("DELETE FROM rebuild_people WHERE run_id = @run AND changes IS NULL", cancellationToken, ("run", runId)); // not in the plan's counts yet
        var people = await NextAsync(db, runId, looked: true, limit, cancellationToken);
        return await EndAsync(session, runId, people, looked: true, LedgerOutcome.Suppressed, now, cancellationToken, "run_canceled");
    }

    private static async Task<int> EndAsync(DbSession session, Guid runId, IReadOnlyList<long> people, bool looked, string outcome, DateTimeOffset now, CancellationToken cancellationToken, string code = "")
    {
        if (people.Count == 0)
        {
            return 0;
        }

        var ended = await session.ReadAsync(
            $"DELETE FROM rebuild_people WHERE run_id = @run AND changes IS {(looked ? "NOT " : "")}NULL AND profile_id IN (SELECT r.profile_id FROM {session.Rows(("profile_id", "bigint"))} r) RETURNING profile_id",
            reader => reader.GetInt64(0), cancellationToken, ("run", runId), ("rows", Rows(people)));
        await session.ExecuteAsync(
            $"""
            INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at)
            SELECT {Id(session)}, r.profile_id, '', '', 1, @outcome, @code, 0, {session.Instant("@now")} FROM {session.Rows(("profile_id", "bigint"))} r WHERE true ON CONFLICT DO NOTHING
            """,
            cancellationToken, ("run", runId), ("outcome", outcome), ("code", code.Length == 0 ? null : code), ("now", now), ("rows", Rows(ended)));
        await TallyAsync(session, runId, outcome, code, ended.Count, now, cancellationToken);
        return ended.Count;
    }

    private static async Task TallyAsync(DbSession session, Guid runId, string outcome, string code, int count, DateTimeOffset now, CancellationToken cancellationToken) => await (count == 0 ? Task.CompletedTask : session.ExecuteAsync(
        $"INSERT INTO run_tallies (run_id, outcome, code, count, at) VALUES ({Id(session)}, @outcome, @code, @count, @now)", cancellationToken,
        ("run", runId), ("outcome", outcome), ("code", code), ("count", (long)count), ("now", now)));

    private static string Rows(IEnumerable<long> people) => JsonRows.Of(people, (writer, id) => writer.WriteNumberValue(id));

    private static string Id(DbSession session) => session.IsSqlite ? "@run" : "CAST(@run AS uuid)";
}

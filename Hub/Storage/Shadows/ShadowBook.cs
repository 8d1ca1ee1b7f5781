using System.Globalization;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Shadows;

/// <summary>
/// What shadows of sources state: of each person and thing the latest statement, beside what counts and never in it. Everything is set-based, in the caller's transaction, and reads the same
/// on both dialects. Who writes holds the ledger's lock, so that nobody who is being erased is written down.
/// </summary>
public static class ShadowBook
{
    /// <summary>Keeps statements; of what is stated twice the later one stays, at the same time what comes last.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="statements">What is stated.</param>
    /// <param name="listId">The list whose rows they are; null for facts.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    internal static async Task KeepAsync(HubDbContext db, IEnumerable<ShadowStatement> statements, Guid? listId, CancellationToken cancellationToken)
    {
        var latest = statements.GroupBy(one => (one.Source, one.Kind, one.Name, one.SubjectKey)).Select(same => same.OrderBy(one => one.At).Last())
            .OrderBy(one => (one.Source, one.Kind, one.Name, one.SubjectKey)).ToList();
        if (latest.Count == 0)
        {
            return;
        }

        await WriteAsync(db, latest, listId, ">=", cancellationToken);
    }

    /// <summary>Writes statements, each over an earlier one.</summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="statements">One for each thing of each person.</param>
    /// <param name="listId">The list whose rows they are, or null.</param>
    /// <param name="isLater">How their time is compared with that of what is there, in SQL.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    private static async Task WriteAsync(HubDbContext db, IReadOnlyList<ShadowStatement> statements, Guid? listId, string isLater, CancellationToken cancellationToken)
    {
        var keys = SealingKeys.Of(db);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            INSERT INTO shadow_statements AS s (source, kind, name, subject_key, value, stated_at, list_id)
            SELECT r.source, r.kind, r.name, r.subject_key, r.value, r.stated_at, CAST(@list AS {session.IdType})
            FROM {session.Rows(("source", "text"), ("kind", "text"), ("name", "text"), ("subject_key", "text"), ("value", "text"), ("stated_at", "bigint"))} r WHERE true
            ON CONFLICT (source, kind, name, subject_key) DO UPDATE SET value = excluded.value, stated_at = excluded.stated_at, list_id = excluded.list_id
            WHERE excluded.stated_at {isLater} s.stated_at
            """,
            cancellationToken,
            ("list", listId),
            ("rows", JsonRows.Of(statements, (writer, one) =>
            {
                writer.WriteStringValue(one.Source);
                writer.WriteStringValue(one.Kind);
                writer.WriteStringValue(one.Name);
                writer.WriteStringValue(one.SubjectKey);
                writer.WriteStringValue(one.Sealed(keys));
                writer.WriteNumberValue(one.At.UtcTicks);
            })));
    }

    /// <summary>Remembers which facts were shadowed: under ids of their own, for when their source counts one day it may state them again.</summary>
    /// <returns>Those that were not known.</returns>
    internal static async Task<IReadOnlySet<Guid>> AddIdsAsync(HubDbContext db, IEnumerable<Guid> eventIds, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"""
            INSERT INTO shadow_facts (event_id, received_at)
            SELECT CAST(r.event_id AS {session.IdType}), @at FROM {session.Rows(("event_id", "text"))} r WHERE true
            ON CONFLICT (event_id) DO NOTHING RETURNING event_id
            """,
            row => row.GetGuid(0), cancellationToken, ("at", at.UtcTicks), ("rows", JsonRows.Of(eventIds.Distinct().Order(), (writer, id) => writer.Id(id))))).ToHashSet();
    }

    /// <summary>Forgets some facts that were shadowed before a moment.</summary>
    /// <returns>How many; as many as <paramref name="limit"/> when there may be more.</returns>
    public static async Task<int> DropIdsAsync(HubDbContext db, DateTimeOffset before, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"DELETE FROM shadow_facts WHERE event_id IN (SELECT g.event_id FROM shadow_facts g WHERE g.received_at < @before ORDER BY g.received_at LIMIT {limit.ToString(CultureInfo.InvariantCulture)})", cancellationToken, ("before", before.UtcTicks));
    }

    /// <summary>Keeps people where they are whom rows of a list may name that could not be read: of them nothing is known.</summary>
    public static async Task SpareAsync(HubDbContext db, string source, string audience, Guid listId, IEnumerable<PersonKey> people, CancellationToken cancellationToken)
    {
        var rows = JsonRows.Of(people, (writer, key) => writer.WriteStringValue(key.ToString()));
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE shadow_statements SET list_id = @list
            WHERE source = @source AND kind = '{ShadowKind.Audience}' AND name = @audience AND subject_key IN (SELECT r.subject_key FROM {session.Rows(("subject_key", "text"))} r)
            """,
            cancellationToken, ("list", listId), ("source", source), ("audience", audience), ("rows", rows));
    }

    /// <summary>Ends a full list: whom it did not name, and of whom nothing later was stated, is not in the audience.</summary>
    public static async Task EndListAsync(HubDbContext db, string source, string audience, Guid listId, DateTimeOffset at, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            UPDATE shadow_statements SET value = '{ShadowStatement.Out}', stated_at = @at
            WHERE source = @source AND kind = '{ShadowKind.Audience}' AND name = @audience AND stated_at <= @at AND (list_id IS NULL OR list_id <> @list)
            """,
            cancellationToken, ("source", source), ("audience", audience), ("at", at.UtcTicks), ("list", listId));
    }

    /// <summary>Whose statements are kept.</summary>
    public static async Task<IReadOnlyList<string>> SourcesAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var sources = new List<string>();
        // From one to the next: there are few, and each has many rows.
        while (await session.ScalarAsync("SELECT min(source) FROM shadow_statements WHERE source > @last", cancellationToken, ("last", sources.Count == 0 ? "" : sources[^1])) is string next)
        {
            sources.Add(next);
        }

        return sources;
    }

    /// <summary>The next people of whom a source's statements are kept, with all of them.</summary>
    /// <param name="db">The database.</param>
    /// <param name="source">The source.</param>
    /// <param name="after">The key of the last person before; empty for none.</param>
    /// <param name="limit">Most people.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<ShadowedPerson>> NextAsync(HubDbContext db, string source, string after, int limit, CancellationToken cancellationToken)
    {
        var keys = SealingKeys.Of(db);
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var rows = await session.ReadAsync(
            $"""
            SELECT s.statement_id, s.kind, s.name, s.subject_key, s.value, s.stated_at FROM shadow_statements s
            WHERE s.source = @source AND s.subject_key IN (SELECT g.subject_key FROM shadow_statements g WHERE g.source = @source AND g.subject_key > @after GROUP BY g.subject_key ORDER BY g.subject_key LIMIT {limit.ToString(CultureInfo.InvariantCulture)})
            ORDER BY s.subject_key, s.kind, s.name
            """,
            row => (Id: row.GetInt64(0), Statement: new ShadowStatement(source, row.GetString(1), row.GetString(2), row.GetString(3), keys.OpenOrKeep(SealedColumn.ShadowValue, ShadowStatement.RowOf(source, row.GetString(1), row.GetString(2), row.GetString(3)), row.GetString(4)), new DateTimeOffset(row.GetInt64(5), TimeSpan.Zero))),
            cancellationToken, ("source", source), ("after", after));
        return [.. rows.GroupBy(row => row.Statement.SubjectKey, StringComparer.Ordinal).Select(person => new ShadowedPerson(person.Key, [.. person]))];
    }

    /// <summary>
    /// Keeps for whoever changes places with a shadow what counts of the people and things that the shadow states, as of a moment; of what does not count at all that there is nothing. What is
    /// stated as of that moment or later stays. What the shadow states no otherwise is forgotten with that: there is nothing to take over.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="shadow">Whose statements are about to count.</param>
    /// <param name="counted">Whose counted until then.</param>
    /// <param name="people">The people.</param>
    /// <param name="at">The moment.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    /// <returns>What is to be taken over of them: the statements that say otherwise. Of whom something does not open nothing is, until that is mended.</returns>
    public static async Task<IReadOnlyList<ShadowedPerson>> KeepCountingAsync(HubDbContext db, string shadow, string counted, IReadOnlyList<ShadowedPerson> people, DateTimeOffset at, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(people);
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        var rows = JsonRows.Of(people, (writer, person) => writer.WriteStringValue(person.SubjectKey));
        var keys = SealingKeys.Of(db);
        var (same, unreadable) = (new HashSet<long>(), new HashSet<string>(StringComparer.Ordinal));
        foreach (var (kind, name) in people.SelectMany(person => person.Statements).Select(row => (row.Statement.Kind, row.Statement.Name)).Distinct().Order())
        {
            if (keys.MaySeal && kind == ShadowKind.Attribute)
            {
                var turned = await new OpenedSides(session, keys, shadow, name).TurnAsync(counted, rows, at, cancellationToken);
                await WriteAsync(db, turned.Counting, null, ">", cancellationToken);
                await session.ExecuteAsync(
                    $"DELETE FROM shadow_statements WHERE statement_id IN (SELECT r.statement_id FROM {session.Rows(("statement_id", "bigint"))} r)", cancellationToken,
                    ("rows", JsonRows.Of(turned.Same, (writer, id) => writer.WriteNumberValue(id))));
                same.UnionWith(turned.Same);
                unreadable.UnionWith(turned.Unreadable);
                continue;
            }

            var sides = new ShadowSides(session, kind);
            var resolved = $"{ShadowSides.Resolved} AND s.subject_key IN (SELECT r.subject_key FROM {session.Rows(("subject_key", "text"))} r)";
            await session.ExecuteAsync(
                $"""
                INSERT INTO shadow_statements AS s (source, kind, name, subject_key, value, stated_at, list_id)
                SELECT @counted, t.kind, t.name, t.subject_key, COALESCE(CAST({sides.Here} AS text), '{(kind == ShadowKind.Audience ? ShadowStatement.Out : ShadowStatement.None)}'), @at, NULL
                FROM ({resolved}) t {sides.JoinHere}
                WHERE true
                ON CONFLICT (source, kind, name, subject_key) DO UPDATE SET value = excluded.value, stated_at = excluded.stated_at, list_id = NULL
                WHERE excluded.stated_at > s.stated_at
                """,
                cancellationToken,
                [.. sides.Parameters(shadow, name), ("counted", counted), ("at", at.UtcTicks), ("rows", rows)]);
            same.UnionWith(await session.ReadAsync(
                $"""
                DELETE FROM shadow_statements WHERE statement_id IN (
                    SELECT b.statement_id FROM (SELECT t.statement_id, {sides.Here} AS here, {sides.There} AS there FROM ({resolved}) t {sides.JoinHere}) b
                    WHERE (here IS NULL AND there IS NULL) OR (here IS NOT NULL AND there IS NOT NULL AND {sides.IsSame}))
                RETURNING statement_id
                """,
                row => row.GetInt64(0), cancellationToken, [.. sides.Parameters(shadow, name), ("rows", rows)]));
        }

        return [.. people.Where(person => !unreadable.Contains(person.SubjectKey)).Select(person => person with { Statements = [.. person.Statements.Where(row => !same.Contains(row.Id))] }).Where(person => person.Statements.Count > 0)];
    }

    /// <summary>Forgets statements that were taken over, unless they are others by now.</summary>
    public static async Task ForgetAsync(HubDbContext db, IEnumerable<ShadowedPerson> people, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"""
            DELETE FROM shadow_statements WHERE EXISTS (
                SELECT 1 FROM {session.Rows(("statement_id", "bigint"), ("stated_at", "bigint"))} r WHERE r.statement_id = shadow_statements.statement_id AND r.stated_at = shadow_statements.stated_at)
            """,
            cancellationToken,
            ("rows", JsonRows.Of(people.SelectMany(person => person.Statements), (writer, row) =>
            {
                writer.WriteNumberValue(row.Id);
                writer.WriteNumberValue(row.Statement.At.UtcTicks);
            })));
    }

    /// <summary>Forgets some of what a source stated as a shadow.</summary>
    /// <returns>How many statements; as many as <paramref name="limit"/> when there may be more.</returns>
    public static async Task<int> DropAsync(HubDbContext db, string source, int limit, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        return await session.ExecuteAsync(
            $"DELETE FROM shadow_statements WHERE statement_id IN (SELECT g.statement_id FROM shadow_statements g WHERE g.source = @source LIMIT {limit.ToString(CultureInfo.InvariantCulture)})", cancellationToken, ("source", source));
    }
}

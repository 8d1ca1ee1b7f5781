namespace IntegrationHub.Storage.Shadows;

/// <summary>Compares what a shadow states with what counts: one statement for each thing, whatever it is of how many people.</summary>
public static class ShadowComparison
{
    /// <summary>What a shadow states things of, by kind and name.</summary>
    public static async Task<IReadOnlyList<(string Kind, string Name)>> NamesAsync(HubDbContext db, string source, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return await session.ReadAsync("SELECT DISTINCT kind, name FROM shadow_statements WHERE source = @source ORDER BY kind, name", row => (row.GetString(0), row.GetString(1)), cancellationToken, ("source", source));
    }

    /// <summary>Of whom a shadow states anything.</summary>
    public static async Task<ShadowPeople> PeopleAsync(HubDbContext db, string source, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync(
            $"""
            SELECT count(*), count(CASE WHEN p.profile_id IS NULL AND a.profile_id IS NULL THEN 1 END) FROM (SELECT DISTINCT subject_key FROM shadow_statements WHERE source = @source) s
            {ShadowSides.JoinPerson}
            """,
            row => new ShadowPeople(row.GetInt64(0), row.GetInt64(1)), cancellationToken, ("source", source))).Single();
    }

    /// <summary>Counts how the two stand to each other in one thing.</summary>
    public static async Task<ShadowCount> CountAsync(HubDbContext db, string source, string kind, string name, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        var sides = new ShadowSides(session, kind);
        return (await session.ReadAsync(
            $"""
            SELECT (SELECT count(*) FROM ({sides.AllHere}) h) - count(CASE WHEN here IS NOT NULL AND there IS NOT NULL THEN 1 END),
                count(CASE WHEN here IS NULL AND there IS NOT NULL THEN 1 END),
                count(CASE WHEN here IS NOT NULL AND there IS NOT NULL AND NOT ({sides.IsSame}) THEN 1 END),
                count(CASE WHEN here IS NOT NULL AND there IS NOT NULL AND {sides.IsSame} THEN 1 END),
                max(stated_at)
            FROM (SELECT {sides.Here} AS here, {sides.There} AS there, t.stated_at FROM ({ShadowSides.Stated}) t {sides.JoinHere} {sides.Once}) b
            """,
            row => new ShadowCount(kind, name, row.GetInt64(0), row.GetInt64(1), row.GetInt64(2), row.GetInt64(3), row.IsDBNull(4) ? null : new DateTimeOffset(row.GetInt64(4), TimeSpan.Zero)), cancellationToken, sides.Parameters(source, name))).Single();
    }
}

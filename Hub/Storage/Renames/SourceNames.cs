using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Renames;

/// <summary>
/// Every name that a source had since it was called otherwise for the first time, with its present one and the one that ids of its facts are made of. Of a source that always had one name there
/// is no row. Not of the configuration: that says what a name stands for, and this what a message that is sent again is. The same SQL on both dialects.
/// </summary>
public static class SourceNames
{
    /// <summary>All of them, by name.</summary>
    public static async Task<IReadOnlyDictionary<string, SourceName>> ReadAsync(HubDbContext db, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenAsync(db, cancellationToken);
        return (await session.ReadAsync("SELECT name, source, name_in_ids FROM source_names", row => KeyValuePair.Create(row.GetString(0), new SourceName(row.GetString(1), row.GetString(2))), cancellationToken))
            .ToDictionary(StringComparer.Ordinal);
    }

    /// <summary>The names under which facts of sources, or of other producers, stand in the log.</summary>
    /// <param name="db">The database.</param>
    /// <param name="producers">Any of their names.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task<IReadOnlyList<string>> AllOfAsync(HubDbContext db, IReadOnlyList<string> producers, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(producers);
        var names = await ReadAsync(db, cancellationToken);
        HashSet<string> present = [.. producers.Select(name => names.TryGetValue(name, out var known) ? known.Present : name)];
        return [.. producers.Concat(present).Concat(names.Where(name => present.Contains(name.Value.Present)).Select(name => name.Key)).Distinct()];
    }

    /// <summary>
    /// Lets sources of a configuration that comes into force have their names for themselves, where one was another source's before: it makes its ids of another one, for what that source was sent is not its own.
    /// </summary>
    /// <param name="db">The context with its open transaction.</param>
    /// <param name="sources">The sources of the configuration.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static async Task SettleAsync(HubDbContext db, IEnumerable<string> sources, CancellationToken cancellationToken)
    {
        await using var session = await DbSession.OpenInTransactionAsync(db, cancellationToken);
        await session.ExecuteAsync(
            $"UPDATE source_names SET source = name, name_in_ids = name_in_ids || '+' || name WHERE source <> name AND name IN (SELECT r.name FROM {session.Rows(("name", "text"))} r)", cancellationToken,
            ("rows", JsonRows.Of(sources, (writer, name) => writer.WriteStringValue(name))));
    }

    /// <summary>Notes that a source is called otherwise.</summary>
    internal static async Task RenameAsync(DbSession session, string from, string to, CancellationToken cancellationToken)
    {
        (string, object?)[] names = [("from", from), ("to", to)];
        await session.ExecuteAsync("INSERT INTO source_names (name, source, name_in_ids) VALUES (@from, @from, @from) ON CONFLICT DO NOTHING", cancellationToken, ("from", from));
        await session.ExecuteAsync("UPDATE source_names SET source = @to WHERE source = @from", cancellationToken, names);
        await session.ExecuteAsync(
            "INSERT INTO source_names (name, source, name_in_ids) SELECT @to, @to, s.name_in_ids FROM source_names s WHERE s.name = @from ON CONFLICT (name) DO UPDATE SET source = excluded.source, name_in_ids = excluded.name_in_ids",
            cancellationToken, names);
    }
}

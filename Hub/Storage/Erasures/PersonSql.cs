using IntegrationHub.Storage.Sqlite;

namespace IntegrationHub.Storage.Erasures;

/// <summary>Lists of what a person is known by, as parameters of SQL that reads the same on both dialects.</summary>
internal static class PersonSql
{
    /// <summary>A list of numbers in SQL, from a parameter that holds a JSON array.</summary>
    public static string Numbers(DbSession session, string parameter) =>
        session.IsSqlite ? $"(SELECT value FROM json_each(@{parameter}))" : $"(SELECT CAST(value AS bigint) FROM json_array_elements_text(CAST(@{parameter} AS json)))";

    /// <summary>A list of texts in SQL, from a parameter that holds a JSON array.</summary>
    public static string Texts(DbSession session, string parameter) =>
        session.IsSqlite ? $"(SELECT value FROM json_each(@{parameter}))" : $"(SELECT value FROM json_array_elements_text(CAST(@{parameter} AS json)))";

    /// <summary>The lists of a person: <c>@people</c>, <c>@keys</c>, <c>@subjects</c>, <c>@values</c>, <c>@quoted</c> and <c>@remote</c>.</summary>
    public static (string, object?)[] ParametersOf(ErasurePerson person) =>
    [
        ("people", JsonRows.Numbers(person.ProfileIds)),
        ("keys", JsonRows.Texts(person.KeyTexts)),
        ("subjects", JsonRows.Texts(person.SubjectKeys)),
        ("values", JsonRows.Texts(person.Keys.Select(key => key.Value).Distinct(StringComparer.Ordinal))),
        ("quoted", JsonRows.Texts(person.Keys.Select(key => System.Text.Json.JsonSerializer.Serialize(key.Value)).Distinct(StringComparer.Ordinal))),
        ("remote", JsonRows.Texts(person.RemoteIds.Values.SelectMany(ids => ids).Distinct(StringComparer.Ordinal))),
    ];

    /// <summary>The lists that a statement names: PostgreSQL knows no type of one that it does not.</summary>
    public static (string, object?)[] Used(string sql, (string Name, object? Value)[] parameters) => Array.FindAll(parameters, parameter => sql.Contains($"@{parameter.Name})", StringComparison.Ordinal) || sql.Contains($"@{parameter.Name} ", StringComparison.Ordinal));

    /// <summary>Replaces the names of lists in a condition by the lists.</summary>
    public static string Fill(DbSession session, string condition) => condition
        .Replace("{people}", Numbers(session, "people"), StringComparison.Ordinal)
        .Replace("{keys}", Texts(session, "keys"), StringComparison.Ordinal)
        .Replace("{subjects}", Texts(session, "subjects"), StringComparison.Ordinal)
        .Replace("{values}", Texts(session, "values"), StringComparison.Ordinal)
        .Replace("{quoted}", Texts(session, "quoted"), StringComparison.Ordinal)
        .Replace("{remote}", Texts(session, "remote"), StringComparison.Ordinal)
        .Replace("{find}", session.IsSqlite ? "instr" : "strpos", StringComparison.Ordinal);
}

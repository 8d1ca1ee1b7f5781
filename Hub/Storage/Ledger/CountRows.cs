namespace IntegrationHub.Storage.Ledger;

/// <summary>SQL that reads rows from the parameter <c>rows</c>, a JSON array of objects.</summary>
internal static class CountRows
{
    /// <summary>What stands between <c>SELECT</c> and <c>WHERE</c>: the columns, and where they come from.</summary>
    public static string Of(bool isPostgres, string[] texts, string[] numbers) => isPostgres
        ? $"{string.Join(", ", texts.Concat(numbers))} FROM json_to_recordset(CAST(@rows AS json)) AS r({string.Join(", ", texts.Select(name => $"{name} text").Concat(numbers.Select(name => $"{name} bigint")))})"
        : $"{string.Join(", ", texts.Concat(numbers).Select(name => $"value ->> '{name}' AS {name}"))} FROM json_each(@rows)";
}

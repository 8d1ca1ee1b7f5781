using System.Globalization;

namespace IntegrationHub.Hub;

/// <summary>A row of which this version cannot read everything: lists show it by its id beside the others.</summary>
internal static class UnreadableRow
{
    /// <summary>What cannot be read of which row, and what to do, in one sentence without its content.</summary>
    /// <param name="table">The table.</param>
    /// <param name="id">The row's id there.</param>
    /// <param name="column">The column.</param>
    public static string Say(string table, object id, string column) => string.Create(
        CultureInfo.InvariantCulture,
        $"This version of the hub cannot read the column {column} of row {id} in {table}: a newer version wrote it, or it is damaged. Nothing is done with it; run the version that wrote it, or restore the row from a backup.");
}

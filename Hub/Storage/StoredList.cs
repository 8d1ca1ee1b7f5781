using System.Data.Common;
using System.Text.Json;

namespace IntegrationHub.Storage;

/// <summary>
/// A list that a row holds as JSON text. One that cannot be read (another version's, or damaged) costs the rows beside it nothing: for people the row is shown without its list and says so
/// (<see cref="TryRead"/>), and whoever is to act on it fails by itself (<see cref="Read"/>).
/// </summary>
internal static class StoredList
{
    /// <summary>The list.</summary>
    /// <exception cref="JsonException">It cannot be read.</exception>
    public static IReadOnlyList<T> Read<T>(DbDataReader row, int ordinal) => JsonSerializer.Deserialize<List<T>>(row.GetString(ordinal)) ?? throw new JsonException("The row holds no list.");

    /// <summary>False, with no list, when it cannot be read.</summary>
    public static bool TryRead<T>(DbDataReader row, int ordinal, out IReadOnlyList<T> list)
    {
        try
        {
            list = Read<T>(row, ordinal);
            return true;
        }
        catch (JsonException)
        {
            list = [];
            return false;
        }
    }
}

using System.Text.Json;

namespace IntegrationHub.Storage.Ledger;

/// <summary>
/// Which of two flat values sorts later: null, false, true, then numbers by size, then texts by their code points. Values that are written alike are equal, and
/// only those. Pure.
/// </summary>
internal static class JsonValueOrder
{
    public static int Compare(JsonElement left, JsonElement right) => (left.ValueKind, right.ValueKind) switch
    {
        (JsonValueKind.String, JsonValueKind.String) => string.CompareOrdinal(left.GetString(), right.GetString()),
        (JsonValueKind.Number, JsonValueKind.Number) when left.GetDouble().CompareTo(right.GetDouble()) is not 0 and var bySize => bySize,
        (JsonValueKind.Number, JsonValueKind.Number) => string.CompareOrdinal(left.GetRawText(), right.GetRawText()),
        _ => RankOf(left).CompareTo(RankOf(right)),
    };

    private static int RankOf(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Null => 0,
        JsonValueKind.False => 1,
        JsonValueKind.True => 2,
        JsonValueKind.Number => 3,
        _ => 4,
    };
}

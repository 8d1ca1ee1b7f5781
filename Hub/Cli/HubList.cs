using System.Text.Json;
using System.Text.Json.Nodes;

namespace IntegrationHub.Hub.Cli;

/// <summary>What a hub answered to the question for a list: as much of it as was asked for, from however many pages.</summary>
/// <param name="First">The first page, as the hub said it.</param>
/// <param name="Items">The items of all pages.</param>
/// <param name="Next">Where the list goes on; null when that is all.</param>
internal sealed record HubList(JsonElement First, IReadOnlyList<JsonElement> Items, string? Next)
{
    /// <summary>The answer as one JSON value, all of its items in it.</summary>
    public JsonElement Answer()
    {
        if (First.GetProperty("items").GetArrayLength() == Items.Count)
        {
            return First;
        }

        var whole = JsonObject.Create(First)!;
        whole["items"] = new JsonArray([.. Items.Select(item => JsonNode.Parse(item.GetRawText()))]);
        whole["next"] = Next;
        return JsonSerializer.SerializeToElement(whole);
    }

    /// <summary>The items.</summary>
    public List<T> Of<T>() => [.. Items.Select(item => item.Deserialize<T>()!)];

    /// <summary>Says what was not shown; null when that is nothing.</summary>
    public string? Rest() => Next is null ? null
        : $"{RunTables.Number(Items.Count)} of {RunTables.Number(First.GetProperty("count").GetInt64())}{(First.GetProperty("count_capped").GetBoolean() ? "+" : "")} are shown. Go on with --after {Next}, or see all with --limit 0.";
}

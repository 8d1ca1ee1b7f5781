using System.Text.Json;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>
/// Answer to memberships/batch/read: the lists of each record. The rows come in any order.
/// https://developers.hubspot.com/docs/api-reference/legacy/crm/lists/memberships/get-memberships-batch
/// </summary>
internal sealed class RecordMemberships
{
    /// <summary>Ids of the lists that a record is in, by record id.</summary>
    public Dictionary<string, HashSet<string>> ListsOf { get; } = [];

    public List<HubSpotError> Errors { get; } = [];

    /// <exception cref="JsonException">The body is not what HubSpot documents, or HubSpot is not done: who is missing from it may be a member all the same.</exception>
    public static RecordMemberships Parse(ReadOnlySpan<byte> body)
    {
        var reader = new Utf8JsonReader(body);
        using var document = JsonDocument.ParseValue(ref reader);
        var answer = document.RootElement;
        if (!answer.TryGetProperty("results", out var results) || results.ValueKind != JsonValueKind.Array)
        {
            throw new JsonException("Not an answer about memberships.");
        }

        if (answer.TryGetProperty("status", out var status) && !status.ValueEquals("COMPLETE"))
        {
            throw new JsonException("The answer is not complete.");
        }

        var memberships = new RecordMemberships();
        foreach (var row in results.EnumerateArray())
        {
            memberships.ListsOf[Id(row, "recordId")] = [.. ProfileBatch.Rows(row, "recordListMemberships").Select(static list => Id(list, "listId"))];
        }

        memberships.Errors.AddRange(ProfileBatch.Rows(answer, "errors").Select(HubSpotError.From));
        return memberships;
    }

    /// <summary>A list's id is a number in version 3 and a text in the versions that are called by their date.</summary>
    private static string Id(JsonElement row, string name) => row.TryGetProperty(name, out var id) && id.ValueKind is JsonValueKind.String or JsonValueKind.Number
        ? id.ToString()
        : throw new JsonException($"A row without {name}.");
}

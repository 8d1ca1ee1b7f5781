using System.Text.Json;

namespace IntegrationHub.Connectors.Marketo.Wire;

/// <summary>A page of changed fields.</summary>
/// <param name="Changes">Every field of every change.</param>
/// <param name="Token">Where the next page starts; there is one on the last page too.</param>
/// <param name="HasMore"><c>moreResult</c>: there is more, also when this page is empty.</param>
internal sealed record LeadChanges(IReadOnlyList<LeadChange> Changes, string Token, bool HasMore)
{
    /// <summary>Reads a page; the content of the answer is one of these.</summary>
    public static MarketoAnswer Read(byte[] utf8)
    {
        var envelope = MarketoAnswer.Parse(utf8);
        if (envelope.Failure is not null)
        {
            return envelope;
        }

        using var json = JsonDocument.Parse(utf8);
        var answer = json.RootElement;
        var changes = answer.TryGetProperty("result", out var result) ? result.EnumerateArray().SelectMany(LeadChange.Read).ToArray() : [];
        return MarketoAnswer.OfContent(new LeadChanges(changes, TokenOf(answer), answer.GetProperty("moreResult").GetBoolean()));
    }

    /// <summary>Reads a paging token; the content of the answer is the token.</summary>
    public static MarketoAnswer ReadToken(byte[] utf8)
    {
        var envelope = MarketoAnswer.Parse(utf8);
        if (envelope.Failure is not null)
        {
            return envelope;
        }

        using var json = JsonDocument.Parse(utf8);
        return MarketoAnswer.OfContent(TokenOf(json.RootElement));
    }

    internal static string TokenOf(JsonElement answer) => answer.GetProperty("nextPageToken").GetString() is { Length: > 0 } token ? token : throw new JsonException("There is no token.");
}

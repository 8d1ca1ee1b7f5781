using System.Text.Json;
using System.Text.RegularExpressions;

namespace IntegrationHub.Connectors.HubSpot.Wire;

/// <summary>
/// HubSpot's error envelope, as the answer to a whole call or as an entry of <c>errors</c> in a mixed one. Messages embed property
/// values and e-mails, so the text is searched for codes while it is read and never kept. Not a record: it must not print its ids.
/// https://developers.hubspot.com/docs/api-reference/error-handling
/// </summary>
internal sealed partial class HubSpotError
{
    /// <summary>Codes of single properties, such as <c>INVALID_OPTION</c>, in the order told.</summary>
    public List<string> Codes { get; } = [];

    /// <summary>For example <c>VALIDATION_ERROR</c>, or null.</summary>
    public string? Category { get; private set; }

    /// <summary>A finer category of some APIs, or null.</summary>
    public string? SubCategory { get; private set; }

    /// <summary>Which limit was met, for 429: <c>TEN_SECONDLY_ROLLING</c>, <c>DAILY</c>.</summary>
    public string? PolicyName { get; private set; }

    /// <summary>HubSpot's id of the call, for its support; null when it told none or told anything but a UUID.</summary>
    public string? CorrelationId { get; private set; }

    /// <summary>The contact that stands in the way, for <c>CONFLICT</c>.</summary>
    public string? ExistingId { get; private set; }

    /// <summary>The record ids of ours that the error concerns.</summary>
    public List<long> TraceIds { get; } = [];

    /// <summary>The input ids that the error concerns; they may be e-mails.</summary>
    public List<string> Ids { get; } = [];

    /// <summary>Everything that <see cref="HubSpotOutcomes"/> can tell errors apart by, the finest first.</summary>
    public IEnumerable<string> Signals
    {
        get
        {
            foreach (var code in Codes)
            {
                yield return code;
            }

            if (SubCategory is not null)
            {
                yield return SubCategory;
            }

            if (PolicyName is not null)
            {
                yield return PolicyName;
            }

            if (Category is not null)
            {
                yield return Category;
            }
        }
    }

    /// <summary>Reads the body of a refused call; anything that is not HubSpot's envelope gives an error without signals.</summary>
    public static HubSpotError Parse(ReadOnlyMemory<byte> body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return From(document.RootElement);
        }
        catch (JsonException)
        {
            return new HubSpotError();
        }
    }

    /// <summary>Reads an entry of <c>errors</c>.</summary>
    public static HubSpotError From(JsonElement element)
    {
        var error = new HubSpotError();
        if (element.ValueKind != JsonValueKind.Object)
        {
            return error;
        }

        error.Category = Code(element, "category") ?? Code(element, "errorType");
        error.SubCategory = Code(element, "subCategory");
        error.PolicyName = Code(element, "policyName");
        error.CorrelationId = Guid.TryParse(Text(element, "correlationId"), out var correlation) ? correlation.ToString("D") : null;
        if (element.TryGetProperty("errors", out var details) && details.ValueKind == JsonValueKind.Array)
        {
            foreach (var detail in details.EnumerateArray())
            {
                error.AddCode(detail.ValueKind == JsonValueKind.Object ? Code(detail, "code") ?? Code(detail, "subCategory") : null);
            }
        }

        if (element.TryGetProperty("context", out var context) && context.ValueKind == JsonValueKind.Object)
        {
            error.ReadContext(context);
        }

        error.SearchMessage(Text(element, "message") ?? "");
        return error;
    }

    private void ReadContext(JsonElement context)
    {
        foreach (var trace in Texts(context, "objectWriteTraceId"))
        {
            if (long.TryParse(trace, out var recordId))
            {
                TraceIds.Add(recordId);
            }
        }

        Ids.AddRange(Texts(context, "ids"));
        ExistingId = Texts(context, "existingId").FirstOrDefault(static id => long.TryParse(id, out _));
    }

    private void SearchMessage(string message)
    {
        // Some refusals name the limit in their words only.
        PolicyName ??= LimitText().Match(message) is { Success: true } limit ? limit.Groups[1].Value.ToUpperInvariant() : null;
        foreach (Match match in EmbeddedCode().Matches(message))
        {
            AddCode(match.Groups[1].Value);
        }

        if (ExistingId is null && ExistingIdText().Match(message) is { Success: true } existing)
        {
            ExistingId = existing.Groups[1].Value;
        }

        if (message.Contains("upsert by non-unique", StringComparison.Ordinal))
        {
            AddCode("NON_UNIQUE_ID_PROPERTY");
        }
        else if (message.StartsWith("Duplicate IDs found", StringComparison.Ordinal))
        {
            AddCode("DUPLICATE_IDS");
        }
        else if (message.Contains("is already subscribed to", StringComparison.Ordinal))
        {
            AddCode("ALREADY_SUBSCRIBED");
        }
        else if (message.Contains("already unsubscribed", StringComparison.Ordinal))
        {
            AddCode("ALREADY_UNSUBSCRIBED");
        }
        else if (message.Contains("cannot be updated because they have unsubscribed", StringComparison.Ordinal))
        {
            AddCode("OPTED_OUT");
        }
    }

    private void AddCode(string? code)
    {
        if (code is not null && !Codes.Contains(code))
        {
            Codes.Add(code);
        }
    }

    private static string? Text(JsonElement element, string name)
        => element.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? value.GetString() : null;

    private static string? Code(JsonElement element, string name) => Text(element, name) is { } text && CodeShape().IsMatch(text) ? text : null;

    private static IEnumerable<string> Texts(JsonElement context, string name)
        => context.TryGetProperty(name, out var values) && values.ValueKind == JsonValueKind.Array
            ? values.EnumerateArray().Where(static v => v.ValueKind == JsonValueKind.String).Select(static v => v.GetString()!)
            : [];

    // Only what looks like a constant may leave as a code: a value never does.
    [GeneratedRegex(@"^[A-Z][A-Za-z_.]{1,79}\z")]
    private static partial Regex CodeShape();

    [GeneratedRegex("\"error\":\"([A-Z][A-Z_]{1,63})\"")]
    private static partial Regex EmbeddedCode();

    [GeneratedRegex("reached your (daily|secondly|ten_secondly_rolling) limit")]
    private static partial Regex LimitText();

    [GeneratedRegex(@"Existing ID: (\d{1,19})")]
    private static partial Regex ExistingIdText();
}

using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>What a signal of Braze means for the records of the request.</summary>
/// <param name="Outcome">Outcome of each record that the signal concerns.</param>
/// <param name="Trouble">What it says about the destination, or null.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Split">True when a smaller request may succeed; for a single record <paramref name="Outcome"/> stands.</param>
/// <param name="Sent">Whether the request may have been applied all the same; what must not be repeated is then ambiguous.</param>
internal readonly record struct BrazeVerdict(Outcome Outcome, DestinationTrouble? Trouble, string? Code, bool Split = false, Sent Sent = Sent.Yes);

/// <summary>A row of the table.</summary>
/// <param name="Status">HTTP status; null for entries of <c>errors</c>, whose request was taken.</param>
/// <param name="Text">The message, code or sentence that must match; null matches any.</param>
/// <param name="Verdict">What follows.</param>
/// <param name="Reason">Why.</param>
/// <param name="Page">The vendor's page.</param>
internal sealed record BrazeRule(int? Status, string? Text, BrazeVerdict Verdict, string Reason, Uri Page);

/// <summary>The one table from Braze's answers to outcomes. Order of evaluation: status, then message, then errors.</summary>
internal static partial class BrazeOutcomes
{
    public const string AccessDenied = "braze_access_denied";
    private const string IdentifierRequired = "IDENTIFIER_REQUIRED";

    private static readonly Uri Errors = new("https://www.braze.com/docs/api/errors");
    private static readonly Uri Limits = new("https://www.braze.com/docs/api/api_limits");
    private static readonly Uri Track = BrazeApiVersion.Track.Documentation;
    private static readonly Uri Export = BrazeApiVersion.Export.Documentation;

    /// <summary>Rows for whole requests; the first match counts.</summary>
    public static IReadOnlyList<BrazeRule> Requests { get; } =
    [
        new(400, "Max Input Length Exceeded", Smaller("braze_max_input_length"), "More than 75 objects.", Track),
        new(400, "The max number of external_ids and aliases per request was exceeded", Smaller("braze_max_ids"), "More than 50 ids.", Export),
        new(400, "The max number of ids per request was exceeded", Smaller("braze_max_ids"), "More than 50 ids.", Export),
        new(400, "a single request may not contain more than 50 merge updates", Smaller("braze_max_ids"), "More than 50 pairs.", BrazeApiVersion.Merge.Documentation),
        new(400, null, Smaller("braze_bad_request"), "Nothing says which record is at fault; alone it is.", Errors),
        new(401, null, Stop(DestinationTrouble.Unauthorized, "braze_401"), "Wrong or missing key, or the key of another instance.", Errors),
        new(403, "Access Denied", Stop(DestinationTrouble.Misconfigured, AccessDenied), "The key lacks the permission.", Errors),
        new(403, null, Stop(DestinationTrouble.Misconfigured, "braze_forbidden"), "The plan or the account is inactive.", Errors),
        new(404, null, Stop(DestinationTrouble.Misconfigured, "braze_invalid_url"), "The base URL is not the address of an instance.", Errors),
        new(408, null, Unavailable("braze_408"), "Braze does not know either what became of it.", Errors),
        new(413, null, Smaller("braze_413"), "The body is over 4 MB.", Limits),
        new(415, null, Stop(DestinationTrouble.Misconfigured, "braze_415"), "Something on the way changed the content type.", Errors),
        new(429, null, Stop(DestinationTrouble.Throttled, "braze_429"), "A call budget is used up.", Limits),
        new(500, null, Unavailable("braze_500"), "Server side.", Errors),
        new(502, null, Unavailable("braze_502"), "Server side.", Errors),
        new(503, null, Unavailable("braze_503"), "Server side.", Errors),
        new(504, null, Unavailable("braze_504"), "Server side.", Errors),
    ];

    /// <summary>Rows for entries of <c>errors</c> with an index: the record is dropped, the rest of the request is taken.</summary>
    public static IReadOnlyList<BrazeRule> Records { get; } =
    [
        Dropped("EXTERNAL_USER_ID_TOO_LARGE", "'external_id' must be fewer than 988 bytes", "More than 987 bytes."),
        Dropped("BLACKLISTED_EXTERNAL_USER_ID", "provided external_id is blacklisted and disallowed", "A blocked dummy user."),
        Dropped("EMAIL_BAD_FORMAT", "The value provided for the 'email' field is not a valid email.", "Not an e-mail address."),
        Dropped("BAD_EMAIL_SUBSCRIPTION_STATE", null, "Not subscribed, unsubscribed or opted_in."),
        Dropped("BAD_PUSH_SUBSCRIPTION_STATE", null, "Not subscribed, unsubscribed or opted_in."),
        Dropped("BAD_SUBSCRIPTION_GROUP_ARRAY", null, "Malformed subscription groups."),
        Dropped("BAD_SUBSCRIPTION_GROUP_HASH", null, "Malformed subscription group."),
        Dropped("BAD_SUBSCRIPTION_GROUP_ID", null, "Unknown subscription group."),
        Dropped("BAD_SUBSCRIPTION_GROUP_STATE", null, "Not subscribed or unsubscribed."),
        Dropped("BAD_LOCATION_UPDATE", null, "Malformed location."),
        Dropped("BAD_DEVICE_ID", null, "Malformed device id."),
        Dropped("BAD_PUSH_TOKEN_APP_ID", null, "Malformed push token."),
        Dropped("BAD_PUSH_TOKEN_IMPORT", null, "Malformed push token."),
        Dropped("BAD_PUSH_TOKEN_STRING", null, "Malformed push token."),
        Dropped("BAD_PUSH_TOKEN_VALUE", null, "Malformed push token."),
        Dropped("INVALID_ATTRIBUTE_EMAIL_SUBSCRIPTION_INFO", null, "The attribute's name is not allowed."),
        Dropped("INVALID_QUANTITY", "'quantity' is not valid", "Not a whole number from 1 to 100."),
        Dropped("INVALID_PROPERTIES", "Invalid 'properties' field", "A reserved name or a value that is not allowed."),
        Dropped(IdentifierRequired, "'external_id', 'braze_id', 'user_alias', 'email' or 'phone' is required", "No identifier."),
    ];

    /// <summary>Rows for errors of <c>/users/external_ids/rename</c>, which arrive with the message <c>success</c>.</summary>
    public static IReadOnlyList<BrazeRule> Renames { get; } =
    [
        new(
            null, "new_external_id is already in use", new BrazeVerdict(Outcome.Rejected, null, "braze_external_id_in_use"),
            "Somebody has or had the new id; a person must merge the two or choose another.", BrazeApiVersion.Rename.Documentation),
    ];

    private static readonly Dictionary<string, BrazeVerdict> ByText = Records
        .SelectMany(rule => new[] { rule.Verdict.Code!["braze_".Length..], rule.Text }.OfType<string>().Select(text => (Text: text, rule.Verdict)))
        .ToDictionary(row => row.Text, row => row.Verdict, StringComparer.Ordinal);

    /// <summary>What an answer, or the absence of one, says about the request as a whole; null when it was taken, or only the entries of <c>errors</c> decide.</summary>
    public static BrazeVerdict? OfRequest<T>(BrazeAnswer<T> answer)
        where T : class, IBrazeBody
        => answer.End switch
        {
            CallEnd.Answered => OfAnswer(answer.Status, answer.Body is not null, answer.Body?.Message, answer.Body?.NamesRecords == true),
            CallEnd.TimedOut => Unavailable("braze_timeout"),
            CallEnd.Broken => Unavailable("braze_no_connection"),
            _ => Unavailable("braze_not_reached"),
        } is { } verdict
            ? answer.Sent == Sent.Yes ? verdict : verdict with { Sent = answer.Sent }
            : null;

    /// <summary>What an answer says about the request as a whole; null when it was taken.</summary>
    /// <param name="status">HTTP status.</param>
    /// <param name="readable">Whether the body was a JSON object.</param>
    /// <param name="message">Its message.</param>
    /// <param name="hasErrors">Whether it names records that are at fault.</param>
    private static BrazeVerdict? OfAnswer(int status, bool readable, string? message, bool hasErrors)
    {
        if (status is >= 200 and < 300)
        {
            return !readable ? Again("braze_unreadable_answer") with { Sent = Sent.Maybe } : message switch
            {
                TrackAnswer.Success => null,
                null => Again("braze_no_message") with { Sent = Sent.Maybe },
                _ => Again("braze_message_not_success"),
            };
        }

        if (status == 400 && (hasErrors || !readable))
        {
            return hasErrors ? null : Again("braze_unreadable_answer");
        }

        return Requests.FirstOrDefault(rule => rule.Status == status && (rule.Text is null || rule.Text == message))?.Verdict
            ?? (status >= 500 ? Unavailable($"braze_{status}") : Again($"braze_{status}"));
    }

    /// <summary>
    /// What an entry of <c>errors</c> with an index means for its record. Texts that no page documents are tried again and end as a
    /// dead letter, never as delivered; a sentence may quote a value, so only machine codes become part of the reason code.
    /// </summary>
    public static BrazeVerdict OfRecord(string? type)
        => type is not null && ByText.TryGetValue(IdentifierMissing().IsMatch(type) ? IdentifierRequired : type, out var verdict)
            ? verdict
            : Again(type is not null && MachineCode().IsMatch(type) ? $"braze_{type}" : "braze_unknown_error");

    /// <summary>What an error of a rename means for its record.</summary>
    public static BrazeVerdict OfRename(string text) => Renames.FirstOrDefault(rule => rule.Text == text)?.Verdict ?? Again("braze_rename_failed");

    /// <summary>Errors without an index concern nobody in particular: any record may be the one, and the others are taken.</summary>
    public static BrazeVerdict Unattributed { get; } = Again("braze_error_without_index") with { Sent = Sent.Maybe };

    /// <summary>The answer does not mention the record.</summary>
    public static BrazeVerdict NotMentioned { get; } = Again("braze_not_mentioned");

    /// <summary>Settles a record by what a signal means.</summary>
    public static void Settle(this BatchSettlement settlement, int item, BrazeVerdict verdict)
        => settlement.Settle(item, verdict.Outcome, verdict.Code, verdict.Sent);

    /// <summary>Settles records alike by what a signal means.</summary>
    public static void Settle(this BatchSettlement settlement, IEnumerable<int> items, BrazeVerdict verdict)
        => settlement.Settle(items, verdict.Outcome, verdict.Code, verdict.Sent);

    private static BrazeVerdict Unavailable(string code) => new(Outcome.NotSent, DestinationTrouble.Unavailable, code);

    private static BrazeVerdict Stop(DestinationTrouble trouble, string code) => new(Outcome.NotSent, trouble, code);

    private static BrazeVerdict Smaller(string code) => new(Outcome.Rejected, null, code, Split: true);

    private static BrazeVerdict Again(string code) => new(Outcome.RetryLater, null, code);

    private static BrazeRule Dropped(string code, string? sentence, string reason)
        => new(null, sentence, new BrazeVerdict(Outcome.Rejected, null, $"braze_{code}"), reason, Track);

    [GeneratedRegex(@"^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*\z")]
    private static partial Regex MachineCode();

    // Older and narrower answers name fewer identifiers in the same sentence.
    [GeneratedRegex(@"^'external_id'((, | or )'[a-z_]+')* is required\z")]
    private static partial Regex IdentifierMissing();
}

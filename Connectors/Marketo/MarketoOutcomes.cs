using System.Collections.Frozen;
using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>How long to leave the destination alone after a condition.</summary>
internal enum Wait : byte
{
    /// <summary>The hub's own backoff decides.</summary>
    HubDecides,

    /// <summary>A moment, until another call of the instance ends.</summary>
    Moment,

    /// <summary>The vendor's rate window.</summary>
    RateWindow,

    /// <summary>A minute, for work at the vendor that takes minutes.</summary>
    Minute,

    /// <summary>Ten minutes, for an instance that is away.</summary>
    TenMinutes,

    /// <summary>The reset of the daily quota.</summary>
    UsCentralMidnight,
}

/// <summary>What a status or code means.</summary>
/// <param name="Code">The vendor's code, <c>http_</c> and a status, or a code of our own.</param>
/// <param name="Outcome">What becomes of each record concerned.</param>
/// <param name="Trouble">Condition of the destination, or null when only records are concerned.</param>
/// <param name="Wait">How long to wait.</param>
/// <param name="Split">True when, for a whole call of several records, halves are tried first because one record may condemn the rest.</param>
/// <param name="Reason">Why, in a sentence.</param>
/// <param name="Page">The vendor's page.</param>
internal sealed record OutcomeRow(string Code, Outcome Outcome, DestinationTrouble? Trouble, Wait Wait, bool Split, string Reason, Uri Page)
{
    /// <summary>The reason code that leaves the connector: vendor codes carry the vendor's name.</summary>
    public string ReasonCode { get; init; } = char.IsAsciiDigit(Code[0]) ? $"{MarketoDescriptor.Name}_{Code}" : Code;

    /// <summary>True when the vendor may have done the work all the same: ambiguous for an operation that must not be repeated.</summary>
    public bool IsLost { get; init; }

    /// <summary>True when the trouble is that of one endpoint, job or kind of event, and other work goes on.</summary>
    public bool ConcernsThisWorkOnly { get; init; }
}

/// <summary>The one table from HTTP status and vendor code to outcome and condition, for records and for whole calls.</summary>
internal static class MarketoOutcomes
{
    public const string TokenInvalid = "601";
    public const string TokenExpired = "602";
    public const string NoDataFound = "702";
    public const string LeadNotFound = "1004";
    public const string SeveralLeadsMatch = "1007";
    public const string NotInList = "1015";
    public const string TooManyImports = "1016";
    public const string ImportInProgress = "1019";
    public const string TooLarge = "http_413";
    public const string TokenUnreadable = "token_unreadable";
    public const string ObjectNotFound = "1013";
    public const string KeyCollision = "key_collision";
    public const string Unmentioned = "unmentioned";
    public const string SplitLimit = "split_limit";
    public const string EmailNotAscii = "email_not_ascii";
    public const string EventTypeUnknown = "event_type_unknown";
    public const string EventTypeNotApproved = "event_type_not_approved";
    public const string EventAttributeUnknown = "event_attribute_unknown";
    public const string EventIdAttributeMissing = "event_id_attribute_missing";
    public const string PrimaryAttributeMissing = "primary_attribute_missing";
    public const string KeyTaken = "key_taken";
    public const string ExtractBusy = "1029";
    public const string ExtractFailed = "extract_failed";
    public const string ExtractUnreadable = "extract_unreadable";
    public const string ImportRowFailed = "import_row_failed";
    public const string ImportRowWarning = "import_row_warning";
    public const string ImportFailed = "import_failed";
    public const string ImportGone = "import_gone";
    public const string NotInFile = "not_in_import_file";

    private static readonly Uri Codes = MarketoApiVersion.ErrorCodesPage;
    private static readonly Uri Rest = MarketoApiVersion.RestPage;
    private static readonly Uri Leads = MarketoApiVersion.LeadsPage;
    private static readonly Uri Activities = MarketoApiVersion.ActivitiesPage;
    private static readonly Uri Bulk = MarketoApiVersion.BulkImportPage;

    public static readonly FrozenDictionary<string, OutcomeRow> Rows = new OutcomeRow[]
    {
        Refused(TokenInvalid, DestinationTrouble.Unauthorized, "the token is invalid even after a fresh one"),
        Refused(TokenExpired, DestinationTrouble.Unauthorized, "the token is expired even after a fresh one"),
        Refused("603", DestinationTrouble.Misconfigured, "the API user's role or the address allowlist forbids the call"),
        Uncertain("604", "the vendor ran out of time; it may have done the work"),
        Refused("605", DestinationTrouble.Misconfigured, "the path does not take this method"),
        Refused("606", DestinationTrouble.Throttled, "more calls than the rate window admits", Wait.RateWindow),
        Refused("607", DestinationTrouble.Throttled, "the daily quota is used up", Wait.UsCentralMidnight),
        Refused("608", DestinationTrouble.Unavailable, "the API is temporarily unavailable"),
        Bad("609", "the body is not valid JSON for the vendor"),
        Refused("610", DestinationTrouble.Misconfigured, "the path does not exist at this base URL"),
        Uncertain("611", "the vendor met an unhandled error of its own"),
        Refused("612", DestinationTrouble.Misconfigured, "the content type was not accepted"),
        Refused("613", DestinationTrouble.Misconfigured, "the multipart body was not accepted"),
        Refused("614", DestinationTrouble.Unavailable, "the subscription cannot be reached", Wait.TenMinutes),
        Refused("615", DestinationTrouble.Throttled, "too many calls of the instance are in flight", Wait.Moment),
        Refused("616", DestinationTrouble.Misconfigured, "the subscription type lacks this API"),
        Bad("701", "a field that must not be blank is blank"),
        Foreign(NoDataFound, "nothing matches the query, which is an answer to reads alone"),
        Refused("703", DestinationTrouble.Misconfigured, "the feature is not enabled for the subscription"),
        Bad("704", "a date is invalid"),
        Refused("709", DestinationTrouble.Misconfigured, "a rule of the asset forbids it, for example a name in use"),
        Refused("710", DestinationTrouble.Misconfigured, "the parent folder does not exist"),
        Refused("711", DestinationTrouble.Misconfigured, "the folder is of the wrong type"),
        Bad("712", "people of this kind cannot be merged"),
        Uncertain("713", "the vendor calls it a transient error"),
        Bad("714", "the record types do not go together"),
        Bad("718", "the sales person does not exist"),
        new("719", Outcome.RetryLater, null, Wait.HubDecides, false, "the vendor waited too long for a lock", Codes),
        Bad("1001", "a value has the wrong type"),
        Bad("1002", "a required value is missing"),
        Bad("1003", "the data is invalid"),
        new(LeadNotFound, Outcome.RetryLater, null, Wait.HubDecides, true, "no person has this id: merged or deleted since we learned it", Codes),
        Foreign("1005", "the person exists already and nothing was written: the code belongs to createOnly, which is never asked for"),
        new("1006", Outcome.NotSent, DestinationTrouble.Misconfigured, Wait.HubDecides, true, "a mapped field does not exist", Codes),
        Bad(SeveralLeadsMatch, "several people have this key: merge them in Marketo") with { ReasonCode = ReasonCode.DuplicatesAtVendor },
        Refused("1008", DestinationTrouble.Misconfigured, "the API user may not use the partition"),
        Refused("1009", DestinationTrouble.Misconfigured, "the instance wants partition_name to be set"),
        Bad("1010", "the person exists in another partition"),
        Refused("1011", DestinationTrouble.Misconfigured, "the identity key is not a field by which people can be looked up"),
        Bad("1012", "the cookie is invalid"),
        Refused(ObjectNotFound, DestinationTrouble.Misconfigured, "what the call names does not exist"),
        Refused(ReasonCode.AudienceGone, DestinationTrouble.Misconfigured, "the static list does not exist any more"),
        new("1014", Outcome.RetryLater, null, Wait.HubDecides, false, "the vendor failed to create the object", Codes),
        Foreign(NotInList, "the person was not in the list, which answers a removal alone"),
        OfJobs(TooManyImports, "too many imports are queued"),
        Foreign("1017", "the object exists already and nothing was written: the code belongs to a creation"),
        Refused("1018", DestinationTrouble.Misconfigured, "the native CRM synchronisation owns these objects"),
        OfJobs(ImportInProgress, "an import into this list is running"),
        new("1021", Outcome.NotSent, DestinationTrouble.Misconfigured, Wait.HubDecides, true, "a mapped field belongs to the company, not to the person", Codes),
        Refused("1022", DestinationTrouble.Misconfigured, "the list is in use by an asset"),
        Refused("1025", DestinationTrouble.Misconfigured, "the program has no such status"),
        Refused("1026", DestinationTrouble.Misconfigured, "custom objects are not enabled"),
        Refused("1027", DestinationTrouble.Misconfigured, "the subscription has as many activity types as it may"),
        Refused("1028", DestinationTrouble.Misconfigured, "the activity type has as many attributes as it may"),
        OfJobs(ExtractBusy, "too many jobs are queued, or the day's volume is used up"),
        Refused("1035", DestinationTrouble.Misconfigured, "the subscription lacks this filter"),
        new("1036", Outcome.RetryLater, null, Wait.HubDecides, true, "the same object stands twice in one call", Codes),
        Foreign("1037", "the person is at or past this status of a program, and programs are never asked for"),
        Bad("1049", "the attributes of the event are over 65,536 bytes"),
        Bad("1076", "the CRM does not let the people be merged"),
        Bad("1077", "the CRM does not let the people be merged"),
        Bad("1078", "the CRM does not let the people be merged"),
        Bad("1079", "the people cannot be merged because an address of theirs conflicts"),
        Bad("1080", "more than 25 people in one merge"),
        Uncertain("500", "the vendor met an internal error"),
        Uncertain("502", "the vendor's gateway failed, likely by a timeout"),
        Refused("http_401", DestinationTrouble.Unauthorized, "client id or secret are refused, or not set", page: MarketoApiVersion.AuthenticationPage),
        Refused("http_403", DestinationTrouble.Unauthorized, "the gateway refuses the credentials", page: Rest),
        Refused("http_404", DestinationTrouble.Misconfigured, "nothing answers at this base URL", page: Rest),
        Away("http_408", "the gateway ran out of time"),
        new(TooLarge, Outcome.Rejected, null, Wait.HubDecides, true, "the body is over 1 MB", Rest),
        Refused("http_414", DestinationTrouble.Misconfigured, "the address is over 8 KB", page: Rest),
        Refused("http_429", DestinationTrouble.Throttled, "the gateway limits calls", Wait.RateWindow, Rest),
        Away(TransportTrouble.Timeout, "no answer in time; the vendor may have done the work"),
        Away(TransportTrouble.ConnectionFailed, "the connection failed; the vendor may have done the work"),
        Refused(TransportTrouble.NotReached, DestinationTrouble.Unavailable, "no connection could be made, so nothing was sent", page: Rest),
        Refused(TransportTrouble.ConnectionRefused, DestinationTrouble.Unavailable, "nobody listens at this address, so nothing was sent", page: Rest),
        Refused(TransportTrouble.NameUnknown, DestinationTrouble.Unavailable, "the name of the base URL is not known, so nothing was sent", page: Rest),
        Refused(TransportTrouble.NotSecure, DestinationTrouble.Unavailable, "no secure connection could be made, so nothing was sent", page: Rest),
        Refused(TransportTrouble.ProxyRefused, DestinationTrouble.Unavailable, "the proxy refused the way, so nothing was sent", page: Rest),
        Refused(TokenUnreadable, DestinationTrouble.Unavailable, "the identity endpoint answered without a token", page: MarketoApiVersion.AuthenticationPage),
        Uncertain(Wire.MarketoAnswer.Malformed, "the answer is not the vendor's envelope", Rest) with { ConcernsThisWorkOnly = true, Wait = Wait.Minute },
        Uncertain(Wire.MarketoAnswer.NoCode, "the vendor tells a failure in words alone", Codes) with { ConcernsThisWorkOnly = true, Wait = Wait.Minute },
        Own(Unmentioned, Outcome.RetryLater, "the answer does not mention the record", Leads),
        Own(SplitLimit, Outcome.RetryLater, "too many refused records in one batch to single them out at once", Codes),
        Own(EmailNotAscii, Outcome.Rejected, "the vendor takes ASCII e-mail addresses only", Leads),
        Own(ReasonCode.KeyNotSearchable, Outcome.Rejected, "a key with a comma cannot stand in a query", Leads),
        Own(ReasonCode.NotFound, Outcome.Rejected, "nobody has this key, and nobody may be created", Leads),
        Own(ReasonCode.IdentityMissing, Outcome.Rejected, "the change names no second person or no new key", Leads),
        Own(KeyCollision, Outcome.Rejected, "another record of the batch has the same key, for Marketo compares keys without case", Leads),
        Own(KeyTaken, Outcome.Rejected, "another person has the new key: merge the two", Leads) with { ReasonCode = ReasonCode.DuplicatesAtVendor },
        OfEvents(EventTypeUnknown, "the instance has no custom activity type of this name or id"),
        OfEvents(EventTypeNotApproved, "the custom activity type is still a draft"),
        OfEvents(EventAttributeUnknown, "a mapped property is no attribute of the activity type"),
        OfEvents(EventIdAttributeMissing, "the activity type has no attribute for the hub's event id"),
        Own(PrimaryAttributeMissing, Outcome.Rejected, "the event has no value for the activity type's primary attribute", Activities),
        Refused(ExtractFailed, DestinationTrouble.Misconfigured, "the vendor did not write the file, or keeps it no more", page: MarketoApiVersion.BulkExtractPage) with { ConcernsThisWorkOnly = true },
        Refused(ExtractUnreadable, DestinationTrouble.Misconfigured, "the file is not the one that was asked for, or was not read whole", page: MarketoApiVersion.BulkExtractPage) with { ConcernsThisWorkOnly = true },
        Own(ImportRowFailed, Outcome.RetryLater, "the import refused the row; the call for single records tells the code", Bulk),
        Own(ImportRowWarning, Outcome.RetryLater, "the import took the row without one of its values", Bulk),
        Own(ImportFailed, Outcome.RetryLater, "the import failed, or its report does not account for every row", Bulk),
        Own(ImportGone, Outcome.RetryLater, "the vendor no longer knows the import", Bulk),
    }.ToFrozenDictionary(row => row.Code, StringComparer.Ordinal);

    /// <summary>The row of a code. A code without a row is retried and keeps its raw value; it is never success.</summary>
    public static OutcomeRow For(string code)
    {
        if (Rows.TryGetValue(code, out var row))
        {
            return row;
        }

        if (code.StartsWith("http_", StringComparison.Ordinal))
        {
            return code[5] switch
            {
                '5' => Away(code, "the gateway failed"),
                '4' => new(code, Outcome.RetryLater, null, Wait.HubDecides, false, "a refusal without a row", Rest),
                '3' => Refused(code, DestinationTrouble.Misconfigured, "the base URL redirects", page: Rest),
                _ => Uncertain(code, "a status without a row", Rest) with { ConcernsThisWorkOnly = true, Wait = Wait.Minute },
            };
        }

        // By the vendor's page 6xx were not executed, 7xx failed and 1xxx are a record's; of anything else nobody says what was done.
        var wasRefused = Digits(code) is [('6' or '7'), _, _] or [>= '1' and <= '9', _, _, _];
        return new(Digits(code), Outcome.RetryLater, null, Wait.HubDecides, code.Length >= 4, "a code without a row", Codes) { IsLost = !wasRefused };
    }

    /// <summary>The condition of a row, or null when the row concerns records only.</summary>
    public static DestinationCondition? Condition(OutcomeRow row, TimeSpan? retryAfter, DateTimeOffset now) =>
        row.Trouble is { } trouble
            ? new(trouble, row.ReasonCode, retryAfter ?? WaitFor(row.Wait, now)) { ConcernsThisWorkOnly = row.ConcernsThisWorkOnly }
            : null;

    /// <summary>The condition of a refused call. Where the table knows records only, the call itself is wrong.</summary>
    public static DestinationCondition ConditionOf(Wire.MarketoAnswer answer, DateTimeOffset now)
    {
        var row = For(answer.Failure ?? Wire.MarketoAnswer.Malformed);
        return answer.Refusal ?? Condition(row, answer.RetryAfter, now)
            ?? new(row.Outcome == Outcome.RetryLater ? DestinationTrouble.Unavailable : DestinationTrouble.Misconfigured, row.ReasonCode, answer.RetryAfter);
    }

    public static TimeSpan? WaitFor(Wait wait, DateTimeOffset now) => wait switch
    {
        Wait.Moment => TimeSpan.FromSeconds(2),
        Wait.RateWindow => TimeSpan.FromSeconds(20),
        Wait.Minute => TimeSpan.FromMinutes(1),
        Wait.TenMinutes => TimeSpan.FromMinutes(10),
        Wait.UsCentralMidnight => UsCentral.UntilMidnight(now),
        _ => null,
    };

    private static OutcomeRow Refused(string code, DestinationTrouble trouble, string reason, Wait wait = Wait.HubDecides, Uri? page = null) =>
        new(code, Outcome.NotSent, trouble, wait, false, reason, page ?? Codes);

    /// <summary>Nobody is there: no record is to blame, and sending what may be repeated twice is harmless.</summary>
    private static OutcomeRow Away(string code, string reason) => Refused(code, DestinationTrouble.Unavailable, reason, page: Rest) with { IsLost = true };

    /// <summary>The vendor stumbled, perhaps over one of the records: costs an attempt, so that such a record ends as a dead letter.</summary>
    private static OutcomeRow Uncertain(string code, string reason, Uri? page = null) =>
        new(code, Outcome.RetryLater, DestinationTrouble.Unavailable, Wait.HubDecides, false, reason, page ?? Codes) { IsLost = true };

    /// <summary>The vendor is busy with jobs; what is no job goes on.</summary>
    private static OutcomeRow OfJobs(string code, string reason) => Refused(code, DestinationTrouble.Throttled, reason, Wait.Minute) with { ConcernsThisWorkOnly = true };

    /// <summary>A kind of event is not set up at the vendor; people, their consent and other events go on.</summary>
    private static OutcomeRow OfEvents(string code, string reason) =>
        Refused(code, DestinationTrouble.Misconfigured, reason, page: Activities) with { ConcernsThisWorkOnly = true };

    /// <summary>An answer to another call than those that are made, or to one that reads it for itself: never success.</summary>
    private static OutcomeRow Foreign(string code, string reason) => new(code, Outcome.RetryLater, null, Wait.HubDecides, false, reason, Codes);

    private static OutcomeRow Bad(string code, string reason) => new(code, Outcome.Rejected, null, Wait.HubDecides, true, reason, Codes);

    /// <summary>What concerns single records and no call.</summary>
    private static OutcomeRow Own(string code, Outcome outcome, string reason, Uri page) => new(code, outcome, null, Wait.HubDecides, false, reason, page);

    /// <summary>A vendor's code is a number; anything else could carry text that we must not repeat.</summary>
    private static string Digits(string code) =>
        int.TryParse(code, NumberStyles.None, CultureInfo.InvariantCulture, out _) ? code : "unknown_code";
}

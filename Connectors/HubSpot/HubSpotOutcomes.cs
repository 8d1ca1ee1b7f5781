using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot.Wire;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>What an error asks us to do.</summary>
internal enum Verdict
{
    /// <summary>The record is refused for good.</summary>
    Reject,

    /// <summary>The record may pass later.</summary>
    Retry,

    /// <summary>A contact with the record's e-mail exists: update that one.</summary>
    Adopt,

    /// <summary>It was so already.</summary>
    Unchanged,

    /// <summary>The destination has a <see cref="DestinationCondition"/>; nothing is known about the record.</summary>
    Stop,
}

/// <summary>A row of the table of outcomes.</summary>
/// <param name="Status">HTTP status; 207 for an entry of <c>errors</c> in a mixed answer; negative without an answer, see <see cref="HubSpotFailure"/>; null for any.</param>
/// <param name="Signal">Code, category or policy name that must occur, or null for any.</param>
/// <param name="Verdict">What it asks us to do.</param>
/// <param name="Reason">Why.</param>
/// <param name="Page">Where HubSpot says so.</param>
internal sealed record OutcomeRow(int? Status, string? Signal, Verdict Verdict, string Reason, Uri Page)
{
    /// <summary>Last status of a range that starts with <see cref="Status"/>; null for that one alone.</summary>
    public int? LastStatus { get; init; }

    /// <summary>Kind of trouble, with <see cref="Verdict.Stop"/>.</summary>
    public DestinationTrouble Trouble { get; init; }

    /// <summary>Reason code; null takes HubSpot's own code.</summary>
    public string? Code { get; init; }

    /// <summary>How long to wait when HubSpot does not say.</summary>
    public TimeSpan? Wait { get; init; }

    /// <summary>True when the daily quota is gone until midnight of the account.</summary>
    public bool UntilMidnight { get; init; }

    /// <summary>True when the answer refuses a whole batch for what may be one record of it: send its halves.</summary>
    public bool Split { get; init; }

    /// <summary>Whether the row speaks of an answer.</summary>
    public bool Matches(int status, IReadOnlyList<string> signals)
        => (Status is null || (status >= Status && status <= (LastStatus ?? Status))) && (Signal is null || signals.Contains(Signal));
}

/// <summary>What an error means, with the codes that may leave the connector.</summary>
internal readonly record struct Judgement(Verdict Verdict, string Code, bool Split, DestinationCondition? Condition)
{
    /// <summary>The record is refused for a reason of the hub's own.</summary>
    public static Judgement Reject(string code) => new(Verdict.Reject, code, false, null);

    /// <summary>The record may pass later.</summary>
    public static Judgement Retry(string code) => new(Verdict.Retry, code, false, null);

    /// <summary>What a caller says who knows better than the table what an answer means there.</summary>
    public static Judgement Stop(DestinationTrouble trouble, string code) => new(Verdict.Stop, code, false, new DestinationCondition(trouble, code));
}

/// <summary>The one table from HubSpot's errors to outcomes and conditions. The first matching row counts; the last one matches everything.</summary>
internal static class HubSpotOutcomes
{
    /// <summary>The table.</summary>
    public static IReadOnlyList<OutcomeRow> Rows { get; } =
    [
        new(null, "PROPERTY_DOESNT_EXIST", Verdict.Stop, "The mapping names a property that the account does not have; every record would fail.", HubSpotPages.Properties)
            { Trouble = DestinationTrouble.Misconfigured },
        new(null, "READ_ONLY_VALUE", Verdict.Stop, "The mapping writes to a read-only or calculated property.", HubSpotPages.Properties)
            { Trouble = DestinationTrouble.Misconfigured },
        new(null, "NON_UNIQUE_ID_PROPERTY", Verdict.Stop, "The identity property was not made with unique values.", HubSpotPages.Properties)
            { Trouble = DestinationTrouble.Misconfigured },

        new(207, "CONFLICT", Verdict.Adopt, "A contact with this e-mail exists under another key.", HubSpotPages.Errors),
        new(207, "VALIDATION_ERROR", Verdict.Reject, "A property value is not valid.", HubSpotPages.Errors),
        new(207, "OBJECT_NOT_FOUND", Verdict.Retry, "The contact was deleted or merged meanwhile.", HubSpotPages.Errors),

        new(400, "ALREADY_SUBSCRIBED", Verdict.Unchanged, "The address has that subscription.", HubSpotPages.ConsentV3),
        new(400, "ALREADY_UNSUBSCRIBED", Verdict.Unchanged, "The address is off that subscription.", HubSpotPages.ConsentV3),
        new(400, "OPTED_OUT", Verdict.Reject, "The person opted out; version 3 takes no subscription over that.", HubSpotPages.ConsentV3)
            { Code = ReasonCode.OptOutStands },
        new(400, "DUPLICATE_IDS", Verdict.Retry, "Two keys of the batch are one to HubSpot; apart they pass.", HubSpotPages.Errors) { Split = true },
        new(400, "VALIDATION_ERROR", Verdict.Reject, "One record refuses the whole batch; alone it is the record's own fault.", HubSpotPages.Errors) { Split = true },
        new(400, null, Verdict.Retry, "Refused for an unknown reason, which may be one record's.", HubSpotPages.Errors) { Split = true },
        new(401, null, Verdict.Stop, "The token is missing, wrong, expired or revoked.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Unauthorized },
        new(403, null, Verdict.Stop, "A scope or a product is missing, or the account is suspended.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Misconfigured },
        new(404, null, Verdict.Stop, "The list, property or address does not exist.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Misconfigured },
        new(409, null, Verdict.Adopt, "One record of the batch meets an existing contact.", HubSpotPages.Errors) { Split = true },
        new(413, null, Verdict.Reject, "The body is too large.", HubSpotPages.Errors) { Split = true },
        new(414, null, Verdict.Reject, "The address is too long, or the contact has too many identities.", HubSpotPages.Errors) { Split = true },
        new(423, null, Verdict.Stop, "Locked by heavy writes; it lasts two seconds.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Throttled, Wait = TimeSpan.FromSeconds(2) },
        new(429, "DAILY", Verdict.Stop, "The day's calls are used up until midnight of the account.", HubSpotPages.Usage)
            { Trouble = DestinationTrouble.Throttled, Wait = TimeSpan.FromHours(1), UntilMidnight = true },
        new(429, "SECONDLY", Verdict.Stop, "More calls than a second allows.", HubSpotPages.Usage)
            { Trouble = DestinationTrouble.Throttled, Wait = TimeSpan.FromSeconds(1) },
        new(429, null, Verdict.Stop, "More calls than the rolling ten seconds allow.", HubSpotPages.Usage)
            { Trouble = DestinationTrouble.Throttled, Wait = TimeSpan.FromSeconds(10) },
        new(477, null, Verdict.Stop, "The account is being moved, for up to a day.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Unavailable, Wait = TimeSpan.FromMinutes(10) },
        new(408, null, Verdict.Stop, "HubSpot gave up waiting for the request.", HubSpotPages.Errors) { Trouble = DestinationTrouble.Unavailable },
        new(500, null, Verdict.Stop, "HubSpot or what stands before it fails; a write may have happened.", HubSpotPages.Errors)
            { LastStatus = 599, Trouble = DestinationTrouble.Unavailable },
        new(HubSpotFailure.NoAnswer, null, Verdict.Stop, "No answer in time; a write may have happened.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Unavailable, Code = "timeout" },
        new(HubSpotFailure.NoConnection, null, Verdict.Stop, "No connection, or it broke; a write may have happened.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Unavailable, Code = "connection_failed" },
        new(HubSpotFailure.Unreadable, null, Verdict.Stop, "Success was answered, but not in HubSpot's format; a write may have happened.", HubSpotPages.Errors)
            { Trouble = DestinationTrouble.Unavailable, Code = "malformed_answer" },
        new(null, null, Verdict.Retry, "Nothing is known about it: try again, and let a person see it in the end. Never success.", HubSpotPages.Errors),
    ];

    /// <summary>Judges a call that brought no usable answer.</summary>
    /// <param name="failure">The call.</param>
    /// <param name="untilMidnight">Time until the account's next midnight, or null when its zone is not known.</param>
    public static Judgement Of(HubSpotFailure failure, TimeSpan? untilMidnight)
    {
        if (failure.Refusal is { } refusal)
        {
            return new(Verdict.Stop, refusal.Code, false, refusal);
        }

        var row = Find(failure.Status, failure.Error);
        var code = row.Code ?? CodeOf(failure.Status, failure.Error);
        if (row.Verdict != Verdict.Stop)
        {
            return new(row.Verdict, code, row.Split, null);
        }

        var wait = failure.RetryAfter ?? (row.UntilMidnight ? untilMidnight : null) ?? row.Wait;
        return new(row.Verdict, code, row.Split, new DestinationCondition(row.Trouble, code, wait));
    }

    /// <summary>Judges an entry of <c>errors</c> in a mixed answer.</summary>
    public static Judgement Of(HubSpotError error)
    {
        var row = Find(207, error);
        var code = row.Code ?? CodeOf(207, error);
        return new(row.Verdict, code, false, row.Verdict == Verdict.Stop ? new DestinationCondition(row.Trouble, code, row.Wait) : null);
    }

    private static OutcomeRow Find(int status, HubSpotError error)
    {
        var signals = error.Signals.ToList();
        return Rows.First(row => row.Matches(status, signals));
    }

    private static string CodeOf(int status, HubSpotError error) => $"hubspot_{error.Signals.FirstOrDefault() ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture)}";
}

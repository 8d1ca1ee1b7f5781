using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>What the vendor's side makes wait: its conditions and its jobs. Pure.</summary>
internal static class Conditioned
{
    /// <summary>Prefix of the codes of a destination's condition that come from the hub's own books of a quota.</summary>
    private const string OwnBooks = "quota_";

    /// <summary>A vendor's queue may be long; a job of which nothing was told for so long is likely to have been forgotten there.</summary>
    private static readonly TimeSpan _jobPatience = TimeSpan.FromHours(4);

    /// <summary>What a condition means.</summary>
    public static Verdict Of(string destination, StoredCondition condition) => Meaning(destination, condition) with
    {
        Since = condition.Since,
        Until = condition.Until,
        Args = new Dictionary<string, string> { ["destination"] = destination, ["code"] = condition.Code, ["failures"] = condition.Failures.ToString(CultureInfo.InvariantCulture) },
        Evidence = [$"{condition.Failures} failures in a row, {condition.Code}", $"next try {condition.Until:u}"],
    };

    /// <summary>What a vendor's job means.</summary>
    public static Verdict Of(string destination, BulkJob job, DateTimeOffset now) => (now - job.StartedAt < _jobPatience
        ? new Verdict(
            DiagnosisCode.VendorJob,
            $"{destination} works on its job {job.RemoteJob} since {job.StartedAt:u}; it is followed to its end and to the row, and given up after Hub:Delivery:LongestVendorJob. Look at it in the vendor's own console if it takes long.")
        : new Verdict(
            DiagnosisCode.VendorJobLate,
            $"{destination} has had its job {job.RemoteJob} since {job.StartedAt:u} and has told no end of it, which is longer than such jobs take. Look at it in the vendor's own console and ask the vendor's support about it. After Hub:Delivery:LongestVendorJob the hub gives it up by itself: its records then go one batch at a time, and what the job does later is put right.")
        { Action = $"destinations check {destination}" }) with
    { Since = job.StartedAt, Until = job.PollAt, Args = new Dictionary<string, string> { ["destination"] = destination, ["job"] = job.RemoteJob }, Evidence = [$"job {job.RemoteJob}", $"looked at again at {job.PollAt:u}"] };

    /// <summary>Comparing with a destination waits for the file of its members.</summary>
    public static Verdict OfMemberFile(string destination, DateTimeOffset until) => new(
        DiagnosisCode.VendorJob,
        FormattableString.Invariant($"{destination} writes a file of the members to compare with, or has no room for one more yet: its queue of extracts is full, or what all extracts of the account may take a day is used up. It is looked again at {until:u}, and goes on by itself. ") +
        $"Where nobody can wait, set extract_from: 0 in destinations/{destination}.yaml and start the hub again: members are then read page by page.")
    { Until = until, Args = At(destination) };

    /// <summary>Comparing with a destination took what it may of the day.</summary>
    public static Verdict OfReadBackBudget(string destination, DateTimeOffset until) => new(
        DiagnosisCode.ReadBackBudget,
        FormattableString.Invariant($"{destination}: the share of today's calls that comparing may take is used up; it goes on by itself at {until:u} where it stopped. ") +
        $"Where it may take more, say so with read_back_share under reconcile in destinations/{destination}.yaml and start the hub again.")
    { Until = until, Args = At(destination) };

    /// <summary>The hub's own books let this work wait alone: their limit concerns some endpoints, and no lane waits as a whole. Null when the code is not theirs.</summary>
    public static Verdict? OfWorkAlone(string destination, string code, DateTimeOffset next) => !code.StartsWith(OwnBooks, StringComparison.Ordinal) ? null : new(
        DiagnosisCode.Quota,
        FormattableString.Invariant($"{destination}: the calls that its quota allows ({code}) are used up; it is looked again at {next:u}, and it goes on by itself when the limit's time is over. 'destinations show {destination}' tells when that is; where your contract allows more, say so under quota in destinations/{destination}.yaml; where the vendor gave calls back, 'destinations resume {destination}' ends the wait."))
    { Action = $"destinations show {destination}", Until = next, Args = new Dictionary<string, string> { ["destination"] = destination, ["code"] = code } };

    private static Dictionary<string, string> At(string destination) => new() { ["destination"] = destination };

    private static Verdict Meaning(string destination, StoredCondition condition) => condition.Trouble switch
    {
        "throttled" when condition.Code.StartsWith(OwnBooks, StringComparison.Ordinal) => new(
            DiagnosisCode.Quota,
            $"{destination}: the calls that its quota allows ({condition.Code}) are used up until {condition.Until:u}; it goes on by itself. 'destinations show {destination}' tells the limits; where your contract allows more, say so under quota in destinations/{destination}.yaml; where the vendor gave calls back, 'destinations resume {destination}' ends the wait."),
        "throttled" => new(
            DiagnosisCode.VendorLimit,
            $"{destination} asks us to wait ({condition.Code}) until {condition.Until:u}; it goes on by itself. A vendor also says this of one endpoint or of its import queue, so a larger quota need not help; if it comes back all day, look for other programs that use the same account."),
        "unauthorized" => new(
            DiagnosisCode.Unauthorized, $"{destination} refuses our credentials ({condition.Code}); put a valid secret where destinations/{destination}.yaml points to, the hub reads it again by itself.")
        { Action = $"destinations check {destination}" },
        "misconfigured" when condition.Code == ReasonCode.AudienceGone => new(
            DiagnosisCode.Misconfigured,
            $"The audience's side at {destination} was deleted there ({condition.Code}). Restore it at the vendor and say 'destinations resume {destination}', or put another id under audiences in destinations/{destination}.yaml and start the hub again; the run then goes on by itself.")
        { Action = $"destinations check {destination}" },
        "misconfigured" => new(
            DiagnosisCode.Misconfigured,
            $"{destination} refuses our requests ({condition.Code}); 'destinations check {destination}' names the permission, field or list. Once that is mended the run goes on by itself, the hub tries again at {condition.Until:u}.")
        { Action = $"destinations check {destination}" },
        _ => new(
            DiagnosisCode.CircuitOpen, $"{destination} does not answer ({condition.Code}), {condition.Failures} times in a row; it is tried again at {condition.Until:u}, and the run goes on by itself when it answers.")
        { Action = $"destinations check {destination}" },
    };
}

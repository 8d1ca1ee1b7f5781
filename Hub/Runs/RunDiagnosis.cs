using System.Collections.Immutable;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>What a run waits for: a stable code, which the runbook knows, and what to do. Pure.</summary>
/// <param name="Code">One of <see cref="Codes"/>.</param>
/// <param name="Detail">What it waits for and what to do, without personal data.</param>
internal sealed record RunDiagnosis(string Code, string Detail)
{
    public const string Approval = "approval";
    public const string Paused = "paused";
    public const string VendorCatchingUp = "vendor_catching_up";
    public const string Quota = "quota";
    public const string VendorLimit = "vendor_limit";
    public const string Unauthorized = "unauthorized";
    public const string Misconfigured = "misconfigured";
    public const string CircuitOpen = "circuit_open";
    public const string VendorJob = "vendor_job";
    public const string ReadBackBudget = "read_back_budget";
    public const string Retrying = "retrying";
    public const string NoConsumer = "no_consumer";
    public const string Unknown = "unknown";

    /// <summary>Prefix of the codes of a destination's condition that come from the hub's own books of a quota.</summary>
    private const string OwnBooks = "quota_";

    /// <summary>Every code that a run can show.</summary>
    public static ImmutableArray<string> Codes { get; } =
        [Approval, Paused, VendorCatchingUp, Quota, VendorLimit, Unauthorized, Misconfigured, CircuitOpen, VendorJob, ReadBackBudget, Retrying, NoConsumer, Unknown];

    /// <summary>What a run waits for that is known without asking anybody; null when it moves or its diagnosis has to tell.</summary>
    public static RunDiagnosis? At(RunView run, StoredCondition? condition, BulkJob? job) => run switch
    {
        { FinishedAt: not null } => null,
        { State: RunState.AwaitingApproval, WaitingFor: { } sentence } => new(Approval, sentence),
        { State: RunState.Paused, WaitingFor: { } sentence } => new(Paused, sentence),
        { State: RunState.Verifying, ReadBackAt: not null, WaitingFor: { } sentence } => new(VendorCatchingUp, sentence),
        { State: RunState.Delivering or RunState.Verifying or RunState.Canceling or RunState.Planning } when condition is not null => OfCondition(run.Destination, condition),
        { State: RunState.Delivering or RunState.Canceling } when job is not null => OfJob(run.Destination, job),
        { DiagnosisCode: { } code, DiagnosisDetail: { } detail } => new(code, detail),
        _ => null,
    };

    /// <summary>Why a run stands still in a state.</summary>
    public static RunDiagnosis Of(string destination, string state, StoredCondition? condition, BulkJob? job, bool hasPending) => state switch
    {
        _ when condition is not null => OfCondition(destination, condition),
        RunState.Delivering or RunState.Canceling when job is not null => OfJob(destination, job),
        RunState.Delivering when hasPending => new(Retrying, "Records wait for their next attempt; 'reasons' of the run tells which vendor codes they meet, 'deadletters list' who is given up."),
        RunState.Delivering => new(Unknown, "Nothing is pending; the hub says again that the run is delivered."),
        _ => new(NoConsumer, $"No hub instance has answered the step {state} yet; check that an instance is up, and its log for errors of this run."),
    };

    /// <summary>Comparing with a destination took what it may of the day.</summary>
    public static RunDiagnosis OfReadBackBudget(string destination, DateTimeOffset until) => new(
        ReadBackBudget,
        FormattableString.Invariant($"{destination}: the share of today's calls that comparing may take is used up; it goes on by itself at {until:u} where it stopped. ") +
        $"Where it may take more, say so with read_back_share under reconcile in destinations/{destination}.yaml and start the hub again.");

    private static RunDiagnosis OfCondition(string destination, StoredCondition condition) => condition.Trouble switch
    {
        "throttled" when condition.Code.StartsWith(OwnBooks, StringComparison.Ordinal) => new(
            Quota,
            $"{destination}: the calls that its quota allows ({condition.Code}) are used up until {condition.Until:u}; it goes on by itself. 'destinations show {destination}' tells the limits; where your contract allows more, say so under quota in destinations/{destination}.yaml; where the vendor gave calls back, 'destinations resume {destination}' ends the wait."),
        "throttled" => new(
            VendorLimit,
            $"{destination} asks us to wait ({condition.Code}) until {condition.Until:u}; it goes on by itself. A vendor also says this of one endpoint or of its import queue, so a larger quota need not help; if it comes back all day, look for other programs that use the same account."),
        "unauthorized" => new(
            Unauthorized, $"{destination} refuses our credentials ({condition.Code}); put a valid secret where destinations/{destination}.yaml points to, the hub reads it again by itself."),
        "misconfigured" when condition.Code == ReasonCode.AudienceGone => new(
            Misconfigured,
            $"The audience's side at {destination} was deleted there ({condition.Code}). Restore it at the vendor and say 'destinations resume {destination}', or put another id under audiences in destinations/{destination}.yaml and start the hub again; the run then goes on by itself."),
        "misconfigured" => new(
            Misconfigured,
            $"{destination} refuses our requests ({condition.Code}); 'destinations check {destination}' names the permission, field or list. Once that is mended the run goes on by itself, the hub tries again at {condition.Until:u}."),
        _ => new(
            CircuitOpen, $"{destination} does not answer ({condition.Code}), {condition.Failures} times in a row; it is tried again at {condition.Until:u}, and the run goes on by itself when it answers."),
    };

    private static RunDiagnosis OfJob(string destination, BulkJob job) => new(
        VendorJob,
        $"{destination} works on its job {job.RemoteJob} since {job.StartedAt:u}; it is followed to its end and to the row, and given up after Hub:Delivery:LongestVendorJob. Look at it in the vendor's own console if it takes long.");
}

using System.Collections.Frozen;

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Why something stands still or goes badly: stable codes, each with the runbook that knows it.</summary>
internal static class DiagnosisCode
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
    public const string VendorJobLate = "vendor_job_late";
    public const string ReadBackBudget = "read_back_budget";
    public const string WindowClosed = "window_closed";
    public const string Retrying = "retrying";
    public const string PoisonRecord = "poison_record";
    public const string NoConsumer = "no_consumer";
    public const string Unanswered = "unanswered";
    public const string DeadProcess = "dead_process";
    public const string BrokerUnreachable = "broker_unreachable";
    public const string DatabaseUnreachable = "database_unreachable";
    public const string QuarantineWaits = "quarantine_waits";
    public const string WebhooksWait = "webhooks_wait";
    public const string OutboxWaits = "outbox_waits";
    public const string RouteUnreachable = "route_unreachable";
    public const string ScheduleMissed = "schedule_missed";
    public const string JobFailed = "job_failed";
    public const string ConfigurationBehind = "configuration_behind";
    public const string ConfigurationNotRun = "configuration_not_run";
    public const string ConfigPending = "config_pending";
    public const string ErasureHeld = "erasure_held";
    public const string ErasureIncomplete = "erasure_incomplete";
    public const string ErasureLate = "erasure_late";
    public const string ErasureOverdue = "erasure_overdue";
    public const string LettersFailing = "letters_failing";
    public const string VendorDrift = "vendor_drift";
    public const string VendorDeprecation = "vendor_deprecation";
    public const string CanaryLeak = "canary_leak";
    public const string CanaryMissing = "canary_missing";
    public const string IdentityUnreadable = "identity_unreadable";
    public const string WorkUnreadable = "work_unreadable";
    public const string Unknown = "unknown";

    private const string Stalled = "run-stalled";
    private const string Hubs = "hub-trouble";
    private const string Erasures = "erasures";
    private const string Canaries = "canaries";
    private const string Unreadable = "unreadable-rows";

    /// <summary>Name of the runbook below <c>Hub/Docs/runbooks</c>, by code.</summary>
    public static FrozenDictionary<string, string> Runbooks { get; } = new Dictionary<string, string>
    {
        [Approval] = "run-awaiting-approval",
        [Paused] = Stalled,
        [VendorCatchingUp] = Stalled,
        [Quota] = Stalled,
        [VendorLimit] = Stalled,
        [Unauthorized] = Stalled,
        [Misconfigured] = Stalled,
        [CircuitOpen] = Stalled,
        [VendorJob] = Stalled,
        [VendorJobLate] = Stalled,
        [ReadBackBudget] = Stalled,
        [WindowClosed] = Stalled,
        [Retrying] = Stalled,
        [PoisonRecord] = Stalled,
        [NoConsumer] = Stalled,
        [Unanswered] = Stalled,
        [DeadProcess] = Hubs,
        [BrokerUnreachable] = Hubs,
        [DatabaseUnreachable] = Hubs,
        [QuarantineWaits] = "quarantine",
        [WebhooksWait] = "webhooks",
        [OutboxWaits] = Hubs,
        [RouteUnreachable] = Hubs,
        [ScheduleMissed] = Hubs,
        [JobFailed] = Hubs,
        [ConfigurationBehind] = Hubs,
        [ConfigurationNotRun] = Hubs,
        [ConfigPending] = Hubs,
        [ErasureHeld] = Erasures,
        [ErasureIncomplete] = Erasures,
        [ErasureLate] = Erasures,
        [ErasureOverdue] = Erasures,
        [LettersFailing] = "dead-letters",
        [VendorDrift] = "vendor-drift",
        [VendorDeprecation] = "vendor-deprecation",
        [CanaryLeak] = Canaries,
        [CanaryMissing] = Canaries,
        [IdentityUnreadable] = Unreadable,
        [WorkUnreadable] = Unreadable,
        [Unknown] = Stalled,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}

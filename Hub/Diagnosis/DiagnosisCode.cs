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
    public const string ReadBackBudget = "read_back_budget";
    public const string Retrying = "retrying";
    public const string PoisonRecord = "poison_record";
    public const string NoConsumer = "no_consumer";
    public const string Unanswered = "unanswered";
    public const string DeadProcess = "dead_process";
    public const string BrokerUnreachable = "broker_unreachable";
    public const string DatabaseUnreachable = "database_unreachable";
    public const string ScheduleMissed = "schedule_missed";
    public const string ConfigurationBehind = "configuration_behind";
    public const string ErasureHeld = "erasure_held";
    public const string ErasureLate = "erasure_late";
    public const string ErasureOverdue = "erasure_overdue";
    public const string VendorDrift = "vendor_drift";
    public const string Unknown = "unknown";

    private const string Stalled = "run-stalled";
    private const string Hubs = "hub-trouble";
    private const string Erasures = "erasures";

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
        [ReadBackBudget] = Stalled,
        [Retrying] = Stalled,
        [PoisonRecord] = Stalled,
        [NoConsumer] = Stalled,
        [Unanswered] = Stalled,
        [DeadProcess] = Hubs,
        [BrokerUnreachable] = Hubs,
        [DatabaseUnreachable] = Hubs,
        [ScheduleMissed] = Hubs,
        [ConfigurationBehind] = Hubs,
        [ErasureHeld] = Erasures,
        [ErasureLate] = Erasures,
        [ErasureOverdue] = Erasures,
        [VendorDrift] = "vendor-drift",
        [Unknown] = Stalled,
    }.ToFrozenDictionary(StringComparer.Ordinal);
}

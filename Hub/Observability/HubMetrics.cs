using System.Collections.Frozen;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Sealing;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Observability;

/// <summary>Every metric of the hub: the one place where a name, a label or a bucket stands. <c>Hub/Docs/metrics.md</c> is this table; a test holds them together.</summary>
internal static class HubMetrics
{
    /// <summary>Of a record that is tried again later.</summary>
    public const string Retried = "retried";

    /// <summary>Of an event type that the hub does not know.</summary>
    public const string OtherType = "other";

    /// <summary>Of a fact that was taken in.</summary>
    public const string Accepted = "accepted";

    /// <summary>Of a fact that was known already.</summary>
    public const string Duplicate = "duplicate";

    /// <summary>Of a fact that was set aside.</summary>
    public const string Quarantined = "quarantined";

    /// <summary>Of a fact of a source that shadows another one: it is compared and does not count.</summary>
    public const string Shadowed = "shadowed";

    /// <summary>Of a hub whose heartbeat comes.</summary>
    public const string Alive = "alive";

    /// <summary>Of a hub that ended without a word.</summary>
    public const string Silent = "silent";

    /// <summary>Of somebody who should be a member and is not.</summary>
    public const string Missing = "missing";

    /// <summary>Of somebody who is a member and should not be.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>Of somebody with another value in a field.</summary>
    public const string Different = "different";

    /// <summary>Of a value that was sealed with a key.</summary>
    public const string Sealed = "sealed";

    /// <summary>Of a value that was written in clear.</summary>
    public const string Opened = "opened";

    /// <summary>Of a sealed value that does not open.</summary>
    public const string Broken = "broken";

    private static readonly MetricLabel _destination = new("destination", "files of `destinations/`");
    private static readonly MetricLabel _lane = MetricLabel.Of("lane", Lane.InOrder);
    private static readonly FrozenDictionary<Operation, string> _operations = Enum.GetValues<Operation>().ToFrozenDictionary(operation => operation, operation => JsonNamingPolicy.SnakeCaseLower.ConvertName(operation.ToString()));
    private static readonly MetricLabel _operation = MetricLabel.Of("operation", Enum.GetValues<Operation>().Select(NameOf));

    /// <summary>Facts that came in.</summary>
    public static HubMetric Events { get; } = new(
        "hub_events", MetricKind.Counter, "{event}", "Facts that came in, through whatever door, by what became of them",
        MetricLabel.Of("event_type", [.. EventTypes.All, OtherType]), MetricLabel.Of("result", Accepted, Duplicate, Quarantined, Shadowed, Tombstones.Erased));

    /// <summary>Calls of webhooks.</summary>
    public static HubMetric WebhookCalls { get; } = new(
        "hub_webhook_calls", MetricKind.Counter, "{call}", "Calls of webhooks and of tools that sync lists, by what they were answered",
        new("source", "files of `sources/`, `unknown`"), new("result", "words of the hub: `kept`, `repeated`, `answered`, or why it was refused"));

    /// <summary>What webhooks brought that is no fact.</summary>
    public static HubMetric WebhookWithoutFact { get; } = new(
        "hub_webhook_without_fact", MetricKind.Counter, "{element}", "What webhooks brought and deliberately is no fact",
        new("source", "files of `sources/`"), new("reason", "words of the hub, and the kinds of event that a vendor documents"));

    /// <summary>Records that have their outcome, or are tried again.</summary>
    public static HubMetric Deliveries { get; } = new(
        "hub_deliveries", MetricKind.Counter, "{record}", "Records by what became of them: at the vendor, at the claim or already in the plan; an attempt that is made again counts as `retried`",
        _destination, _lane,
        MetricLabel.Of("outcome", LedgerOutcome.Delivered, LedgerOutcome.Unchanged, LedgerOutcome.Suppressed, LedgerOutcome.Rejected, LedgerOutcome.DeadLettered, Retried));

    /// <summary>Records that consent or a suppression kept back.</summary>
    public static HubMetric ConsentDenials { get; } = new(
        "hub_consent_denials", MetricKind.Counter, "{record}", "Records that were not sent because of consent or a suppression, by the reason", _destination, MetricLabel.Of("code", ConsentCode.All));

    /// <summary>Fields that policy kept back because nothing lets them leave.</summary>
    public static HubMetric FieldsWithheld { get; } = new(
        "hub_fields_withheld", MetricKind.Counter, "{record}", "Records that were sent without a field that a mapping or an event would send and that no line of policy lets leave", _destination);

    /// <summary>Changes that were not told because a truth value goes back and forth.</summary>
    public static HubMetric ValuesHeld { get; } = new(
        "hub_values_held", MetricKind.Counter, "{record}", "Changes of people that caused no call, because nothing but a truth value differed that goes back and forth (`flapping` in `ownership.yaml`)", _destination);

    /// <summary>Values of columns that the job of sealing wrote anew, or had to leave.</summary>
    public static HubMetric SealedValues { get; } = new(
        "hub_sealed_values", MetricKind.Counter, "{value}",
        "Values of columns that `hub.encryption` wrote anew (`sealed` with a key, `opened` where there is none any more), and those that did not open and stay as they are (`broken`), anew in each of its hourly passes",
        MetricLabel.Of("column", SealedColumn.All.Select(column => column.Place)), new("key", "names of `Hub:Encryption:Keys`; empty of what is not sealed"), MetricLabel.Of("result", Sealed, Opened, Broken));

    /// <summary>How long vendors take.</summary>
    public static HubMetric VendorCallDuration { get; } = new("hub_vendor_call_duration", MetricKind.Histogram, "s", "How long a batch took at the vendor, waits for the quota included", _destination, _operation)
    {
        Buckets = [0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300],
    };

    /// <summary>How full batches are.</summary>
    public static HubMetric BatchSize { get; } = new("hub_batch_size", MetricKind.Histogram, "{record}", "Records of a batch", _destination, _operation)
    {
        Buckets = [1, 5, 10, 25, 50, 75, 100, 200, 300, 1_000, 10_000, 100_000],
    };

    /// <summary>From owed to done.</summary>
    public static HubMetric EndToEndLatency { get; } = new(
        "hub_end_to_end_latency", MetricKind.Histogram, "s", "From the commit that made a record owed to the vendor's word that it has it", _destination, _lane, _operation)
    {
        Buckets = [0.25, 0.5, .. LagHistogram.Seconds],
    };

    /// <summary>What waits.</summary>
    public static HubMetric Backlog { get; } = new("hub_backlog", MetricKind.Gauge, "{record}", "Records that wait", _destination, _lane);

    /// <summary>How long the oldest waits.</summary>
    public static HubMetric OldestAge { get; } = new("hub_oldest_age", MetricKind.Gauge, "s", "How long the record that waits longest has been owed; 0 when none waits", _destination, _lane);

    /// <summary>Calls that were made in the period of a limit.</summary>
    public static HubMetric QuotaUsed { get; } = new("hub_quota_used", MetricKind.Gauge, "{call}", "Calls of the running period of a limit that were made, as far as hubs and the vendor told", _destination, new("limit", "limits of the connector that last ten minutes or longer"));

    /// <summary>Calls that are left in the period of a limit.</summary>
    public static HubMetric QuotaAvailable { get; } = new("hub_quota_available", MetricKind.Gauge, "{call}", "Calls that are left of the running period of a limit", _destination, QuotaUsed.Labels[1]);

    /// <summary>What holds destinations up.</summary>
    public static HubMetric CircuitOpen { get; } = new(
        "hub_circuit_open", MetricKind.Gauge, "{wait}", "How many waits hold the destination, its lanes or its audiences up, by the trouble; 0 when calls go out", _destination,
        MetricLabel.Of("trouble", Enum.GetValues<DestinationTrouble>().Select(trouble => JsonNamingPolicy.SnakeCaseLower.ConvertName(trouble.ToString()))));

    /// <summary>Runs that are not over.</summary>
    public static HubMetric Runs { get; } = new("hub_runs", MetricKind.Gauge, "{run}", "Runs, erasures and actions on letters that are not over", MetricLabel.Of("kind", OpenRunKind.All), new("state", "states of runs, erasures and actions on letters"));

    /// <summary>Runs that do not move.</summary>
    public static HubMetric RunsStalled { get; } = new("hub_runs_stalled", MetricKind.Gauge, "{run}", "Those that make no progress", MetricLabel.Of("kind", OpenRunKind.All));

    /// <summary>Dead letters.</summary>
    public static HubMetric DeadLetters { get; } = new("hub_dead_letters", MetricKind.Gauge, "{record}", "Dead letters that wait for somebody", _destination);

    /// <summary>What the last comparisons left.</summary>
    public static HubMetric Drift { get; } = new(
        "hub_drift", MetricKind.Gauge, "{person}", "People in whom the last comparison found a difference that nobody has put right", new("audience", "files of `audiences/`"), _destination, MetricLabel.Of("kind", Missing, Unexpected, Different));

    /// <summary>What vendors say of their interfaces.</summary>
    public static HubMetric VendorNotices { get; } = new(
        "hub_vendor_notices", MetricKind.Gauge, "{notice}", "Interfaces of the vendor's that its answers call deprecated or ending, or warn of, in the last 90 days", _destination, MetricLabel.Of("kind", NoticeKind.All));

    /// <summary>Canary people.</summary>
    public static HubMetric Canaries { get; } = new("hub_canaries", MetricKind.Gauge, "{canary}", "Canary people by how their last trip stands", _destination, MetricLabel.Of("state", CanaryState.All));

    /// <summary>How long canaries travel.</summary>
    public static HubMetric CanaryLag { get; } = new("hub_canary_lag", MetricKind.Gauge, "s", "How long the slowest canary that arrived took on her last trip, as far as looks can tell", _destination);

    /// <summary>What waits and is no delivery.</summary>
    public static HubMetric Waiting { get; } = new(
        "hub_waiting", MetricKind.Gauge, "{item}", "What waits and is no delivery: facts that were set aside, calls of webhooks, messages for the broker, alerts that a route could not be told; counted to 10,000",
        MetricLabel.Of("kind", QueuedWork.Quarantine, QueuedWork.Webhooks, QueuedWork.Outbox, QueuedWork.Route));

    /// <summary>The hubs.</summary>
    public static HubMetric Hubs { get; } = new("hub_instances", MetricKind.Gauge, "{hub}", "Hubs by their heartbeat", MetricLabel.Of("state", Alive, Silent));

    /// <summary>The book of alerts.</summary>
    public static HubMetric OpenAlerts { get; } = new(
        "hub_alerts", MetricKind.Gauge, "{alert}", "Alerts that are open and not silenced", MetricLabel.Of("code", AlertCode.Runbooks.Keys.Order(StringComparer.Ordinal)), MetricLabel.Of("severity", AlertSeverity.InOrder), new("destination", "files of `destinations/`, or none"));

    /// <summary>Whether the database answers.</summary>
    public static HubMetric DatabaseUp { get; } = new("hub_database_up", MetricKind.Gauge, "", "1 while this hub reaches its database, else 0");

    /// <summary>When it was looked.</summary>
    public static HubMetric LookedAt { get; } = new("hub_look_time", MetricKind.Gauge, "s", "When this hub last read what the other gauges tell, in seconds since 1970");

    /// <summary>All of them, in the order of the table.</summary>
    public static IReadOnlyList<HubMetric> All { get; } =
    [
        Events, WebhookCalls, WebhookWithoutFact, Deliveries, ConsentDenials, FieldsWithheld, ValuesHeld, SealedValues, VendorCallDuration, BatchSize, EndToEndLatency, Backlog, OldestAge, QuotaUsed, QuotaAvailable, CircuitOpen, Runs, RunsStalled,
        DeadLetters, Drift, VendorNotices, Canaries, CanaryLag, Waiting, Hubs, OpenAlerts, DatabaseUp, LookedAt,
    ];

    /// <summary>The name of an operation as people read it.</summary>
    public static string NameOf(Operation operation) => _operations[operation];
}

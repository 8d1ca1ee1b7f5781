using System.Diagnostics;
using System.Diagnostics.Metrics;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Canaries;
using IntegrationHub.Storage.Destinations;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Watch;
using MassTransit.Logging;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>What hubs share, as gauges: from the facts of a moment to what a scrape would read.</summary>
public sealed class When_gauges_are_shown
{
    private static readonly DateTimeOffset _now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);
    private ServiceProvider _provider = null!;
    private IMeterFactory _meters = null!;
    private GaugeBoard _board = null!;

    [SetUp]
    public void Begin()
    {
        _provider = new ServiceCollection().AddMetrics().BuildServiceProvider();
        _meters = _provider.GetRequiredService<IMeterFactory>();
        _board = new GaugeBoard(_meters);
    }

    [TearDown]
    public void End()
    {
        _meters.Dispose();
        _provider.Dispose();
    }

    [Test]
    public void Should_tell_what_waits_and_for_how_long_and_0_where_nothing_does()
    {
        Show(new Situation(_now) { Pending = [Pending(Lane.Live, 3, 60), Pending(Lane.Live, 4, 90), Pending(Lane.Bulk, 5, 10)] });
        Assert.Multiple(() =>
        {
            Assert.That(Value("hub_backlog", "braze", Lane.Live), Is.EqualTo(7));
            Assert.That(Value("hub_oldest_age", "braze", Lane.Live), Is.EqualTo(90));
            Assert.That(Value("hub_backlog", "braze", Lane.Bulk), Is.EqualTo(5));
            Assert.That(Value("hub_backlog", "hubspot", Lane.Urgent), Is.Zero);
            Assert.That(Value("hub_look_time"), Is.EqualTo(_now.ToUnixTimeSeconds()));
        });
    }

    [Test]
    public void Should_tell_what_holds_a_destination_up_while_it_does()
    {
        Show(new Situation(_now) { Conditions = [Wait("braze", "unauthorized", 60), Wait("braze/live", "throttled", 5), Wait("braze/bulk", "throttled", -5), Wait("brazen", "unavailable", 60)] });
        Assert.That(
            new[] { "unauthorized", "throttled", "unavailable" }.Select(trouble => Value("hub_circuit_open", "braze", trouble)), Is.EqualTo(new[] { 1d, 1d, 0d }), "one that is over and one of another destination do not count");
    }

    private static StoredNotice Notice(string kind, string operation) => new("braze", operation, kind, "", _now, _now, 9);

    [Test]
    public void Should_tell_runs_drift_canaries_and_hubs()
    {
        var trip = new CanaryTrip("anna", "braze", _now.AddMinutes(-10), "s", _now) { State = CanaryState.Fine, ShownAt = _now.AddMinutes(-8) };
        Show(new Situation(_now)
        {
            Runs = [Run("Delivering", null), Run("Delivering", _now), Run("Paused", null)],
            Drifts = [new MemberDrift("customers", "braze", Guid.Empty, _now, HealingWord.Report, false, 3, 2, 1)],
            Notices = [Notice("sunset", "POST /a"), Notice("sunset", "POST /b"), Notice("warning", "POST /a")],
            Canaries = [trip, trip with { Canary = "bert", State = CanaryState.Missing, ShownAt = null }],
            Hubs = [Hub(true), Hub(true), Hub(false)],
            Queues = [new QueuedWork(QueuedWork.Quarantine, 4, _now, null), new QueuedWork(QueuedWork.Route, 1, _now, null), new QueuedWork(QueuedWork.Route, 2, _now, null)],
        });
        Assert.Multiple(() =>
        {
            Assert.That((Value("hub_runs", OpenRunKind.AudienceSync, "Delivering"), Value("hub_runs_stalled", OpenRunKind.AudienceSync), Value("hub_runs_stalled", OpenRunKind.Backfill)), Is.EqualTo((2d, 1d, 0d)));
            Assert.That(HubMetrics.Drift.Labels[2].Words.Select(kind => Value("hub_drift", "customers", "braze", kind)), Is.EqualTo(new[] { 3d, 2d, 1d }));
            Assert.That((Value("hub_canaries", "braze", CanaryState.Fine), Value("hub_canaries", "braze", CanaryState.Missing), Value("hub_canary_lag", "braze")), Is.EqualTo((1d, 1d, 120d)));
            Assert.That(HubMetrics.VendorNotices.Labels[1].Words.Select(kind => Value("hub_vendor_notices", "braze", kind)), Is.EqualTo(new[] { 0d, 2d, 1d }));
            Assert.That((Value("hub_instances", HubMetrics.Alive), Value("hub_instances", HubMetrics.Silent)), Is.EqualTo((2d, 1d)));
            Assert.That((Value("hub_waiting", QueuedWork.Quarantine), Value("hub_waiting", QueuedWork.Route), Value("hub_waiting", QueuedWork.Outbox)), Is.EqualTo((4d, 3d, 0d)));
        });
    }

    [Test]
    public void Should_tell_open_alerts_but_those_that_are_silenced()
    {
        var input = new AlertInput("a", AlertSeverity.High, "circuit_open", "", "", _now) { Destination = "braze" };
        var silence = new AlertSilence(_now.AddHours(1), "known", "anna");
        _board.Show(SharedReadings.OfAlerts([new(1, "", input, _now, _now, null, null), new(2, "", input with { Cause = "b" }, _now, _now, null, null), new(3, "", input with { Cause = "c", Code = "unknown" }, _now, _now, null, silence)]));
        Assert.That(Places("hub_alerts"), Is.EqualTo(new[] { "circuit_open high braze" }));
        Assert.That(Value("hub_alerts", "circuit_open", "high", "braze"), Is.EqualTo(2));
    }

    [Test]
    public void Should_tell_what_is_left_of_limits_that_last()
    {
        var limits = new QuotaLimits { Rates = [new RateLimit("daily", 1_000, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day }, new RateLimit("burst", 10, TimeSpan.FromSeconds(1), "account")], MaxConcurrency = 4, AccountZone = TimeZoneInfo.Utc };
        var shared = new SharedQuota { Budgets = { ["daily"] = new PeriodBudget { Period = new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero), Elsewhere = 300 } } };
        _board.Show(SharedReadings.OfQuota("braze", shared, limits, _now));
        Assert.That((Value("hub_quota_used", "braze", "daily"), Value("hub_quota_available", "braze", "daily")), Is.EqualTo((300d, 700d)));
        Assert.That(Places("hub_quota_used"), Is.EqualTo(new[] { "braze daily" }));
    }

    /// <summary>A series that stood still as it was would say that what is over goes on, or that all is well while nobody can see.</summary>
    [Test]
    public void Should_show_0_for_what_is_over_and_no_number_for_what_nobody_knows()
    {
        Show(new Situation(_now) { Runs = [Run("Delivering", null)] });
        Show(new Situation(_now.AddMinutes(1)));
        Assert.That(Value("hub_runs", OpenRunKind.AudienceSync, "Delivering"), Is.Zero);

        _board.Forget(new Reading(HubMetrics.DatabaseUp, 0));
        Assert.That((Value("hub_runs", OpenRunKind.AudienceSync, "Delivering"), Value("hub_backlog", "braze", Lane.Live)), Is.EqualTo((double.NaN, double.NaN)));
        Assert.That((Value("hub_database_up"), Value("hub_look_time")), Is.EqualTo((0d, (double)_now.AddMinutes(1).ToUnixTimeSeconds())));

        Show(new Situation(_now.AddMinutes(2)));
        Assert.That((Value("hub_database_up"), Value("hub_backlog", "braze", Lane.Live)), Is.EqualTo((1d, 0d)));
    }

    [Test]
    public void Should_count_what_consent_kept_back_and_how_long_the_rest_took()
    {
        using var listener = Listen(out var seen);
        var delivery = new ClaimedDelivery { DeliveryId = 1, RunId = Guid.Empty, Operation = Operation.AddMember, Audience = "", Attempt = 0, ProfileId = 1, AttributesJson = "", ConsentJson = "", ProfileVersion = 1, OwedSince = _now.AddSeconds(-30) };
        new HubTelemetry(_meters).Settled("braze", Lane.Bulk, [new() { Delivery = delivery, Outcome = LedgerOutcome.Suppressed, Code = "consent_denied" }, new() { Delivery = delivery, Outcome = LedgerOutcome.Suppressed, Code = "event_not_routed" }, new() { Delivery = delivery, Outcome = LedgerOutcome.Delivered }, new() { Delivery = delivery }], _now);
        Assert.That(seen, Is.EquivalentTo(new[]
        {
            "hub_consent_denials 1 braze consent_denied", "hub_deliveries 1 braze bulk suppressed", "hub_deliveries 1 braze bulk suppressed", "hub_deliveries 1 braze bulk delivered", "hub_deliveries 1 braze bulk retried",
            "hub_end_to_end_latency 30 braze bulk add_member",
        }));
    }

    /// <summary>Lines of one message are found by its trace also where no traces are collected.</summary>
    [Test]
    public async Task Should_give_messages_ids_where_nobody_collects_traces()
    {
        var services = new ServiceCollection();
        services.AddHubTelemetry(new ConfigurationBuilder().Build(), HubInstance.Create());
        Assert.That(services.Select(service => service.ImplementationType), Does.Contain(typeof(TraceIds)));

        using var source = new ActivitySource(DiagnosticHeaders.DefaultListenerName);
        using var ids = new TraceIds();
        await ids.StartAsync(CancellationToken.None);
        using var message = source.StartActivity("message");
        Assert.That((message?.IsAllDataRequested, message?.Recorded, message?.TraceId.ToString().Trim('0').Length > 0), Is.EqualTo((false, false, true)));
    }

    private void Show(Situation situation) => _board.Show(SharedReadings.Of(situation, ["braze", "hubspot"]));

    private static PendingWork Pending(string lane, long records, int seconds) => new("braze", lane, Guid.NewGuid(), records, 0, 0, _now.AddSeconds(-seconds), _now, null);

    private static StoredCondition Wait(string name, string trouble, int seconds) => new(name, trouble, "code", _now.AddSeconds(seconds), _now, 1);

    private static OpenRun Run(string state, DateTimeOffset? stalled) => new(Guid.NewGuid(), OpenRunKind.AudienceSync, state, "customers", "braze", Lane.Bulk, _now, _now, stalled, null, null);

    private static HubSighting Hub(bool alive) => new(Guid.NewGuid().ToString(), _now, _now, "1", "c", [], null, alive);

    private double Value(string gauge, params string[] labels) => Measure().Single(measured => measured.Name == gauge && measured.Place == string.Join(' ', labels)).Value;

    private IEnumerable<string> Places(string gauge) => Measure().Where(measured => measured.Name == gauge).Select(measured => measured.Place);

    private List<(string Name, string Place, double Value)> Measure()
    {
        var measured = new List<(string, string, double)>();
        using var listener = new MeterListener { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => measured.Add((instrument.Name, Text(tags), value)));
        listener.Start();
        listener.RecordObservableInstruments();
        return measured;
    }

    private MeterListener Listen(out List<string> seen)
    {
        var heard = seen = [];
        var listener = new MeterListener { InstrumentPublished = Enable };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => heard.Add($"{instrument.Name} {value} {Text(tags)}"));
        listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => heard.Add($"{instrument.Name} {value} {Text(tags)}"));
        listener.Start();
        return listener;
    }

    private void Enable(Instrument instrument, MeterListener listener)
    {
        if (ReferenceEquals(instrument.Meter, _meters.Create(HubTelemetry.Name)))
        {
            listener.EnableMeasurementEvents(instrument);
        }
    }

    private static string Text(ReadOnlySpan<KeyValuePair<string, object?>> tags) => string.Join(' ', tags.ToArray().Select(tag => tag.Value));
}

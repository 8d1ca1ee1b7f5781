using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using Microsoft.Extensions.Logging.Abstractions;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The gate of one destination against a vendor that counts exactly.</summary>
[NonParallelizable]
public sealed class When_calls_pass_the_gate
{
    private const int Calls = 50;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly VendorEndpoint Endpoint = new("POST", "/people", "v1", new Uri("https://vendor.example/docs"));
    private readonly List<QuotaGate> _gates = [];
    private readonly List<Task> _callers = [];
    private CancellationTokenSource _stop = null!;
    private QuotaTable _table = null!;
    private CountingVendor _vendor = null!;

    [SetUp]
    public void Start() => (_stop, _table, _vendor) = (new CancellationTokenSource(), new QuotaTable(), new CountingVendor(Calls, Window));

    [TearDown]
    public async Task Stop()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
        foreach (var gate in _gates)
        {
            await gate.DisposeAsync();
        }

        _gates.Clear();
        _callers.Clear();
        _stop.Dispose();
    }

    [TestCase(1)]
    [TestCase(3)]
    public async Task Should_use_the_quota_and_never_exceed_it(int instances)
    {
        for (var i = 0; i < instances; i++)
        {
            Call(Gate(), Lane.Bulk, callers: 4);
        }

        await Poll.Until(() => Seen() >= Calls * 6, TimeSpan.FromSeconds(20), "six windows' worth of calls");
        await StopAsync();
        var first = _vendor.Admitted[Calls * 2].At;
        var last = _vendor.Admitted[^1].At;
        var used = (_vendor.Admitted.Count - (Calls * 2)) / (TimeProvider.System.GetElapsedTime(first, last) / Window * Calls);
        Assert.Multiple(() =>
        {
            Assert.That(_vendor.Refused, Is.Zero);
            Assert.That(used, Is.GreaterThan(0.75), "of the calls that were allowed, even on a busy machine");
            Assert.That(_table.Exchanges, Is.LessThan(Seen() / 2), "a call asks nobody");
        });
    }

    [Test]
    public async Task Should_let_pressing_work_pass_at_once_and_leave_the_rest_a_floor()
    {
        var gate = Gate();
        Call(gate, Lane.Bulk, callers: 4);
        await Poll.Until(() => Seen() >= Calls * 2, because: "bulk work to use everything");
        var before = Seen();
        Call(gate, Lane.Urgent, callers: 20);
        await Poll.Until(() => Seen() >= before + (Calls * 4), because: "four windows with urgent work that uses everything");
        await StopAsync();
        var lanes = _vendor.Admitted.Skip(before + 10).CountBy(call => call.Lane).ToDictionary();
        var share = lanes.GetValueOrDefault(Lane.Bulk) / (double)lanes.Values.Sum();
        Assert.Multiple(() =>
        {
            Assert.That(share, Is.InRange(0.02, 0.1), "of bulk calls while urgent ones wait");
            Assert.That(_vendor.Refused, Is.Zero);
        });
    }

    [Test]
    public async Task Should_take_over_what_an_instance_that_left_held()
    {
        var (leaving, staying) = (Gate(), Gate());
        using var first = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token);
        var gone = _vendor.CallAsync(leaving, Endpoint, Lane.Bulk, "burst", first.Token);
        Call(staying, Lane.Bulk, callers: 4);
        await Poll.Until(() => Seen() >= Calls * 2, because: "both to work");
        await first.CancelAsync();
        await gone;
        await leaving.DisposeAsync();
        await Poll.Until(() => staying.Standing()[0].Held == Calls, because: "the one that stays to hold all");
        Assert.That(_vendor.Refused, Is.Zero);
    }

    [Test]
    public async Task Should_rest_when_somebody_else_uses_the_account()
    {
        Call(Gate(), Lane.Bulk, callers: 4);
        await Poll.Until(() => Seen() >= Calls, because: "work to be under way");
        _vendor.Strangers = Calls / 2;
        await Poll.Until(() => _vendor.Refused > 0, because: "the vendor to refuse although we are within the quota");
        var refusedAt = _vendor.Refused;
        var seen = Seen();
        await Poll.Until(() => Seen() >= seen + (Calls * 2), TimeSpan.FromMinutes(2), "work to go on beside the other");
        Assert.That(_vendor.Refused - refusedAt, Is.LessThan(40), "refusals are few: the share shrinks and grows again slowly");
    }

    [Test]
    public async Task Should_wait_for_the_database_when_its_lease_is_over_and_go_on_after()
    {
        var gate = Gate();
        Call(gate, Lane.Bulk, callers: 2);
        await Poll.Until(() => Seen() >= Calls, because: "work to be under way");
        _table.IsAway = true;
        var quiet = (Seen: -1, Since: 0L);
        await Poll.Until(
            () =>
            {
                quiet = quiet.Seen == Seen() ? quiet : (Seen(), TimeProvider.System.GetTimestamp());
                return TimeProvider.System.GetElapsedTime(quiet.Since) > Window * 2;
            },
            TimeSpan.FromSeconds(30),
            "calls to stop when the lease is over");
        _table.IsAway = false;
        await Poll.Until(() => Seen() > quiet.Seen, because: "calls to go on");
    }

    [Test]
    public async Task Should_refuse_what_a_used_up_day_does_not_allow_and_keep_a_rest_for_earlier_lanes()
    {
        var day = new RateLimit("daily", 100, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day };
        var gate = Gate(day);
        var bulk = await EnterUntilRefusedAsync(gate, Lane.Bulk);
        var urgent = await EnterUntilRefusedAsync(gate, Lane.Urgent);
        Assert.Multiple(() =>
        {
            Assert.That((bulk.Calls, urgent.Calls), Is.EqualTo((95, 5)));
            Assert.That((bulk.Refusal.Code, urgent.Refusal.Code), Is.EqualTo(("quota_daily_of_lane", "quota_daily")));
            Assert.That(urgent.Refusal.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
            Assert.That(urgent.Refusal.RetryAfter, Is.GreaterThan(TimeSpan.Zero).And.LessThanOrEqualTo(TimeSpan.FromDays(1)));
        });
    }

    [Test]
    public async Task Should_find_its_budget_again_after_a_rest()
    {
        var gate = Gate(new RateLimit("daily", 100, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day }, new RateLimit("burst", Calls, Window, "account"));
        for (var round = 0; round < 2; round++)
        {
            using (var permit = await gate.EnterAsync(Endpoint, CancellationToken.None))
            {
                Assert.That(permit.Refusal, Is.Null, $"round {round}");
            }

            await Poll.Until(() => gate.Standing()[1].Held == 0, because: "the gate to give everything back when there is no work");
        }
    }

    [Test]
    public async Task Should_not_count_what_the_vendor_does_not_count()
    {
        var gate = Gate(new RateLimit("daily", 10, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day });
        CallLane.Current = Lane.Urgent;
        for (var i = 0; i < 30; i++)
        {
            using var permit = await gate.EnterAsync(Endpoint, CancellationToken.None);
            Assert.That(permit.Refusal, Is.Null);
            permit.NotCounted();
        }
    }

    [Test]
    public async Task Should_hold_calls_at_one_time_to_their_limit()
    {
        var gate = Gate();
        var permits = new List<CallPermit>();
        for (var i = 0; i < 8; i++)
        {
            permits.Add(await gate.EnterAsync(Endpoint, CancellationToken.None));
        }

        var ninth = gate.EnterAsync(Endpoint, CancellationToken.None).AsTask();
        Assert.That(ninth.IsCompleted, Is.False);
        permits[0].Dispose();
        permits[0].Dispose();
        (await ninth.WaitAsync(TimeSpan.FromSeconds(5))).Dispose();
        permits.ForEach(permit => permit.Dispose());
    }

    private static async Task<(int Calls, DestinationCondition Refusal)> EnterUntilRefusedAsync(QuotaGate gate, string lane)
    {
        CallLane.Current = lane;
        for (var calls = 0; ; calls++)
        {
            using var permit = await gate.EnterAsync(Endpoint, CancellationToken.None);
            if (permit.Refusal is { } refusal)
            {
                return (calls, refusal);
            }
        }
    }

    private QuotaGate Gate(params RateLimit[] limits)
    {
        var gate = new QuotaGate(
            "vendor",
            $"instance-{_gates.Count}",
            new QuotaLimits { Rates = limits.Length > 0 ? limits : [new RateLimit("burst", Calls, Window, "account")], MaxConcurrency = 8, AccountZone = TimeZoneInfo.Utc },
            _table,
            TimeProvider.System,
            NullLogger.Instance);
        _gates.Add(gate);
        return gate;
    }

    private void Call(QuotaGate gate, string lane, int callers)
    {
        for (var i = 0; i < callers; i++)
        {
            _callers.Add(Task.Run(() => _vendor.CallAsync(gate, Endpoint, lane, "burst", _stop.Token)));
        }
    }

    private async Task StopAsync()
    {
        await _stop.CancelAsync();
        await Task.WhenAll(_callers);
    }

    private int Seen() => _vendor.Admitted.Count;
}

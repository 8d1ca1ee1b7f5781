using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The gate of one destination against a vendor that counts exactly, with the clock in the test's hand.</summary>
public sealed class When_calls_pass_the_gate
{
    private const int Calls = 50;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(1);
    private static readonly VendorEndpoint Endpoint = new("POST", "/people", "v1", new Uri("https://vendor.example/docs"));
    private static readonly VendorEndpoint Other = new("POST", "/consents", "v1", new Uri("https://vendor.example/docs"));
    private static readonly RateLimit Day = new("daily", 100, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day };
    private readonly List<QuotaGate> _gates = [];
    private readonly List<Task> _callers = [];
    private CancellationTokenSource _stop = null!;
    private FakeTimeProvider _time = null!;
    private QuotaTable _table = null!;
    private CountingVendor _vendor = null!;

    [SetUp]
    public void Start()
    {
        _time = new FakeTimeProvider(new DateTimeOffset(2026, 11, 26, 9, 0, 0, TimeSpan.Zero));
        (_stop, _table, _vendor) = (new CancellationTokenSource(), new QuotaTable(_time), new CountingVendor(Calls, Window, _time));
    }

    [TearDown]
    public async Task Stop()
    {
        await StopAsync();
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

        await _time.Until(() => Seen() >= Calls * 6, "six windows' worth of calls");
        await StopAsync();
        var first = _vendor.Admitted[Calls * 2].At;
        var last = _vendor.Admitted[^1].At;
        var used = (_vendor.Admitted.Count - (Calls * 2)) / (_time.GetElapsedTime(first, last) / Window * Calls);
        Assert.Multiple(() =>
        {
            Assert.That(_vendor.Refused, Is.Zero);
            Assert.That(used, Is.GreaterThan(0.6), "of the calls that were allowed");
            Assert.That(_table.Exchanges, Is.LessThan(Seen() / 2), "a call asks nobody");
        });
    }

    [Test]
    public async Task Should_let_pressing_work_pass_at_once_and_leave_the_rest_a_floor()
    {
        var gate = Gate();
        Call(gate, Lane.Bulk, callers: 4);
        await _time.Until(() => Seen() >= Calls * 2, "bulk work to use everything");
        var before = Seen();
        Call(gate, Lane.Urgent, callers: 20);
        await _time.Until(() => Seen() >= before + (Calls * 4), "four windows with urgent work that uses everything");
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
        await _time.Until(() => Seen() >= Calls * 2, "both to work");
        await first.CancelAsync();
        await gone;
        await leaving.DisposeAsync();
        await _time.Until(() => staying.Standing()[0].Held == Calls, "the one that stays to hold all");
        Assert.That(_vendor.Refused, Is.Zero);
    }

    [Test]
    public async Task Should_rest_when_somebody_else_uses_the_account()
    {
        Call(Gate(), Lane.Bulk, callers: 4);
        await _time.Until(() => Seen() >= Calls, "work to be under way");
        _vendor.Strangers = Calls / 2;
        await _time.Until(() => _vendor.Refused > 0, "the vendor to refuse although we are within the quota");
        var refusedAt = _vendor.Refused;
        var seen = Seen();
        await _time.Until(() => Seen() >= seen + (Calls * 2), "work to go on beside the other", TimeSpan.FromMinutes(2));
        Assert.That(_vendor.Refused - refusedAt, Is.LessThan(Calls * 2), "refusals are few: the share shrinks and grows again slowly");
    }

    [Test]
    public async Task Should_wait_for_the_database_when_its_lease_is_over_and_go_on_after()
    {
        Call(Gate(), Lane.Bulk, callers: 2);
        await _time.Until(() => Seen() >= Calls, "work to be under way");
        _table.IsAway = true;
        await _time.Pass(SharedQuota.LeaseLength);
        var seen = Seen();
        await _time.Pass(Window * 2);
        Assert.That(Seen(), Is.EqualTo(seen), "calls stop when the lease is over");
        _table.IsAway = false;
        await _time.Until(() => Seen() > seen, "calls to go on", Window * 3);
    }

    [Test]
    public async Task Should_go_on_a_window_after_answers_got_lost()
    {
        Call(Gate(), Lane.Bulk, callers: 2);
        await _time.Until(() => Seen() >= Calls, "work to be under way");
        for (var i = 0; i < 5; i++)
        {
            _table.LosesAnswers = true;
            await _time.Pass(TimeSpan.FromSeconds(1.2));
            _table.LosesAnswers = false;
            await _time.Pass(TimeSpan.FromSeconds(0.7));
        }

        var seen = Seen();
        await _time.Until(() => Seen() >= seen + Calls, "a window's worth of calls", Window * 3);
        Assert.That(_vendor.Refused, Is.Zero);
    }

    [Test]
    public async Task Should_refuse_what_a_used_up_day_does_not_allow_and_keep_a_rest_for_earlier_lanes()
    {
        var gate = Gate(Day);
        var bulk = await EnterUntilRefusedAsync(gate, Lane.Bulk);
        var urgent = await EnterUntilRefusedAsync(gate, Lane.Urgent);
        Assert.Multiple(() =>
        {
            Assert.That((bulk.Calls, urgent.Calls), Is.EqualTo((95, 5)));
            Assert.That((bulk.Refusal.Code, urgent.Refusal.Code), Is.EqualTo(("quota_daily_of_lane", "quota_daily")));
            Assert.That(urgent.Refusal.Trouble, Is.EqualTo(DestinationTrouble.Throttled));
            Assert.That(urgent.Refusal.ConcernsThisWorkOnly, Is.False);
            Assert.That(urgent.Refusal.RetryAfter, Is.EqualTo(TimeSpan.FromHours(15)).Within(TimeSpan.FromSeconds(5)));
        });
    }

    [Test]
    public async Task Should_ask_the_vendor_all_the_same_for_somebody_who_insists()
    {
        var gate = Gate(Day);
        await EnterUntilRefusedAsync(gate, Lane.Urgent);
        using var permit = await EnterAsync(gate.For(Lane.Urgent, insists: true));
        Assert.That(permit.Refusal, Is.Null);
    }

    [Test]
    public async Task Should_admit_calls_again_once_a_header_shows_that_some_are_left()
    {
        var gate = Gate(Day);
        await EnterUntilRefusedAsync(gate, Lane.Urgent);
        using (var permit = await EnterAsync(gate.For(Lane.Urgent, insists: true)))
        {
            permit.Report(new QuotaReading("daily", 100, 60, TimeSpan.FromHours(15)));
        }

        await _time.Pass(TimeSpan.FromSeconds(6));
        var again = await EnterUntilRefusedAsync(gate, Lane.Urgent);
        Assert.That(again.Calls, Is.EqualTo(60).Within(1));
    }

    [Test]
    public async Task Should_learn_from_the_others_that_a_day_counts_from_zero_again()
    {
        var gate = Gate(Day);
        await EnterUntilRefusedAsync(gate, Lane.Urgent);
        _table.Change(books => books.Reopen(Limits(Day)));
        await _time.Pass(TimeSpan.FromSeconds(6));
        Assert.That((await EnterUntilRefusedAsync(gate, Lane.Urgent)).Calls, Is.EqualTo(100));
    }

    [Test]
    public async Task Should_count_strangers_calls_that_a_header_shows()
    {
        var gate = Gate(Day);
        using (var permit = await EnterAsync(gate))
        {
            permit.Report(new QuotaReading("daily", 100, 10, null));
        }

        await _time.Pass(TimeSpan.FromSeconds(1));
        Assert.That((await EnterUntilRefusedAsync(gate, Lane.Urgent)).Calls, Is.EqualTo(10).Within(1));
    }

    [Test]
    public async Task Should_hold_back_one_endpoint_for_the_second_that_the_vendor_asks_and_nothing_else()
    {
        var gate = Gate(new RateLimit("general", 250_000, TimeSpan.FromHours(1), "most endpoints") { Kind = RateWindow.Fixed });
        using (var refused = await EnterAsync(gate))
        {
            refused.Report(new QuotaReading("general", 250_000, 0, TimeSpan.FromSeconds(1), Refused: true));
        }

        using var other = await EnterAsync(gate, Other);
        var same = gate.For(Lane.Bulk).EnterAsync(Endpoint, CancellationToken.None).AsTask();
        Assert.That((other.Refusal, same.IsCompleted), Is.EqualTo(((DestinationCondition?)null, false)));
        var asked = _time.GetUtcNow();
        await _time.Until(() => same.IsCompleted, "the held endpoint", TimeSpan.FromSeconds(2));
        Assert.That(_time.GetUtcNow() - asked, Is.EqualTo(TimeSpan.FromSeconds(1)).Within(TimeSpan.FromMilliseconds(200)));
        Assert.That((await same).Refusal, Is.Null);
        (await same).Dispose();
    }

    [Test]
    public async Task Should_refuse_an_endpoint_that_the_vendor_holds_back_for_minutes_and_nothing_else()
    {
        var gate = Gate(new RateLimit("general", 250_000, TimeSpan.FromHours(1), "most endpoints") { Kind = RateWindow.Fixed });
        using (var refused = await EnterAsync(gate))
        {
            refused.Report(new QuotaReading("general", null, 0, TimeSpan.FromMinutes(5), Refused: true));
        }

        using var same = await EnterAsync(gate);
        using var other = await EnterAsync(gate, Other);
        Assert.That(same.Refusal, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "quota_general", TimeSpan.FromMinutes(5)) { ConcernsThisWorkOnly = true }));
        Assert.That(other.Refusal, Is.Null);
    }

    [Test]
    public async Task Should_find_its_budget_again_after_a_rest()
    {
        var gate = Gate(Day, new RateLimit("burst", Calls, Window, "account"));
        for (var round = 0; round < 2; round++)
        {
            using (var permit = await EnterAsync(gate))
            {
                Assert.That(permit.Refusal, Is.Null, $"round {round}");
            }

            await _time.Until(() => gate.Standing()[1].Held == 0, "the gate to give everything back when there is no work");
        }
    }

    [Test]
    public async Task Should_rest_after_a_call_that_gave_up_waiting()
    {
        var gate = Gate(new RateLimit("burst", 1, TimeSpan.FromMinutes(1), "account"));
        (await EnterAsync(gate)).Dispose();
        using var impatient = new CancellationTokenSource();
        var waits = gate.For(Lane.Bulk).EnterAsync(Endpoint, impatient.Token).AsTask();
        await impatient.CancelAsync();
        Assert.That(async () => await waits, Throws.InstanceOf<OperationCanceledException>());
        await _time.Until(() => gate.Standing()[0].Held == 0, "the gate to give everything back when there is no work", TimeSpan.FromSeconds(5));
        var exchanges = _table.Exchanges;
        await _time.Pass(TimeSpan.FromSeconds(5));
        Assert.That(_table.Exchanges, Is.LessThanOrEqualTo(exchanges + 1), "nobody is asked while there is no work");
    }

    [Test]
    public async Task Should_give_back_tokens_and_the_days_slice_when_it_stops()
    {
        var gate = Gate(Day, new RateLimit("burst", Calls, Window, "account"));
        (await EnterAsync(gate)).Dispose();
        await gate.DisposeAsync();
        Assert.That(_table.Books.Budgets["daily"].Taken, Is.EqualTo(1));
        Assert.That(_table.Books.Pools["burst"].Holdings.Sum(holding => holding.Tokens), Is.Zero);
    }

    [Test]
    public async Task Should_not_count_what_the_vendor_does_not_count()
    {
        var gate = Gate(new RateLimit("daily", 10, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day });
        for (var i = 0; i < 30; i++)
        {
            using var permit = await EnterAsync(gate.For(Lane.Urgent));
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
            permits.Add(await EnterAsync(gate));
        }

        var ninth = gate.For(Lane.Bulk).EnterAsync(Endpoint, CancellationToken.None).AsTask();
        await _time.Pass(TimeSpan.FromSeconds(1));
        Assert.That(ninth.IsCompleted, Is.False);
        permits[0].Dispose();
        permits[0].Dispose();
        await _time.Until(() => ninth.IsCompleted, "the ninth");
        (await ninth).Dispose();
        permits.ForEach(permit => permit.Dispose());
    }

    private Task<CallPermit> EnterAsync(QuotaGate gate, VendorEndpoint? endpoint = null) => EnterAsync(gate.For(Lane.Bulk), endpoint);

    private async Task<CallPermit> EnterAsync(ICallGate gate, VendorEndpoint? endpoint = null)
    {
        var call = gate.EnterAsync(endpoint ?? Endpoint, CancellationToken.None).AsTask();
        await _time.Until(() => call.IsCompleted, "the call to be admitted or refused");
        return await call;
    }

    private async Task<(int Calls, DestinationCondition Refusal)> EnterUntilRefusedAsync(QuotaGate gate, string lane)
    {
        for (var calls = 0; ; calls++)
        {
            using var permit = await EnterAsync(gate.For(lane));
            if (permit.Refusal is { } refusal)
            {
                return (calls, refusal);
            }
        }
    }

    private static QuotaLimits Limits(params RateLimit[] limits) =>
        new() { Rates = limits.Length > 0 ? limits : [new RateLimit("burst", Calls, Window, "account")], MaxConcurrency = 8, AccountZone = TimeZoneInfo.Utc };

    private QuotaGate Gate(params RateLimit[] limits)
    {
        var gate = new QuotaGate("vendor", $"instance-{_gates.Count}", Limits(limits), _table.For(Limits(limits)), _time, NullLogger.Instance);
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

    private int Seen()
    {
        lock (_vendor.Admitted)
        {
            return _vendor.Admitted.Count;
        }
    }
}

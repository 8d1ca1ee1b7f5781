using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>
/// Instances share a limit while answers get lost, come late and twice, instances die and others join, and the database's clock is set: minutes pass in no time, every
/// call is seen by a vendor that counts exactly. Whatever happens, no window holds more calls than the limit; and once it is calm, the limit is used again
/// after a lease and a window.
/// </summary>
public sealed class When_the_books_are_disturbed
{
    private const int Calls = 40;
    private static readonly TimeSpan _window = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan _starvesAtMost = SharedQuota.LeaseLength + _window + TimeSpan.FromSeconds(2);
    private static readonly VendorEndpoint _endpoint = new("POST", "/people", "v1", new Uri("https://vendor.example/docs"));

    [Test]
    public void Should_never_exceed_the_limit_and_use_it_again_after_a_lease_and_a_window([Range(1, 40)] int seed)
    {
        var world = new World(seed, new QuotaLimits { Rates = [new RateLimit("burst", Calls, _window, "account")], MaxConcurrency = 30, AccountZone = TimeZoneInfo.Utc });
        for (var round = 0; round < 4; round++)
        {
            world.IsCalm = false;
            world.Run(TimeSpan.FromSeconds(20));
            world.IsCalm = true;
            world.Run(_starvesAtMost);
            var before = world.Counted.Count;
            world.Run(_window * 10);
            Assert.That(world.Counted.Count - before, Is.GreaterThan(Calls * 10 * 0.6), $"round {round}: the limit is used again");
        }

        for (var i = Calls; i < world.Counted.Count; i++)
        {
            Assert.That(world.Counted[i] - world.Counted[i - Calls], Is.GreaterThanOrEqualTo(_window.Ticks), $"call {i} of seed {seed}: more than {Calls} in a window");
        }
    }

    [Test]
    public void Should_use_a_day_to_its_last_call_and_not_one_more([Range(1, 10)] int seed)
    {
        const int day = 3_000;
        var limits = new QuotaLimits { Rates = [new RateLimit("daily", day, TimeSpan.FromDays(1), "account") { Kind = RateWindow.Day }], MaxConcurrency = 30, AccountZone = TimeZoneInfo.Utc };
        var world = new World(seed, limits) { StepsStayWithinTheDay = true, Deaths = false };
        for (var i = 0; i < 60 && world.Counted.Count < day; i++)
        {
            world.IsCalm = i > 20;
            world.Run(TimeSpan.FromSeconds(5));
        }

        world.Run(TimeSpan.FromSeconds(30));
        Assert.That(world.Counted, Has.Count.EqualTo(day));
    }

    private sealed class World(int seed, QuotaLimits limits)
    {
        private const long Step = TimeSpan.TicksPerMillisecond * 10;
        private static readonly DateTimeOffset _start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);
        private readonly Random _random = new(seed);
        private readonly List<Instance> _instances = [];
        private readonly PriorityQueue<Action, long> _later = new();
        private string? _row;
        private TimeSpan _clockStep;
        private long _now;
        private int _born;

        public bool IsCalm { get; set; }

        public bool StepsStayWithinTheDay { get; init; }

        public bool Deaths { get; init; } = true;

        public List<long> Counted { get; } = [];

        public void Run(TimeSpan length)
        {
            for (var end = _now + length.Ticks; _now < end; _now += Step)
            {
                while (_later.TryPeek(out _, out var at) && at <= _now)
                {
                    _later.Dequeue()();
                }

                Disturb();
                foreach (var instance in _instances)
                {
                    Work(instance);
                }
            }
        }

        private void Disturb()
        {
            while (_instances.Count < 3)
            {
                _instances.Add(new Instance(new LocalQuota($"i{_born++}", limits)));
            }

            if (IsCalm)
            {
                return;
            }

            if (Deaths && _random.Next(400) == 0)
            {
                _instances.RemoveAt(_random.Next(_instances.Count));
            }

            if (_random.Next(300) == 0)
            {
                _clockStep += TimeSpan.FromSeconds((_random.NextDouble() - 0.5) * (_random.Next(2) == 0 ? 10 : 7_200));
            }

            if (StepsStayWithinTheDay)
            {
                _clockStep = TimeSpan.FromSeconds(Math.Clamp(_clockStep.TotalSeconds, -10_000, 10_000));
            }
        }

        private void Work(Instance instance)
        {
            instance.Wants = _random.Next(500) == 0 ? !instance.Wants : instance.Wants || IsCalm;
            if (instance.Wants)
            {
                for (var call = new WaitingCall(_endpoint, Lane.Urgent, insists: false); instance.Quota.Look(call, _now) is { Refusal: null } outlook && outlook.At <= _now; call = new WaitingCall(_endpoint, Lane.Urgent, insists: false))
                {
                    Call(instance, call);
                }
            }

            if (_now >= instance.NextExchange)
            {
                instance.NextExchange = _now + TimeSpan.FromSeconds(1).Ticks;
                Exchange(instance, instance.Quota.Claim(_now, isIdle: !instance.Wants && !instance.Quota.IsCalling, isQueued: instance.Wants));
            }
        }

        private void Call(Instance instance, WaitingCall call)
        {
            instance.Quota.Take(call, _now);
            var length = (long)(_random.NextDouble() * TimeSpan.TicksPerMillisecond * 400);
            _later.Enqueue(() => Counted.Add(_now), _now + (long)(length * _random.NextDouble()));
            _later.Enqueue(() => instance.Quota.Leave(call, counted: true, _now), _now + length + Step);
        }

        /// <summary>A claim may never arrive, arrive again seconds later, and its answer may be lost or come after the next claim was made.</summary>
        private void Exchange(Instance instance, QuotaClaim claim)
        {
            var arrives = _now + Latency();
            if (IsCalm || _random.Next(8) > 0)
            {
                _later.Enqueue(() => Book(instance, claim), arrives);
            }

            if (!IsCalm && _random.Next(8) == 0)
            {
                _later.Enqueue(() => Book(instance, claim), arrives + (long)(_random.NextDouble() * TimeSpan.FromSeconds(4).Ticks));
            }
        }

        private void Book(Instance instance, QuotaClaim claim)
        {
            var shared = SharedQuota.Parse(_row);
            var answer = shared.Exchange(claim, limits, _start + TimeSpan.FromTicks(_now) + _clockStep);
            _row = shared.Write();
            if (answer is not null && (IsCalm || _random.Next(6) > 0))
            {
                _later.Enqueue(() => Accept(instance, answer), _now + Latency());
                _later.Enqueue(() => Accept(instance, answer), _now + Latency());
            }
        }

        private void Accept(Instance instance, QuotaAnswer answer)
        {
            instance.Quota.Accept(answer, _now);
            instance.NextExchange = Math.Min(instance.NextExchange, _now + TimeSpan.FromMilliseconds(500).Ticks);
        }

        private long Latency() => (long)(_random.NextDouble() * TimeSpan.TicksPerMillisecond * (IsCalm || _random.Next(10) > 0 ? 50 : 1_500));
    }

    private sealed class Instance(LocalQuota quota)
    {
        public LocalQuota Quota => quota;

        public bool Wants { get; set; } = true;

        public long NextExchange { get; set; }
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;
using IntegrationHub.Storage.Deliveries;

namespace Hub.Tests.Delivery.Quota;

/// <summary>Three instances that want to call all the time, their books, and a vendor that counts; time passes in steps, in no time.</summary>
internal sealed class DisturbedWorld(QuotaLimits limits)
{
    private const int Instances = 3;
    private const long Step = TimeSpan.TicksPerMillisecond * 10;
    private static readonly DateTimeOffset _start = new(2026, 11, 26, 9, 0, 0, TimeSpan.Zero);
    private static readonly VendorEndpoint _endpoint = new("POST", "/people", "v1", new Uri("https://vendor.example/docs"));
    private readonly List<Instance> _instances = [];
    private readonly PriorityQueue<Action, long> _later = new();
    private string? _row;
    private TimeSpan _clockSet;
    private double _spread;
    private long _now;
    private int _born;

    /// <summary>When the vendor counted each call.</summary>
    public List<long> Counted { get; } = [];

    /// <summary>Lets time pass, with what goes wrong in it; everybody wants to call when it begins.</summary>
    public void Run(TimeSpan length, IEnumerable<Disturbance>? disturbances = null)
    {
        var coming = new Queue<Disturbance>((disturbances ?? []).OrderBy(static one => one.At));
        foreach (var instance in _instances)
        {
            instance.Wants = true;
            instance.Mishaps.Clear();
        }

        for (var (begin, end) = (_now, _now + length.Ticks); _now < end; _now += Step)
        {
            while (_later.TryPeek(out _, out var at) && at <= _now)
            {
                _later.Dequeue()();
            }

            while (_instances.Count < Instances)
            {
                _instances.Add(new Instance(new LocalQuota($"i{_born++}", limits)));
            }

            while (coming.TryPeek(out var next) && begin + (length.Ticks * next.At / 256) <= _now)
            {
                Befall(coming.Dequeue());
            }

            _instances.ForEach(Work);
        }
    }

    private void Befall(Disturbance disturbance)
    {
        var at = disturbance.Whom % _instances.Count;
        switch (disturbance.What)
        {
            case Mishap.Death:
                _instances.RemoveAt(at);
                break;
            case Mishap.Lull:
                _instances[at].Wants = !_instances[at].Wants;
                break;
            case Mishap.ClockSet:
                _clockSet += TimeSpan.FromHours((disturbance.HowMuch - 128) / 128.0);
                break;
            default:
                _instances[at].Mishaps.Enqueue(disturbance);
                break;
        }
    }

    private void Work(Instance instance)
    {
        if (instance.Wants)
        {
            for (var call = new WaitingCall(_endpoint, Lane.Urgent, insists: false); instance.Quota.Look(call, _now) is { Refusal: null } outlook && outlook.At <= _now; call = new WaitingCall(_endpoint, Lane.Urgent, insists: false))
            {
                Call(instance, call);
            }
        }

        if (_now >= instance.NextExchange)
        {
            instance.NextExchange = _now + TimeSpan.TicksPerSecond;
            Exchange(instance, instance.Quota.Claim(_now, isIdle: !instance.Wants && !instance.Quota.IsCalling, isQueued: instance.Wants));
        }
    }

    /// <summary>A call takes up to 400 ms and is counted at some moment of them.</summary>
    private void Call(Instance instance, WaitingCall call)
    {
        instance.Quota.Take(call, _now);
        var length = (long)(Spread() * TimeSpan.TicksPerMillisecond * 400);
        _later.Enqueue(() => Counted.Add(_now), _now + (long)(length * Spread()));
        _later.Enqueue(() => instance.Quota.Leave(call, counted: true, _now), _now + length + Step);
    }

    private void Exchange(Instance instance, QuotaClaim claim)
    {
        instance.Mishaps.TryDequeue(out var mishap);
        var way = mishap is { What: Mishap.Slow, HowMuch: var slow } ? slow * TimeSpan.TicksPerMillisecond * 6 : (long)(Spread() * TimeSpan.TicksPerMillisecond * 50);
        if (mishap?.What != Mishap.ClaimLost)
        {
            _later.Enqueue(() => Book(instance, claim, way, mishap?.What), _now + way);
        }

        if (mishap is { What: Mishap.ClaimRepeated, HowMuch: var late })
        {
            _later.Enqueue(() => Book(instance, claim, way, mishap.What), _now + way + (late * TimeSpan.TicksPerSecond / 64));
        }
    }

    /// <summary>An answer comes twice whenever it comes.</summary>
    private void Book(Instance instance, QuotaClaim claim, long way, Mishap? mishap)
    {
        var shared = SharedQuota.Parse(_row);
        var answer = shared.Exchange(claim, limits, _start + TimeSpan.FromTicks(_now) + _clockSet);
        _row = shared.Write();
        if (answer is not null && mishap != Mishap.AnswerLost)
        {
            _later.Enqueue(() => Accept(instance, answer), _now + way);
            _later.Enqueue(() => Accept(instance, answer), _now + (way * 2));
        }
    }

    private void Accept(Instance instance, QuotaAnswer answer)
    {
        instance.Quota.Accept(answer, _now);
        instance.NextExchange = Math.Min(instance.NextExchange, _now + (TimeSpan.TicksPerSecond / 2));
    }

    /// <summary>Numbers from 0 to 1, evenly spread and the same every time, so that a disturbance taken away changes nothing else.</summary>
    private double Spread() => _spread = (_spread + 0.6180339887498949) % 1;

    private sealed class Instance(LocalQuota quota)
    {
        public LocalQuota Quota => quota;

        /// <summary>What befalls its next exchanges.</summary>
        public Queue<Disturbance> Mishaps { get; } = [];

        public bool Wants { get; set; } = true;

        public long NextExchange { get; set; }
    }
}

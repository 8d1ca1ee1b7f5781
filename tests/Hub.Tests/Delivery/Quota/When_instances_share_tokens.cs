using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The shared pool of one limit, with the time in the test's hand.</summary>
public sealed class When_instances_share_tokens
{
    private const int Capacity = 100;
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private DateTimeOffset _now = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private TokenPool _pool = null!;

    [SetUp]
    public void Start() => _pool = new TokenPool();

    [Test]
    public void Should_give_everything_to_the_only_one_who_wants()
    {
        Assert.That(Count(Exchange("a", held: 0, wanted: int.MaxValue)), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_share_evenly_once_the_first_gave_back_its_excess()
    {
        Exchange("a", 0, int.MaxValue);
        Assert.That(Count(Exchange("b", 0, int.MaxValue)), Is.Zero, "all are held");
        var told = Exchange("a", Capacity, int.MaxValue);
        Assert.That(told.Target, Is.EqualTo(Capacity / 2));
        Exchange("a", Capacity / 2, int.MaxValue, new ReturnedTokens(TimeSpan.FromSeconds(3), Capacity / 2));

        var granted = Exchange("b", 0, int.MaxValue);

        Assert.That(Count(granted), Is.EqualTo(Capacity / 2));
        Assert.That(granted.Tokens.Min(tokens => tokens.Delay), Is.EqualTo(TimeSpan.FromSeconds(3)), "what the one used is not used again by the other within the window");
    }

    [Test]
    public void Should_give_more_to_those_who_want_more()
    {
        Exchange("a", 0, wanted: 10);
        Exchange("b", 0, int.MaxValue);
        Exchange("c", 0, int.MaxValue);
        Assert.That(new[] { Held("a"), Held("b"), Held("c") }, Is.EqualTo(new[] { 10, 90, 0 }));
        Assert.That(Exchange("b", 90, int.MaxValue).Target, Is.EqualTo(45));
    }

    [Test]
    public void Should_let_the_only_user_keep_what_nobody_else_wants()
    {
        Exchange("a", 0, int.MaxValue);
        Assert.That(Exchange("a", Capacity, wanted: 5).Target, Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_give_a_dead_instances_tokens_out_again_a_window_after_its_lease()
    {
        Exchange("dead", 0, int.MaxValue);
        _now += TokenPool.LeaseLength;
        var granted = Exchange("alive", 0, int.MaxValue);
        Assert.That(Count(granted), Is.EqualTo(Capacity));
        Assert.That(granted.Tokens, Has.All.Matches<ReturnedTokens>(tokens => tokens.Delay == Window), "it may have called until its very end");
    }

    [Test]
    public void Should_tell_one_that_was_silent_too_long_that_its_tokens_are_gone()
    {
        Exchange("slow", 0, int.MaxValue);
        _now += TokenPool.LeaseLength;
        Exchange("other", 0, int.MaxValue);

        var told = Exchange("slow", Capacity, int.MaxValue, new ReturnedTokens(TimeSpan.Zero, 10));

        Assert.That(told.Lost, Is.True);
        Assert.That(InExistence(), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_not_wait_for_times_that_a_clock_set_back_left_behind()
    {
        Exchange("dead", 0, int.MaxValue);
        _now -= TimeSpan.FromHours(3);
        Exchange("alive", 0, int.MaxValue);
        _now += TokenPool.LeaseLength;
        var granted = Exchange("alive", 0, int.MaxValue);
        Assert.That(Count(granted), Is.EqualTo(Capacity));
        Assert.That(granted.Tokens, Has.All.Matches<ReturnedTokens>(tokens => tokens.Delay <= Window));
    }

    [Test]
    public void Should_keep_to_the_window_when_the_clock_is_set_forward()
    {
        Exchange("a", 0, int.MaxValue);
        _now += TimeSpan.FromHours(3);
        Exchange("b", 0, int.MaxValue);
        Assert.That(InExistence(), Is.EqualTo(Capacity));
        Assert.That(Exchange("a", Capacity, int.MaxValue).Lost, Is.True);
    }

    [Test]
    public void Should_use_less_after_a_refusal_within_the_limit_and_regain_it_step_by_step()
    {
        Exchange("a", 0, int.MaxValue);
        var refused = Exchange("a", Capacity, int.MaxValue, refused: true);
        Assert.That(refused.Target, Is.EqualTo(75));
        var shrunk = Exchange("a", 50, int.MaxValue, new ReturnedTokens(TimeSpan.Zero, 50));
        Assert.That((Count(shrunk), InExistence()), Is.EqualTo((25, 75)), "a quarter is gone");
        for (var i = 0; i < 10; i++)
        {
            _now += Window;
            Exchange("a", Held("a"), int.MaxValue);
        }

        Assert.That(InExistence(), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_regain_what_a_refusal_cost_when_the_clock_was_set_back()
    {
        Exchange("a", 0, int.MaxValue);
        Exchange("a", Capacity, int.MaxValue, refused: true);
        _now -= TimeSpan.FromHours(3);
        for (var i = 0; i < 10; i++)
        {
            Exchange("a", Held("a"), int.MaxValue);
            _now += Window;
        }

        Assert.That(_pool.Share, Is.EqualTo(1));
    }

    [Test]
    public void Should_follow_a_capacity_that_the_vendor_corrects()
    {
        Exchange("a", 0, int.MaxValue);
        _pool.Exchange(new TokenClaim("a", 40, int.MaxValue, [new ReturnedTokens(TimeSpan.Zero, 60)], false), 60, Window, _now);
        Assert.That(InExistence(), Is.EqualTo(60));
        var granted = _pool.Exchange(new TokenClaim("a", 60, int.MaxValue, [], false), 80, Window, _now);
        Assert.That(granted.Tokens.Single(), Is.EqualTo(new ReturnedTokens(Window, 20)), "new ones may stand for some that were used a moment ago");
    }

    [Test]
    public void Should_never_have_more_tokens_than_the_limit_whatever_happens()
    {
        var random = new Random(20_261_125);
        var held = new Dictionary<string, int>();
        var targets = new Dictionary<string, int>();
        for (var step = 0; step < 20_000; step++)
        {
            var instance = $"i{random.Next(4)}";
            var mine = held.GetValueOrDefault(instance);
            var back = Math.Clamp(mine - targets.GetValueOrDefault(instance, mine) + random.Next(3), 0, mine);
            var grant = _pool.Exchange(
                new TokenClaim(instance, mine - back, random.Next(3) == 0 ? 0 : int.MaxValue, back == 0 ? [] : [new ReturnedTokens(Window * random.NextDouble(), back)], random.Next(200) == 0),
                Capacity,
                Window,
                _now);
            held[instance] = (grant.Lost ? 0 : mine - back) + Count(grant);
            targets[instance] = grant.Target;
            _now += TimeSpan.FromMilliseconds(random.Next(0, 900)) + (random.Next(100) == 0 ? TokenPool.LeaseLength : TimeSpan.Zero);
            Assert.That(_pool.Holdings.Sum(holding => holding.Tokens) + _pool.Free.Sum(tokens => tokens.Count), Is.EqualTo(_pool.Issued).And.LessThanOrEqualTo(Capacity), $"step {step}");
        }
    }

    private TokenGrant Exchange(string instance, int held, int wanted, ReturnedTokens? returned = null, bool refused = false) =>
        _pool.Exchange(new TokenClaim(instance, held, wanted, returned is { } some ? [some] : [], refused), Capacity, Window, _now);

    private int Held(string instance) => _pool.Holdings.Find(holding => holding.Instance == instance)?.Tokens ?? 0;

    private int InExistence() => _pool.Holdings.Sum(holding => holding.Tokens) + _pool.Free.Sum(tokens => tokens.Count);

    private static int Count(TokenGrant grant) => grant.Tokens.Sum(tokens => tokens.Count);
}

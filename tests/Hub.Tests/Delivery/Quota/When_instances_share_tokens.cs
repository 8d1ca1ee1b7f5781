using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The shared books of one limit, with the time in the test's hand.</summary>
public sealed class When_instances_share_tokens
{
    private const int Capacity = 100;
    private const string Limit = "burst";
    private static readonly TimeSpan Window = TimeSpan.FromSeconds(10);
    private static readonly QuotaLimits Limits = new() { Rates = [new RateLimit(Limit, Capacity, Window, "account")], MaxConcurrency = 8, AccountZone = TimeZoneInfo.Utc };
    private readonly Dictionary<string, QuotaWitness> _witnesses = [];
    private DateTimeOffset _clock = new(2026, 11, 25, 12, 0, 0, TimeSpan.Zero);
    private TimeSpan _passed;
    private SharedQuota _books = null!;
    private long _sequence;

    private TokenPool Pool => _books.Pools[Limit];

    [SetUp]
    public void Start()
    {
        _books = new SharedQuota();
        _witnesses.Clear();
    }

    [Test]
    public void Should_give_everything_to_the_only_one_who_wants() => Assert.That(Count(Exchange("a", held: 0, wanted: int.MaxValue)), Is.EqualTo(Capacity));

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
        Exchange("alive", 0, int.MaxValue);
        Pass(SharedQuota.LeaseLength);
        var granted = Exchange("alive", 0, int.MaxValue);
        Assert.That(Count(granted), Is.EqualTo(Capacity));
        Assert.That(granted.Tokens, Has.All.Matches<ReturnedTokens>(tokens => tokens.Delay == Window), "it may have called until its very end");
    }

    [Test]
    public void Should_tell_one_that_was_silent_too_long_that_its_tokens_are_gone()
    {
        Exchange("slow", 0, int.MaxValue);
        Exchange("other", 0, int.MaxValue);
        Pass(SharedQuota.LeaseLength);
        Exchange("other", 0, int.MaxValue);

        var told = Exchange("slow", Capacity - 10, int.MaxValue, new ReturnedTokens(TimeSpan.Zero, 10));

        Assert.That(told.Lost, Is.True);
        Assert.That(InExistence(), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_find_again_what_an_answer_that_was_lost_had_given()
    {
        Exchange("a", 0, int.MaxValue);
        Assert.That(Count(Exchange("a", 0, int.MaxValue)), Is.EqualTo(Capacity), "the claim says that nothing is held, so everything is given again");
        Assert.That(InExistence(), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_not_give_twice_what_an_answer_that_was_lost_had_taken_back()
    {
        Exchange("a", 0, int.MaxValue);
        Exchange("a", 40, wanted: 40, new ReturnedTokens(TimeSpan.Zero, 60));
        Exchange("b", 0, int.MaxValue);
        Exchange("a", 40, wanted: 40);
        Assert.That((Held("a"), Held("b"), InExistence()), Is.EqualTo((40, 60, Capacity)));
    }

    [Test]
    public void Should_leave_everything_as_it_is_when_a_claim_comes_twice_or_late()
    {
        var early = Claim("a", 0, int.MaxValue);
        _books.Exchange(early, Limits, _clock);
        Exchange("a", Capacity, int.MaxValue);
        var before = _books.Write();
        Assert.That(_books.Exchange(early, Limits, _clock), Is.Null);
        Assert.That(_books.Write(), Is.EqualTo(before));
    }

    [Test]
    public void Should_not_wait_for_times_that_a_clock_set_back_left_behind()
    {
        Exchange("dead", 0, int.MaxValue);
        Exchange("alive", 0, int.MaxValue);
        _clock -= TimeSpan.FromHours(3);
        Exchange("alive", 0, int.MaxValue);
        Pass(SharedQuota.LeaseLength);
        Assert.That(Count(Exchange("alive", 0, int.MaxValue)), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_keep_leases_and_windows_when_the_clock_is_set_forward()
    {
        Exchange("a", 0, int.MaxValue);
        Exchange("b", 0, int.MaxValue);
        _clock += TimeSpan.FromHours(3);
        Assert.That(Count(Exchange("b", 0, int.MaxValue)), Is.Zero);
        Assert.That(Exchange("a", Capacity, int.MaxValue).Lost, Is.False, "it holds them still");
    }

    [Test]
    public void Should_use_less_after_a_refusal_within_the_limit_and_regain_it_step_by_step()
    {
        Exchange("a", 0, int.MaxValue);
        var refused = Exchange("a", Capacity, int.MaxValue, refused: true);
        Assert.That(refused.Target, Is.EqualTo(75));
        var shrunk = Exchange("a", 50, int.MaxValue, new ReturnedTokens(TimeSpan.Zero, 50));
        Assert.That((Count(shrunk), Held("a")), Is.EqualTo((25, 75)), "a quarter is gone");
        for (var i = 0; i < 30; i++)
        {
            Pass(Window / 4);
            Exchange("a", Held("a"), int.MaxValue);
        }

        Assert.That((Held("a"), Pool.Share), Is.EqualTo((Capacity, 1.0)));
    }

    [Test]
    public void Should_follow_a_capacity_that_the_vendor_corrects()
    {
        Exchange("a", 0, int.MaxValue);
        _books.Told[Limit] = 60;
        Exchange("a", 40, int.MaxValue, new ReturnedTokens(TimeSpan.FromSeconds(4), 60));
        Assert.That(Held("a"), Is.EqualTo(60));
        _books.Told[Limit] = 80;
        Assert.That(Exchange("a", 60, int.MaxValue).Tokens.Single(), Is.EqualTo(new ReturnedTokens(TimeSpan.FromSeconds(4), 20)), "what rests after a call still rests");
    }

    private void Pass(TimeSpan time) => (_clock, _passed) = (_clock + time, _passed + time);

    private QuotaClaim Claim(string instance, int held, int wanted, ReturnedTokens? returned = null, bool refused = false) => new()
    {
        Instance = instance,
        Sequence = ++_sequence,
        Witness = _witnesses.TryGetValue(instance, out var witness) ? witness with { Elapsed = _passed - witness.Elapsed } : null,
        Tokens = new Dictionary<string, TokenClaim> { [Limit] = new(held, wanted, returned is { } some ? [some] : [], refused) },
        Periods = new Dictionary<string, PeriodClaim>(),
        Told = new Dictionary<string, int>(),
    };

    private TokenGrant Exchange(string instance, int held, int wanted, ReturnedTokens? returned = null, bool refused = false)
    {
        var answer = _books.Exchange(Claim(instance, held, wanted, returned, refused), Limits, _clock)!;
        _witnesses[instance] = new QuotaWitness(answer.Now, _passed);
        return answer.Tokens[Limit];
    }

    private int Held(string instance) => Pool.Holdings.Find(holding => holding.Instance == instance)?.Tokens ?? 0;

    private int InExistence() => Pool.Holdings.Sum(holding => holding.Tokens) + Pool.Resting.Sum(tokens => tokens.Count);

    private static int Count(TokenGrant grant) => grant.Tokens.Sum(tokens => tokens.Count);
}

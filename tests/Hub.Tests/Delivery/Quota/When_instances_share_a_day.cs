using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The budget of a day, with the time in the test's hand.</summary>
public sealed class When_instances_share_a_day
{
    private const long Capacity = 10_000;
    private static readonly DateTimeOffset Today = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private PeriodBudget _budget = null!;
    private DateTimeOffset _clock;
    private long _sequence;

    [SetUp]
    public void Start() => (_budget, _clock) = (new PeriodBudget(), Today.AddHours(9));

    [Test]
    public void Should_count_slices_as_used_until_they_are_told()
    {
        var first = Exchange("a", 0);
        Assert.That(first.Slice, Is.InRange(1, 1_000));
        Assert.That(_budget.Taken, Is.EqualTo(first.Slice));
        Assert.That(Exchange("a", first.Slice).Used, Is.EqualTo(first.Slice));
    }

    [Test]
    public void Should_use_the_day_to_the_last_call_and_not_one_more()
    {
        var used = new Dictionary<string, long> { ["a"] = 0, ["b"] = 0, ["c"] = 0 };
        var slices = used.Keys.ToDictionary(instance => instance, instance => Exchange(instance, 0).Slice);
        for (var round = 0; slices.Values.Sum() > 0 && round < 10_000; round++)
        {
            foreach (var instance in used.Keys)
            {
                used[instance] += slices[instance];
                slices[instance] = Exchange(instance, used[instance]).Slice;
            }
        }

        Assert.That(used.Values.Sum(), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_count_a_call_once_however_often_it_is_told()
    {
        Exchange("a", 0);
        Exchange("a", 7);
        Assert.That(Exchange("a", 7).Used, Is.EqualTo(7));
    }

    [Test]
    public void Should_not_believe_a_claim_that_comes_late()
    {
        Exchange("a", 0);
        Exchange("a", 7);
        Assert.That(Book("a", sequence: 1, Told(3)).Used, Is.EqualTo(7));
    }

    [Test]
    public void Should_lose_no_more_than_a_slice_by_a_death_and_find_it_again_when_the_dead_comes_back()
    {
        var slice = Exchange("silent", 0).Slice;
        Exchange("alive", 0);
        Assert.That(_budget.Taken, Is.GreaterThanOrEqualTo(slice));
        Assert.That(Exchange("silent", 3).Used, Is.EqualTo(3));
    }

    [Test]
    public void Should_give_a_slice_back_at_the_end()
    {
        Exchange("a", 0);
        Exchange("a", 5, wantsMore: false);
        Assert.That(_budget.Taken, Is.EqualTo(5));
    }

    [Test]
    public void Should_start_anew_with_the_next_day()
    {
        var slice = Exchange("a", 0).Slice;
        _clock = _clock.AddDays(1);
        var tomorrow = Exchange("a", slice);
        Assert.That((tomorrow.Used, tomorrow.Period), Is.EqualTo((0L, Today.AddDays(1))));
    }

    [Test]
    public void Should_give_nothing_twice_when_the_clock_is_set_back_over_midnight()
    {
        _clock = Today.AddMinutes(1);
        Exchange("a", 0);
        Exchange("a", 400, day: Today);
        _clock = Today.AddMinutes(-1);
        Assert.That(Exchange("a", 400, day: Today).Used, Is.EqualTo(400));
        _clock = Today.AddMinutes(2);
        Assert.That(Exchange("a", 400, day: Today).Used, Is.EqualTo(400));
    }

    [Test]
    public void Should_count_from_zero_again_when_somebody_says_that_the_vendor_gives_calls()
    {
        var dead = Exchange("dead", 0).Slice;
        Exchange("a", 0);
        Exchange("a", Capacity - dead, wantsMore: true);
        Assert.That(Exchange("a", Capacity - dead).Slice, Is.Zero);
        _budget.Reopen(["a"]);
        var after = Exchange("a", Capacity - dead);
        Assert.That((after.Used, after.Slice), Is.EqualTo((0L, 1_000)));
    }

    private static PeriodClaim Told(long used, bool wantsMore = true, DateTimeOffset? day = null) =>
        new(day ?? Today, new Dictionary<string, long> { ["bulk"] = used }, wantsMore, Elsewhere: null);

    private PeriodGrant Exchange(string instance, long used, bool wantsMore = true, DateTimeOffset? day = null) => Book(instance, ++_sequence, Told(used, wantsMore, day));

    private PeriodGrant Book(string instance, long sequence, PeriodClaim claim)
    {
        var midnight = new DateTimeOffset(_clock.Date, TimeSpan.Zero);
        return _budget.Exchange(instance, sequence, claim, Capacity, (midnight, midnight.AddDays(1)), _clock);
    }
}

using IntegrationHub.Hub.Destinations.Quota;

namespace Hub.Tests.Delivery.Quota;

/// <summary>The budget of a day, with the time in the test's hand.</summary>
public sealed class When_instances_share_a_day
{
    private const long Capacity = 10_000;
    private static readonly DateTimeOffset Today = new(2026, 11, 25, 0, 0, 0, TimeSpan.Zero);
    private PeriodBudget _budget = null!;
    private DateTimeOffset _now = Today.AddHours(9);

    [SetUp]
    public void Start() => _budget = new PeriodBudget();

    [Test]
    public void Should_count_slices_as_used_until_they_are_told()
    {
        var first = Exchange("a");
        Assert.That(first.Slice, Is.InRange(1, 1_000));
        var used = Exchange("a", hadSlice: true, ("bulk", first.Slice), ("urgent", 0));
        Assert.That(used.Used, Is.EqualTo(first.Slice));
        Assert.That(_budget.UsedByLane["bulk"], Is.EqualTo(first.Slice));
    }

    [Test]
    public void Should_use_the_day_to_the_last_call_and_not_one_more()
    {
        var used = new Dictionary<string, long> { ["a"] = 0, ["b"] = 0, ["c"] = 0 };
        var slices = used.Keys.ToDictionary(instance => instance, instance => Exchange(instance).Slice);
        for (var round = 0; slices.Values.Sum() > 0 && round < 10_000; round++)
        {
            foreach (var instance in used.Keys)
            {
                used[instance] += slices[instance];
                slices[instance] = Exchange(instance, true, ("bulk", slices[instance])).Slice;
            }
        }

        Assert.That(used.Values.Sum(), Is.EqualTo(Capacity));
    }

    [Test]
    public void Should_lose_no_more_than_a_slice_by_a_death()
    {
        var slice = Exchange("dead").Slice;
        _now += TokenPool.LeaseLength;
        Assert.That(Exchange("alive").Used, Is.EqualTo(slice));
    }

    [Test]
    public void Should_believe_the_vendor_when_somebody_else_used_the_account()
    {
        var slice = Exchange("a").Slice;
        var told = _budget.Exchange(new PeriodClaim("a", Today, new Dictionary<string, long> { ["bulk"] = slice }, true, true, UsedAtVendor: 9_990), Capacity, Today, _now);
        Assert.That(told.Used, Is.EqualTo(9_990));
        Assert.That(told.Slice, Is.LessThanOrEqualTo(10));
    }

    [Test]
    public void Should_start_anew_with_the_next_day()
    {
        var slice = Exchange("a").Slice;
        var tomorrow = _budget.Exchange(new PeriodClaim("a", Today, new Dictionary<string, long> { ["bulk"] = slice }, true, true, null), Capacity, Today.AddDays(1), _now.AddDays(1));
        Assert.That((tomorrow.Used, tomorrow.Period), Is.EqualTo((0L, Today.AddDays(1))));
    }

    private PeriodGrant Exchange(string instance, bool hadSlice = false, params (string Lane, long Calls)[] used) => _budget.Exchange(
        new PeriodClaim(instance, Today, used.ToDictionary(lane => lane.Lane, lane => lane.Calls), hadSlice, WantsMore: true, null), Capacity, Today, _now);
}

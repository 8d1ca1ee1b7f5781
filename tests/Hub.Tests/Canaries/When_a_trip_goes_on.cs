using IntegrationHub.Hub.Canaries;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Tests.Canaries;

/// <summary>What looks make of a trip.</summary>
public sealed class When_a_trip_goes_on
{
    private static readonly DateTimeOffset _stated = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly CanaryTrip _trip = new("anna", "acme", _stated, "Trip 1", _stated.AddMinutes(15));
    private static readonly CanaryFinding _old = new(CanaryFinding.Different, "last_name"), _leak = new(CanaryFinding.NotAllowed, "notes");

    [Test]
    public void Should_wait_for_her_until_the_goal_and_call_it_a_stall_then()
    {
        var early = CanaryCourse.After(_trip, isAllowed: true, [_old], _stated.AddSeconds(20));
        Assert.That((early.State, early.NextLookAt, early.Looks), Is.EqualTo((CanaryState.Travelling, (DateTimeOffset?)_stated.AddSeconds(40), 1)));
        Assert.That(CanaryCourse.After(_trip, true, [_old], _stated.AddMinutes(10)).NextLookAt, Is.EqualTo(_trip.GoalAt), "nobody looks past the goal");
        var late = CanaryCourse.After(early, true, [_old], _trip.GoalAt);
        Assert.That((late.State, late.ShownAt, late.NextLookAt), Is.EqualTo((CanaryState.Missing, (DateTimeOffset?)null, (DateTimeOffset?)_trip.GoalAt.AddMinutes(15))), "looked for on, for she may come late");
        var shown = CanaryCourse.After(late, true, [], _trip.GoalAt.AddMinutes(15));
        Assert.That((shown.State, shown.ShownAt, shown.NextLookAt), Is.EqualTo((CanaryState.Fine, (DateTimeOffset?)_stated.AddMinutes(30), (DateTimeOffset?)null)));
    }

    [Test]
    public void Should_look_once_more_at_the_goal_at_who_came_early()
    {
        var shown = CanaryCourse.After(_trip, true, [], _stated.AddSeconds(5));
        Assert.That((shown.State, shown.ShownAt, shown.NextLookAt), Is.EqualTo((CanaryState.Fine, (DateTimeOffset?)_stated.AddSeconds(5), (DateTimeOffset?)_trip.GoalAt)));
        Assert.That(CanaryCourse.After(shown, true, [_leak], _trip.GoalAt).State, Is.EqualTo(CanaryState.Leaked), "what came after her");
        Assert.That(CanaryCourse.After(shown, true, [], _trip.GoalAt), Has.Property(nameof(CanaryTrip.ShownAt)).EqualTo(_stated.AddSeconds(5)).And.Property(nameof(CanaryTrip.NextLookAt)).Null);
    }

    [TestCase(true)]
    [TestCase(false)]
    public void Should_call_a_leak_one_at_once(bool isAllowed)
    {
        var leaked = CanaryCourse.After(_trip, isAllowed, [_old, _leak], _stated.AddSeconds(5));
        Assert.That((leaked.State, leaked.NextLookAt), Is.EqualTo((CanaryState.Leaked, (DateTimeOffset?)null)), "until the next trip");
    }

    [Test]
    public void Should_say_that_nobody_came_who_must_not_only_when_the_time_is_over()
    {
        var waiting = CanaryCourse.After(_trip, isAllowed: false, [], _stated.AddMinutes(1));
        Assert.That(waiting.State, Is.EqualTo(CanaryState.Travelling));
        Assert.That(CanaryCourse.After(waiting, false, [], _trip.GoalAt), Has.Property(nameof(CanaryTrip.State)).EqualTo(CanaryState.Fine).And.Property(nameof(CanaryTrip.ShownAt)).Null);
    }
}

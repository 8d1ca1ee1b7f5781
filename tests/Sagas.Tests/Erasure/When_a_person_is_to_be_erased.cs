using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Sagas.Erasure.Messages;

namespace Sagas.Tests.Erasure;

internal sealed class When_a_person_is_to_be_erased : ErasureFixture
{
    [Test]
    [Edge("Initial", "RequestErasure", "Suppressing")]
    [Edge("Suppressing", "PersonSuppressed", "ErasingDestinations")]
    [Edge("ErasingDestinations", "DestinationsErased", "ErasingOwn")]
    [Edge("ErasingOwn", "OwnTablesErased", "Rechecking")]
    [Edge("Rechecking", "ErasureLookElapsed", "Rechecking")]
    [Edge("Rechecking", "DestinationsRechecked", "Rechecking")]
    [Edge("Rechecking", "DestinationsRechecked", "Completed")]
    public async Task Should_go_from_the_request_to_the_last_look()
    {
        await Run.GoToAsync(ErasurePhase.Rechecking);
        Assert.That(Run.Timeouts.Single<ErasureLookElapsed>().Due, Is.EqualTo(Story.Noon.AddMinutes(3).AddDays(7).UtcDateTime));
        await Run.ElapseAsync<ErasureLookElapsed>();
        await Run.SendAsync(Run.Rechecked(round: 1));
        Assert.That(Run.Timeouts.Single<ErasureLookElapsed>().Due, Is.EqualTo(Story.Noon.AddMinutes(3).AddDays(30).UtcDateTime));
        await Run.ElapseAsync<ErasureLookElapsed>();
        await Run.SendAsync(Run.Rechecked(round: 2));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo(ErasurePhase.Completed));
            Assert.That(Run.Row.FinishedAt, Is.EqualTo(Run.Clock.GetUtcNow()));
            Assert.That(Run.Said<RecheckDestinations>().Select(look => look.Round), Is.EqualTo(new[] { 1, 2 }));
            Assert.That(Run.Said<SuppressPerson>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<EraseAtDestinations>(), Has.Count.EqualTo(1));
            Assert.That(Run.Said<EraseOwnTables>(), Has.Count.EqualTo(1));
            Assert.That(Run.Timeouts.Pending, Is.Empty);
        });
    }

    [TestCase(ErasureLaw.Gdpr, 31)]
    [TestCase(ErasureLaw.Ccpa, 45)]
    [Edge("Initial", "RequestErasure", "AwaitingApproval")]
    [Edge("AwaitingApproval", "ErasureHalfTimeElapsed", "AwaitingApproval")]
    public async Task Should_raise_the_alarm_when_half_of_the_time_is_over(string law, int days)
    {
        await Run.RequestAsync(law, needsApproval: true);
        Assert.That(Run.Row.Deadline, Is.EqualTo(Story.Noon.AddDays(days)));
        await Run.ElapseAsync<ErasureHalfTimeElapsed>();
        Assert.That(Run.Row.AlarmedAt, Is.EqualTo(Story.Noon.AddDays(days / 2.0)));
        Assert.That(Run.State, Is.EqualTo(ErasurePhase.AwaitingApproval));
    }

    [TestCase(ErasurePhase.Suppressing)]
    [TestCase(ErasurePhase.ErasingDestinations)]
    [TestCase(ErasurePhase.ErasingOwn)]
    [Edge(EdgeAttribute.Each, "ErasureHalfTimeElapsed", EdgeAttribute.Each)]
    public async Task Should_raise_the_alarm_whoever_is_waited_for(string state)
    {
        await Run.GoToAsync(state);
        await Run.ElapseAsync<ErasureHalfTimeElapsed>();
        Assert.That((Run.State, Run.Row.AlarmedAt), Is.EqualTo((state, Run.Clock.GetUtcNow())));
    }

    [Test]
    public async Task Should_raise_no_alarm_once_the_person_is_erased()
    {
        await Run.GoToAsync(ErasurePhase.Rechecking);
        await Run.ElapseAsync<ErasureHalfTimeElapsed>();
        Assert.That((Run.State, Run.Row.AlarmedAt), Is.EqualTo((ErasurePhase.Rechecking, (DateTimeOffset?)null)));
    }

    [Test]
    [Edge("AwaitingApproval", "ApproveErasure", "Suppressing")]
    public async Task Should_do_nothing_before_somebody_agreed()
    {
        await Run.RequestAsync(needsApproval: true);
        Assert.That(Run.Said<SuppressPerson>(), Is.Empty);
        await Run.SendAsync(Run.Approve());
        Assert.That((Run.State, Run.Row.DecidedBy, Run.Said<SuppressPerson>().Count), Is.EqualTo((ErasurePhase.Suppressing, "person:ben", 1)));
    }

    [Test]
    [Edge("AwaitingApproval", "RefuseErasure", "Refused")]
    public async Task Should_do_nothing_when_somebody_refused()
    {
        await Run.GoToAsync(ErasurePhase.Refused);
        Assert.That((Run.SaidCount, Run.Timeouts.Pending.Count, Run.Row.FinishedAt), Is.EqualTo((0, 0, Story.Noon)));
    }

    [TestCase(ErasurePhase.Suppressing, nameof(SuppressPerson))]
    [TestCase(ErasurePhase.ErasingDestinations, nameof(EraseAtDestinations))]
    [TestCase(ErasurePhase.ErasingOwn, nameof(EraseOwnTables))]
    [TestCase(ErasurePhase.Rechecking, nameof(RecheckDestinations))]
    [Edge(EdgeAttribute.Each, "ErasureLookElapsed", EdgeAttribute.Each)]
    [Edge(EdgeAttribute.Each, "ErasureStepPostponed", EdgeAttribute.Each)]
    public async Task Should_ask_again_for_a_step_that_nobody_answered_or_that_was_postponed(string state, string step)
    {
        await Run.GoToAsync(state);
        var asked = Run.SaidCount;
        await Run.ElapseAsync<ErasureLookElapsed>();
        var until = Run.Clock.GetUtcNow().AddHours(1);
        await Run.SendAsync(Run.Postponed(step, until));
        Assert.That((Run.Row.WaitingFor, Run.Timeouts.Single<ErasureLookElapsed>().Due), Is.EqualTo(("the vendor", until.UtcDateTime)));
        await Run.ElapseAsync<ErasureLookElapsed>();
        Assert.That((Run.State, Run.SaidCount), Is.EqualTo((state, asked + 2)), "after the silence, after the pause");
    }

    [Test]
    [Edge("Rechecking", "DestinationsRechecked", "CompletedWithIssues")]
    public async Task Should_end_with_issues_when_a_destination_could_not_delete()
    {
        await Run.GoToAsync(ErasurePhase.CompletedWithIssues);
        Assert.That(Run.Row.WithIssues, Is.True);
    }
}

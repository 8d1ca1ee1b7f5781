using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;

namespace Sagas.Tests.BackfillRun;

internal sealed class When_a_person_steers_a_backfill : RunFixture
{
    [TestCase("Planning")]
    [TestCase("AwaitingApproval")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [Edge(EdgeAttribute.Each, "PauseBackfill", "Paused")]
    [Edge("Paused", "ResumeBackfill", EdgeAttribute.Each)]
    public async Task Should_go_on_where_it_was_held(string state)
    {
        await Run.PauseInAsync(state);
        Assert.That(Run.Row.WaitingFor, Does.Contain($"backfill resume {Run.Id}"));
        await Run.SendAsync(Run.Resume());
        Assert.That((Run.State, Run.Row.HeldUntil), Is.EqualTo((state, (DateTimeOffset?)Run.Clock.GetUtcNow())));
    }

    /// <summary>The hub holds what it may not go on with, and says what to do: going on as it is would not help.</summary>
    [Test]
    public async Task Should_say_why_the_hub_holds_it()
    {
        await Run.GoToAsync("Delivering");
        await Run.SendAsync(Run.Pause() with { By = "hub", Reason = "the mapping is another one. Cancel it." });
        Assert.That((Run.State, Run.Row.WaitingFor), Is.EqualTo(("Paused", "Paused by hub: the mapping is another one. Cancel it.")));
    }

    [TestCase("Planning")]
    [TestCase("AwaitingApproval")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Paused")]
    [Edge(EdgeAttribute.Each, "CancelBackfill", "Canceling")]
    [Edge("Canceling", "DeliveriesCanceled", "Canceled")]
    public async Task Should_settle_what_is_pending_before_it_is_over(string state)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.Cancel());
        Assert.That((Run.State, Run.Said<CancelDeliveries>().Count), Is.EqualTo(("Canceling", 1)));
        await Run.SendAsync(Run.NothingPending());
        Assert.That((Run.State, Run.Row.CanceledBy), Is.EqualTo(("Canceled", "ada")));
    }

    [Test]
    [Edge("Paused", "BackfillPlanned", "Paused")]
    public async Task Should_wait_for_approval_after_a_plan_that_came_while_it_was_held()
    {
        await Run.PauseInAsync("Planning");
        await Run.SendAsync(Run.Planned());
        await Run.SendAsync(Run.Resume());
        Assert.That((Run.State, Run.Row.ToWrite), Is.EqualTo(("AwaitingApproval", 900)));
    }

    [Test]
    [Edge("Paused", "BackfillProgressed", "Paused")]
    [Edge("Paused", "BackfillDelivered", "Paused")]
    public async Task Should_read_back_after_the_last_batch_came_in_while_it_was_held()
    {
        await Run.PauseInAsync("Delivering");
        await Run.SendAsync(Run.Progressed());
        await Run.SendAsync(Run.Delivered());
        await Run.SendAsync(Run.Resume());
        Assert.That(Run.State, Is.EqualTo("Verifying"));
    }

    [Test]
    [Edge("Paused", "BackfillVerified", "Paused")]
    public async Task Should_only_show_a_read_back_that_came_while_it_was_held()
    {
        await Run.PauseInAsync("Verifying");
        await Run.SendAsync(Run.Verified());
        Assert.That((Run.State, Run.Row.Found), Is.EqualTo(("Paused", 900)));
    }

    [TestCase("Planning", nameof(PlanBackfill))]
    [TestCase("Delivering", nameof(DeliverBackfill))]
    [TestCase("Verifying", nameof(VerifyBackfill))]
    [Edge(EdgeAttribute.Each, "BackfillStepFailed", "Canceling")]
    [Edge("Canceling", "DeliveriesCanceled", "Failed")]
    public async Task Should_fail_when_a_step_can_never_succeed(string state, string step)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.StepFailed(step));
        await Run.SendAsync(Run.NothingPending());
        Assert.That((Run.State, Run.Row.FailureCode), Is.EqualTo(("Failed", "destination_unknown")));
    }

    [TestCase("Planning")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Canceling")]
    [Edge(EdgeAttribute.Each, "BackfillStepFailed", EdgeAttribute.Each)]
    public async Task Should_not_fail_of_a_step_that_it_does_not_wait_for(string state)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.StepFailed("Another"));
        Assert.That(Run.State, Is.EqualTo(state));
    }

    [Test]
    [Edge("Paused", "BackfillStepFailed", "Canceling")]
    public async Task Should_fail_while_it_is_held()
    {
        await Run.PauseInAsync("Delivering");
        await Run.SendAsync(Run.StepFailed(nameof(DeliverBackfill)));
        Assert.That(Run.State, Is.EqualTo("Canceling"));
    }

    [Test]
    [Edge("Paused", "BackfillStepFailed", "Paused")]
    public async Task Should_stay_held_when_another_step_fails()
    {
        await Run.PauseInAsync("Delivering");
        await Run.SendAsync(Run.StepFailed(nameof(PlanBackfill)));
        Assert.That(Run.State, Is.EqualTo("Paused"));
    }

    [Test]
    [Edge("Canceling", "BackfillStepFailed", "Failed")]
    public async Task Should_be_over_when_even_canceling_cannot_succeed()
    {
        await Run.GoToAsync("Canceling");
        await Run.SendAsync(Run.StepFailed(nameof(CancelDeliveries)));
        Assert.That(Run.State, Is.EqualTo("Failed"));
    }

    [TestCase("Canceling", 2)]
    [TestCase("Failed", 2)]
    [TestCase("Canceled", 2)]
    [Edge(EdgeAttribute.Each, "BackfillPlanned", EdgeAttribute.Each)]
    public async Task Should_settle_a_plan_that_was_finished_after_it_was_stopped(string state, int asked)
    {
        await Run.GoToAsync(state);
        await Run.SendAsync(Run.Planned());
        Assert.That((Run.State, Run.Said<CancelDeliveries>().Count), Is.EqualTo((state, asked)));
    }
}

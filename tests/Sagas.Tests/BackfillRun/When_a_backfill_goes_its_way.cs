using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Sagas.BackfillRun.Messages;

namespace Sagas.Tests.BackfillRun;

internal sealed class When_a_backfill_goes_its_way : RunFixture
{
    [Test]
    [Edge("Initial", "StartBackfill", "Planning")]
    [Edge("Planning", "BackfillPlanned", "AwaitingApproval")]
    [Edge("AwaitingApproval", "ApproveBackfill", "Delivering")]
    [Edge("Delivering", "BackfillProgressed", "Delivering")]
    [Edge("Delivering", "BackfillDelivered", "Verifying")]
    [Edge("Verifying", "BackfillVerified", "Completed")]
    public async Task Should_write_only_what_a_person_let_pass_and_complete_when_the_vendor_shows_it()
    {
        await Run.SendAsync(Run.Start());
        await Run.SendAsync(Run.Planned());
        Assert.That(Run.Said<DeliverBackfill>(), Is.Empty, "nothing before the approval");
        await Run.SendAsync(Run.Approve());
        await Run.SendAsync(Run.Progressed());
        await Run.SendAsync(Run.Delivered());
        await Run.SendAsync(Run.Verified());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Completed"));
            Assert.That((Run.Row.Planned, Run.Row.ToWrite, Run.Row.PlanHash, Run.Row.ApprovedBy), Is.EqualTo((1_000, 900, RunMessages.PlanHash, "ada")));
            Assert.That((Run.Row.Expected, Run.Row.Found, Run.Row.Missing), Is.EqualTo((900, 900, 0)));
            Assert.That(Run.Said<BackfillRunChanged>().Select(said => said.State), Is.EqualTo(new[] { "AwaitingApproval", "Completed" }));
        });
    }

    [Test]
    [Edge("AwaitingApproval", "ApproveBackfill", "AwaitingApproval")]
    public async Task Should_not_take_an_approval_of_another_plan()
    {
        await Run.GoToAsync("AwaitingApproval");
        await Run.SendAsync(Run.Approve("another"));
        Assert.That((Run.State, Run.Said<DeliverBackfill>().Count), Is.EqualTo(("AwaitingApproval", 0)));
    }

    [TestCase("attributes", true)]
    [TestCase("redeliver", true)]
    [TestCase("rebuild", true)]
    [TestCase("rollback", false)]
    [TestCase("everything", false)]
    [Edge("Initial", "StartBackfill", "Failed")]
    public async Task Should_refuse_what_it_cannot_keep(string kind, bool rollsBack)
    {
        await Run.SendAsync(Run.Start(kind, rollsBack ? RunMessages.Before : null));
        Assert.That((Run.State, Run.Row.FailureDetail), Is.EqualTo(("Failed", Run.Row.FailureDetail)));
        Assert.That(Run.Row.FailureCode, Is.EqualTo(kind == "everything" ? "unknown_kind" : "rollback_of_nothing"));
    }

    [TestCase("redeliver")]
    [TestCase("rebuild")]
    public async Task Should_go_the_same_way_with_what_is_done_again_from_the_log(string kind)
    {
        await Run.SendAsync(Run.Start(kind, null));
        Assert.That((Run.State, Run.Said<PlanBackfill>().Single().Kind), Is.EqualTo(("Planning", kind)));
    }

    [Test]
    [Edge("Verifying", "BackfillVerified", "Verifying")]
    [Edge("Verifying", "BackfillVerificationDelayElapsed", "Verifying")]
    [Edge("Verifying", "BackfillVerified", "CompletedWithIssues")]
    public async Task Should_give_the_vendor_time_and_then_say_what_differs()
    {
        await Run.GoToAsync("Verifying");
        await Run.SendAsync(Run.Verified(missing: 3));
        Assert.That(Run.Row.WaitingFor, Does.StartWith("Vendor catching up: 3 of 900"));
        await Run.ElapseAsync<BackfillVerificationDelayElapsed>();
        Assert.That(Run.Said<VerifyBackfill>().Select(asked => asked.Round), Is.EqualTo(new[] { 1, 2 }));
        await Run.SendAsync(Run.Verified(round: 2, missing: 1, last: true));
        Assert.That((Run.State, Run.Row.Missing), Is.EqualTo(("CompletedWithIssues", 1)));
    }

    [Test]
    public async Task Should_ask_for_a_last_time_when_the_patience_ends()
    {
        await Run.GoToAsync("Verifying");
        var (began, round) = (Run.Clock.GetUtcNow(), 0);
        while (round < 50 && !Run.Said<VerifyBackfill>()[^1].IsLastRound)
        {
            await Run.SendAsync(Run.Verified(round: ++round, missing: 3));
            await Run.ElapseAsync<BackfillVerificationDelayElapsed>();
        }

        var waited = Run.Clock.GetUtcNow() - began;
        await Run.SendAsync(Run.Verified(round: round + 1, missing: 3, last: true));
        Assert.That((Run.Said<VerifyBackfill>().Count(asked => asked.IsLastRound), waited, Run.State), Is.EqualTo((1, TimeSpan.FromHours(2), "CompletedWithIssues")));
    }

    [Test]
    [Edge("Verifying", "BackfillStepPostponed", "Verifying")]
    public async Task Should_read_back_again_when_the_destinations_trouble_may_be_over()
    {
        await Run.GoToAsync("Verifying");
        await Run.SendAsync(Run.Postponed(TimeSpan.FromSeconds(20)));
        Assert.That(Run.Timeouts.Single<BackfillVerificationDelayElapsed>().Due, Is.EqualTo(Story.Noon.AddSeconds(20).UtcDateTime));
    }

    [TestCase("Planning")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Canceling")]
    [Edge(EdgeAttribute.Each, "RemindBackfill", EdgeAttribute.Each)]
    [Edge(EdgeAttribute.Each, "BackfillProgressTimeoutElapsed", EdgeAttribute.Each)]
    [Edge(EdgeAttribute.Each, "BackfillDiagnosed", EdgeAttribute.Each)]
    [Edge(EdgeAttribute.Each, "BackfillProgressed", EdgeAttribute.Each)]
    public async Task Should_say_why_it_stands_still_and_ask_for_the_step_again(string state)
    {
        await Run.GoToAsync(state);
        var before = Run.SaidCount;
        await Run.SendAsync(Run.Remind());
        Assert.That(Run.SaidCount, Is.EqualTo(before + 1), "the step again");
        await Run.StandStillAsync();
        Assert.That(Run.Said<DiagnoseBackfill>(), Has.Count.EqualTo(1));
        await Run.SendAsync(Run.Diagnosed());
        Assert.That((Run.Row.DiagnosisCode, Run.Row.StalledSince), Is.EqualTo(("quota", Story.Noon)));
        await Run.SendAsync(Run.Progressed());
        Assert.That((Run.Row.DiagnosisCode, Run.Row.StalledSince), Is.EqualTo(((string?)null, (DateTimeOffset?)null)));
    }
}

using IntegrationHub.Contracts.Audiences;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_paused : RunFixture
{
    [TestCase("Snapshotting", 2, 0, 0, 0)]
    [TestCase("Planning", 0, 2, 0, 0)]
    [TestCase("AwaitingApproval", 0, 1, 0, 0)]
    [TestCase("Delivering", 0, 1, 2, 0)]
    [TestCase("Verifying", 0, 1, 1, 2)]
    [Edge("*", "PauseAudienceSync", "Paused")]
    [Edge("Paused", "ResumeAudienceSync", "*")]
    public async Task Should_go_on_where_it_was_and_ask_for_the_pending_step_again(string state, int snapshots, int plans, int doorbells, int readBacks)
    {
        await Run.PauseInAsync(state);
        await Run.SendAsync(Run.Resume());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo(state));
            Assert.That(Run.Row.ResumeState, Is.Null);
            Assert.That(Run.Row.HeldUntil, Is.EqualTo(Run.Clock.GetUtcNow()));
            Assert.That(Run.Said<ApplySnapshot>(), Has.Count.EqualTo(snapshots));
            Assert.That(Run.Said<PlanAudienceSync>(), Has.Count.EqualTo(plans));
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(doorbells));
            Assert.That(Run.Said<VerifyAudienceSync>(), Has.Count.EqualTo(readBacks));
            Assert.That(Run.Timeouts.Pending, Has.Count.EqualTo(state == "AwaitingApproval" ? 0 : 1));
        });
    }

    [TestCase("Snapshotting")]
    [TestCase("Planning")]
    [TestCase("AwaitingApproval")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    public async Task Should_say_who_holds_it_and_watch_nothing(string state)
    {
        await Run.PauseInAsync(state);

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.ResumeState, Is.EqualTo(state));
            Assert.That(Run.Row.WaitingFor, Does.Contain("ada").And.Contain($"sync resume {Run.Id}"));
            Assert.That(Run.Timeouts.Pending, Is.Empty);
        });
    }

    [Test]
    [Edge("Paused", "SnapshotApplied", "Paused")]
    public async Task Should_not_lose_a_snapshot_that_is_applied_meanwhile()
    {
        await Run.PauseInAsync("Snapshotting");
        await Run.SendAsync(Run.Applied());
        await Run.SendAsync(Run.Resume());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Planning"));
            Assert.That(Run.Said<ApplySnapshot>(), Has.Count.EqualTo(1));
        });
    }

    [TestCase(50, "Delivering")]
    [TestCase(500, "AwaitingApproval")]
    [Edge("Paused", "AudienceSyncPlanned", "Paused")]
    public async Task Should_not_lose_a_plan_that_is_made_meanwhile(long remove, string state)
    {
        await Run.PauseInAsync("Planning");
        await Run.SendAsync(Run.Planned(remove: remove));
        var saidWhilePaused = Run.Said<DeliverAudienceSync>().Count + Run.Said<AudienceSyncAwaitingApproval>().Count;
        await Run.SendAsync(Run.Resume());

        Assert.Multiple(() =>
        {
            Assert.That(saidWhilePaused, Is.Zero);
            Assert.That(Run.State, Is.EqualTo(state));
            Assert.That(Run.Row.ToRemove, Is.EqualTo(remove));
            Assert.That(Run.Said<PlanAudienceSync>(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Edge("Paused", "AudienceSyncDelivered", "Paused")]
    public async Task Should_not_lose_the_end_of_the_deliveries()
    {
        await Run.PauseInAsync("Delivering");
        await Run.SendAsync(Run.Delivered());
        await Run.SendAsync(Run.Resume());

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Verifying"));
            Assert.That(Run.Row.DeliveredAt, Is.Not.Null);
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(1));
        });
    }

    [Test]
    [Edge("Paused", "AudienceSyncVerified", "Paused")]
    public async Task Should_show_a_read_back_that_comes_meanwhile_and_ask_for_its_round_again()
    {
        await Run.PauseInAsync("Verifying");
        await Run.SendAsync(Run.Verified(missing: 7));
        var missing = Run.Row.Missing;
        await Run.SendAsync(Run.Resume());

        Assert.Multiple(() =>
        {
            Assert.That(missing, Is.EqualTo(7));
            Assert.That(Run.Said<VerifyAudienceSync>().Select(asked => asked.Round), Is.EqualTo([1, 1]));
        });
    }

    [Test]
    [Edge("Paused", "AudienceSyncProgressed", "Paused")]
    public async Task Should_keep_saying_why_it_waits_while_batches_under_way_are_finished()
    {
        await Run.PauseInAsync("Delivering");
        Run.Clock.Advance(TimeSpan.FromSeconds(5));
        await Run.SendAsync(Run.Progressed());

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.LastProgressAt, Is.EqualTo(Story.Noon.AddSeconds(5)));
            Assert.That(Run.Row.WaitingFor, Does.Contain("Paused by ada"));
        });
    }

    [TestCase("SnapshotApplied")]
    [TestCase("AudienceSyncPlanned")]
    [TestCase("AudienceSyncDelivered")]
    [TestCase("AudienceSyncVerified")]
    public async Task Should_not_be_moved_by_a_repeat_of_an_earlier_answer(string message)
    {
        await Run.PauseInAsync("AwaitingApproval");
        var before = Run.RowAsText;
        await Run.SendByNameAsync(message);

        Assert.That(Run.RowAsText, Is.EqualTo(before));
    }

    [Test]
    public async Task Should_forget_a_stall()
    {
        await Run.GoToAsync("Delivering");
        await Run.StandStillAsync();
        await Run.SendAsync(Run.Diagnosed());
        await Run.SendAsync(Run.Pause());

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.StalledSince, Is.Null);
            Assert.That(Run.Row.DiagnosisCode, Is.Null);
            Assert.That(Run.Row.WaitingFor, Does.StartWith("Paused"));
        });
    }
}

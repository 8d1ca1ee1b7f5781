using IntegrationHub.Contracts.Backfills;

namespace Sagas.Tests.BackfillRun;

internal sealed class When_a_backfill_is_rolled_back : RunFixture
{
    [TestCase("Completed")]
    [TestCase("CompletedWithIssues")]
    [TestCase("Failed")]
    [TestCase("Canceled")]
    [Edge(EdgeAttribute.Each, "BackfillRollbackBegan", "RollingBack")]
    [Edge("RollingBack", "BackfillRollbackEnded", "RolledBack")]
    public async Task Should_be_rolled_back_when_its_rollback_is_done(string state)
    {
        await Run.GoToAsync(state);
        var over = Run.Row.FinishedAt;
        await Run.SendAsync(Run.RollbackBegan());
        Assert.That((Run.State, Run.Row.RollbackId), Is.EqualTo(("RollingBack", RunMessages.Rollback)));
        await Run.SendAsync(Run.RollbackEnded());
        Assert.That((Run.State, Run.Row.FinishedAt), Is.EqualTo(("RolledBack", over)));
    }

    [Test]
    [Edge("RollingBack", "BackfillRollbackEnded", "CompletedWithIssues")]
    [Edge("CompletedWithIssues", "BackfillRollbackBegan", "RollingBack")]
    public async Task Should_be_open_to_another_rollback_when_one_was_stopped()
    {
        await Run.GoToAsync("RollingBack");
        await Run.SendAsync(Run.RollbackEnded(isDone: false));
        Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
        await Run.SendAsync(Run.RollbackBegan());
        Assert.That(Run.State, Is.EqualTo("RollingBack"));
    }

    [Test]
    [Edge("RollingBack", "BackfillRollbackEnded", "RollingBack")]
    public async Task Should_not_listen_to_another_rollback()
    {
        await Run.GoToAsync("RollingBack");
        await Run.SendAsync(Run.RollbackEnded() with { RollbackId = RunMessages.Before });
        Assert.That(Run.State, Is.EqualTo("RollingBack"));
    }

    [Test]
    public async Task Should_tell_the_run_that_it_takes_back_from_the_first_write_to_the_end()
    {
        await Run.SendAsync(Run.Start(BackfillKind.Rollback, RunMessages.Before));
        await Run.SendAsync(Run.Planned());
        Assert.That(Run.Said<BackfillRollbackBegan>(), Is.Empty, "nothing is written yet");
        await Run.SendAsync(Run.Approve());
        Assert.That(Run.Said<BackfillRollbackBegan>().Single(), Is.EqualTo(new BackfillRollbackBegan { RunId = RunMessages.Before, RollbackId = Run.Id, At = Story.Noon }));
        await Run.SendAsync(Run.Delivered());
        await Run.SendAsync(Run.Verified());
        Assert.That(Run.Said<BackfillRollbackEnded>().Single(), Is.EqualTo(new BackfillRollbackEnded { RunId = RunMessages.Before, RollbackId = Run.Id, IsDone = true, At = Story.Noon }));
    }

    [TestCase(true)]
    [TestCase(false)]
    public async Task Should_say_that_it_was_stopped_only_when_it_had_begun(bool begun)
    {
        await Run.SendAsync(Run.Start(BackfillKind.Rollback, RunMessages.Before));
        await Run.SendAsync(Run.Planned());
        if (begun)
        {
            await Run.SendAsync(Run.Approve());
        }

        await Run.SendAsync(Run.Cancel());
        await Run.SendAsync(Run.NothingPending());
        Assert.That(Run.Said<BackfillRollbackEnded>().Select(said => said.IsDone), Is.EqualTo(begun ? new[] { false } : []));
    }
}

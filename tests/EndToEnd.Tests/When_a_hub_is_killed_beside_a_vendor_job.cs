namespace EndToEnd.Tests;

/// <summary>
/// A hub is killed (SIGKILL) while the vendor works on its import, and at the instants around it. The database holds the hub
/// up at the statement in question, so the kill never comes too early or too late.
/// </summary>
[TestFixture]
[Category("Slow")]
[Parallelizable(ParallelScope.All)]
public sealed class When_a_hub_is_killed_beside_a_vendor_job
{
    private const string AJobIsWrittenDown = "EXISTS (SELECT 1 FROM bulk_jobs)";
    private const string TheRunIsPlanned = "EXISTS (SELECT 1 FROM audience_syncs WHERE current_state = 'Delivering') AND EXISTS (SELECT 1 FROM deliveries)";

    [Test]
    public async Task Should_send_one_job_and_settle_it_once_when_killed_right_after_planning_and_again_in_the_middle_of_settling()
    {
        await using var scene = await BulkScene.OpenAsync();
        await using (await scene.HoldJobsAsync("ACCESS EXCLUSIVE"))
        {
            await scene.StartRunAsync();
            await scene.UntilAsync(TheRunIsPlanned);
            await scene.UntilHeldUpAsync("SELECT");
            await scene.KillAsync();
        }

        Assert.That(await scene.ImportsAsync(), Is.Zero);
        await scene.RestartAsync();
        await scene.UntilAsync(AJobIsWrittenDown);
        await using (await scene.HoldJobsAsync("SHARE"))
        {
            await scene.UntilHeldUpAsync("DELETE FROM bulk_jobs");
            await scene.KillAsync();
        }

        Assert.That((await scene.IsImportingAsync(), await scene.CountAsync("bulk_jobs")), Is.EqualTo((false, 1L)));
        await scene.RestartAsync();
        await scene.ShouldEndWellAsync(imports: 1);
    }

    /// <summary>
    /// The one instant at which rows are sent twice: the vendor took the job and nobody wrote that down. Whoever may have been sent goes by the call for
    /// single records, which tells what became of each. Both only add and update, so what is promised is the same people, each once.
    /// </summary>
    [Test]
    public async Task Should_send_the_same_rows_again_and_harm_nobody_when_killed_before_the_vendors_answer_is_written_down()
    {
        await using var scene = await BulkScene.OpenAsync();
        await using (await scene.HoldJobsAsync("SHARE"))
        {
            await scene.StartRunAsync();
            await scene.UntilHeldUpAsync("INSERT INTO bulk_jobs");
            await scene.KillAsync();
        }

        Assert.That((await scene.ImportsAsync(), await scene.CountAsync("bulk_jobs")), Is.EqualTo((1L, 0L)));
        await scene.RestartAsync();
        await scene.ShouldEndWellAsync(imports: 1, sentAgain: true);
    }

    [Test]
    public async Task Should_let_another_hub_follow_the_job_that_was_running_at_the_vendor()
    {
        await using var scene = await BulkScene.OpenAsync();
        await scene.SlowImportsAsync(2_500);
        await scene.StartRunAsync();
        await scene.UntilAsync(AJobIsWrittenDown);
        await scene.KillAsync();
        Assert.That(await scene.IsImportingAsync(), Is.True);
        await scene.HandOverAsync();
        await scene.ShouldEndWellAsync(imports: 1);
    }
}

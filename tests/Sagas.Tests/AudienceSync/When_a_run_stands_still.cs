using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_stands_still : RunFixture
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMinutes(2);

    [TestCase("Snapshotting", typeof(ApplySnapshot))]
    [TestCase("Planning", typeof(PlanAudienceSync))]
    [TestCase("Delivering", typeof(DeliverAudienceSync))]
    [TestCase("Verifying", typeof(VerifyAudienceSync))]
    [TestCase("Canceling", typeof(CancelDeliveries))]
    [Edge("*", "ProgressTimeoutElapsed", "*")]
    public async Task Should_ask_why_and_ask_for_the_pending_step_again(string state, Type step)
    {
        await Run.GoToAsync(state);
        var asked = Count(step);
        var due = Run.Timeouts.Single<ProgressTimeoutElapsed>().Due;
        await Run.StandStillAsync();

        Assert.Multiple(() =>
        {
            Assert.That(due, Is.EqualTo((Story.Noon + Timeout).UtcDateTime));
            Assert.That(Run.Said<DiagnoseAudienceSync>().Single(), Is.EqualTo(new DiagnoseAudienceSync
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", State = state,
            }));
            Assert.That(Count(step), Is.EqualTo(asked + 1));
            Assert.That(Run.State, Is.EqualTo(state));
            Assert.That(Run.Timeouts.Single<ProgressTimeoutElapsed>().Due, Is.EqualTo((Story.Noon + (2 * Timeout)).UtcDateTime));
        });
    }

    [TestCase("Snapshotting")]
    [TestCase("Planning")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Canceling")]
    [Edge("*", "AudienceSyncDiagnosed", "*")]
    public async Task Should_be_marked_stalled_with_the_diagnosis(string state)
    {
        await Run.GoToAsync(state);
        await Run.StandStillAsync();
        await Run.SendAsync(Run.Diagnosed());

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.StalledSince, Is.EqualTo(Story.Noon), "since the last progress");
            Assert.That(Run.Row.DiagnosisCode, Is.EqualTo("quota"));
            Assert.That(Run.Row.DiagnosisDetail, Does.Contain("midnight"));
            Assert.That(Run.Row.WaitingFor, Does.Contain("midnight"));
            Assert.That(Run.Said<AudienceSyncStalled>().Single(), Is.EqualTo(new AudienceSyncStalled
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", State = state, Code = "quota",
                Detail = "The vendor's daily quota is used up; it goes on at midnight.", At = Story.Noon + Timeout,
            }));
        });
    }

    [TestCase("Snapshotting")]
    [TestCase("Planning")]
    [TestCase("Delivering")]
    [TestCase("Verifying")]
    [TestCase("Canceling")]
    [Edge("*", "AudienceSyncProgressed", "*")]
    public async Task Should_end_the_stall_with_progress(string state)
    {
        await Run.GoToAsync(state);
        await Run.StandStillAsync();
        await Run.SendAsync(Run.Diagnosed());
        await Run.SendAsync(Run.Progressed());

        Assert.That(
            (Run.Row.StalledSince, Run.Row.DiagnosisCode, Run.Row.DiagnosisDetail, Run.Row.WaitingFor),
            Is.EqualTo(((DateTimeOffset?)null, (string?)null, (string?)null, (string?)null)));
    }

    [TestCase("Snapshotting", typeof(ApplySnapshot))]
    [TestCase("Planning", typeof(PlanAudienceSync))]
    [TestCase("Delivering", typeof(DeliverAudienceSync))]
    [TestCase("Verifying", typeof(VerifyAudienceSync))]
    [TestCase("Canceling", typeof(CancelDeliveries))]
    [Edge("*", "RemindAudienceSync", "*")]
    public async Task Should_ask_for_the_pending_step_when_the_hub_reminds_it_after_a_restart(string state, Type step)
    {
        await Run.GoToAsync(state);
        var asked = Count(step);
        await Run.SendAsync(Run.Remind());

        Assert.Multiple(() =>
        {
            Assert.That(Count(step), Is.EqualTo(asked + 1));
            Assert.That(Run.Said<DiagnoseAudienceSync>(), Is.Empty, "it was not asked why");
            Assert.That(Run.State, Is.EqualTo(state));
        });
    }

    [Test]
    public async Task Should_repeat_itself_while_it_lasts_and_keep_since_when()
    {
        await Run.GoToAsync("Delivering");
        for (var look = 1; look <= 3; look++)
        {
            await Run.StandStillAsync();
            await Run.SendAsync(Run.Diagnosed());
        }

        Assert.Multiple(() =>
        {
            Assert.That(Run.Said<AudienceSyncStalled>(), Has.Count.EqualTo(3));
            Assert.That(Run.Row.StalledSince, Is.EqualTo(Story.Noon));
            Assert.That(Run.Timeouts.Pending, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_look_again_later_when_there_was_progress()
    {
        await Run.GoToAsync("Delivering");
        Run.Clock.Advance(TimeSpan.FromSeconds(90));
        await Run.SendAsync(Run.Progressed());
        await Run.StandStillAsync();

        Assert.Multiple(() =>
        {
            Assert.That(Run.Said<DiagnoseAudienceSync>(), Is.Empty);
            Assert.That(Run.Said<DeliverAudienceSync>(), Has.Count.EqualTo(1));
            Assert.That(Run.Timeouts.Single<ProgressTimeoutElapsed>().Due, Is.EqualTo((Story.Noon.AddSeconds(90) + Timeout).UtcDateTime));
        });
    }

    [Test]
    public async Task Should_drop_a_timeout_that_was_replaced()
    {
        await Run.GoToAsync("Planning");
        var old = Run.Timeouts.Single<ProgressTimeoutElapsed>();
        await Run.SendAsync(Run.Planned());
        Run.Clock.Advance(Timeout);
        await Run.FireAsync<ProgressTimeoutElapsed>(old);

        Assert.Multiple(() =>
        {
            Assert.That(Run.Said<DiagnoseAudienceSync>(), Is.Empty);
            Assert.That(Run.Timeouts.Pending, Has.Count.EqualTo(1));
        });
    }

    [Test]
    public async Task Should_be_as_patient_as_it_is_told()
    {
        await using var impatient = await BeginStoryAsync(options => options.ProgressTimeout = TimeSpan.FromSeconds(5));
        await impatient.GoToAsync("Delivering");

        Assert.That(impatient.Timeouts.Single<ProgressTimeoutElapsed>().Due, Is.EqualTo(Story.Noon.AddSeconds(5).UtcDateTime));
    }

    private int Count(Type message) => message.Name switch
    {
        nameof(ApplySnapshot) => Run.Said<ApplySnapshot>().Count,
        nameof(PlanAudienceSync) => Run.Said<PlanAudienceSync>().Count,
        nameof(DeliverAudienceSync) => Run.Said<DeliverAudienceSync>().Count,
        nameof(VerifyAudienceSync) => Run.Said<VerifyAudienceSync>().Count,
        _ => Run.Said<CancelDeliveries>().Count,
    };
}

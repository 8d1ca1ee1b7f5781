using IntegrationHub.Contracts.Audiences;
using MassTransit;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_requested : RunFixture
{
    [Test]
    [Edge("Initial", "StartAudienceSync", "Planning")]
    public async Task Should_plan_at_once_without_a_snapshot()
    {
        await Run.SendAsync(Run.Start(mode: SyncMode.Delta));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Planning"));
            Assert.That(Run.Said<PlanAudienceSync>().Single(), Is.EqualTo(new PlanAudienceSync
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", Mode = "delta",
            }));
            Assert.That(Run.Said<AudienceSyncStarted>().Single(), Is.EqualTo(new AudienceSyncStarted
            {
                RunId = Run.Id, Audience = "vip", Destination = "braze", Mode = "delta", At = Story.Noon,
            }));
            Assert.That(Run.Said<ApplySnapshot>(), Is.Empty);
        });
    }

    [Test]
    [Edge("Initial", "StartAudienceSync", "Snapshotting")]
    public async Task Should_apply_the_snapshot_first_when_one_is_given()
    {
        var snapshot = NewId.NextGuid();
        await Run.SendAsync(Run.Start(snapshot));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Snapshotting"));
            Assert.That(Run.Said<ApplySnapshot>().Single().SnapshotId, Is.EqualTo(snapshot));
            Assert.That(Run.Said<PlanAudienceSync>(), Is.Empty);
        });
    }

    [Test]
    public async Task Should_keep_the_request_on_the_row()
    {
        await Run.SendAsync(Run.Start(share: 0.25, multiple: 3) with { At = Story.Noon.ToOffset(TimeSpan.FromHours(2)) });

        Assert.Multiple(() =>
        {
            Assert.That(Run.Row.Lane, Is.EqualTo("bulk"));
            Assert.That(Run.Row.RequestedBy, Is.EqualTo("cli"));
            Assert.That(Run.Row.RequestedAt, Is.EqualTo(Story.Noon));
            Assert.That(Run.Row.RequestedAt.Offset, Is.EqualTo(TimeSpan.Zero), "the database takes UTC only");
            Assert.That(Run.Row.MaxRemovalShare, Is.EqualTo(0.25));
            Assert.That(Run.Row.MaxAdditionMultiple, Is.EqualTo(3));
            Assert.That(Run.Row.LastProgressAt, Is.EqualTo(Story.Noon));
        });
    }

    [TestCase("sideways", 0.3, null, "unknown_mode")]
    [TestCase("full", -0.1, null, "invalid_guardrail")]
    [TestCase("full", 1.1, null, "invalid_guardrail")]
    [TestCase("full", 0.3, -1.0, "invalid_guardrail")]
    [TestCase("full", 0.3, 1e300, "invalid_guardrail")]
    public async Task Should_refuse_what_it_cannot_keep(string mode, double share, double? multiple, string code)
    {
        await Run.SendAsync(Run.Start(mode: mode, share: share, multiple: multiple));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Failed"));
            Assert.That(Run.Row.FailureCode, Is.EqualTo(code));
            Assert.That(Run.Row.FinishedAt, Is.EqualTo(Story.Noon));
            Assert.That(Run.Said<AudienceSyncFailed>().Single().Code, Is.EqualTo(code));
            Assert.That(Run.SaidCount, Is.EqualTo(1), "nothing was started");
            Assert.That(Run.Timeouts.Pending, Is.Empty);
        });
    }

    [Test]
    [Edge("Initial", "StartAudienceSync", "Failed")]
    public async Task Should_say_which_field_to_mend()
    {
        await Run.SendAsync(Run.Start(share: 30));

        Assert.That(Run.Row.FailureDetail, Does.Contain("max_removal_share").And.Contain("0 to 1"));
    }
}

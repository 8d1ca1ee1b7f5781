using MassTransit;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_unknown : RunFixture
{
    [TestCase("ApproveAudienceSync")]
    [TestCase("PauseAudienceSync")]
    [TestCase("ResumeAudienceSync")]
    [TestCase("CancelAudienceSync")]
    public void Should_refuse_an_operators_command_where_somebody_sees_it(string command) =>
        Assert.That(async () => await Run.SendByNameAsync(command), Throws.InstanceOf<SagaException>());

    [TestCase("SnapshotApplied")]
    [TestCase("AudienceSyncPlanned")]
    [TestCase("AudienceSyncProgressed")]
    [TestCase("AudienceSyncDelivered")]
    [TestCase("AudienceSyncVerified")]
    [TestCase("DeliveriesCanceled")]
    [TestCase("AudienceSyncStepFailed")]
    [TestCase("AudienceSyncDiagnosed")]
    [TestCase("ProgressTimeoutElapsed")]
    [TestCase("VerificationDelayElapsed")]
    public async Task Should_drop_what_nobody_waits_for(string message)
    {
        await Run.SendByNameAsync(message);

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Initial"), "no row was made");
            Assert.That(Run.SaidCount, Is.Zero);
        });
    }
}

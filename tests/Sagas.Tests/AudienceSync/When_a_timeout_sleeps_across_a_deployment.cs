using System.Text.Json;
using IntegrationHub.Sagas.AudienceSync.Messages;
using MassTransit;

namespace Sagas.Tests.AudienceSync;

/// <summary>What was scheduled by yesterday's version must be understood by today's: these texts are frozen.</summary>
internal sealed class When_a_timeout_sleeps_across_a_deployment
{
    private static readonly Guid RunId = new("11111111-2222-3333-4444-555555555555");

    [Test]
    public void Should_keep_the_progress_timeout_as_it_is() => ShouldBe(
        new ProgressTimeoutElapsed { RunId = RunId }, "urn:message:IntegrationHub.Sagas.AudienceSync.Messages:ProgressTimeoutElapsed");

    [Test]
    public void Should_keep_the_verification_delay_as_it_is() => ShouldBe(
        new VerificationDelayElapsed { RunId = RunId }, "urn:message:IntegrationHub.Sagas.AudienceSync.Messages:VerificationDelayElapsed");

    private static void ShouldBe<T>(T timeout, string urn)
        where T : class => Assert.Multiple(() =>
    {
        Assert.That(MessageUrn.ForTypeString<T>(), Is.EqualTo(urn));
        Assert.That(JsonSerializer.Serialize(timeout), Is.EqualTo("""{"RunId":"11111111-2222-3333-4444-555555555555"}"""));
    });
}

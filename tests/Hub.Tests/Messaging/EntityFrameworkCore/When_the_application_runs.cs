using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixture]
internal sealed class When_the_application_runs() : BridgeFixture(Platform.PostgresInMemory)
{
    [Test]
    public void Should_have_usage_telemetry_off() =>
        Assert.That(Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled, Is.False);
}

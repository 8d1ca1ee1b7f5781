using IntegrationHub.Hub.Messaging;
using IntegrationHub.Sagas.Runs;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>How long runs wait is what the settings of the hub say.</summary>
public sealed class When_runs_are_given_time
{
    [Test]
    public void Should_be_as_the_hub_was_told()
    {
        var services = new ServiceCollection();
        services.AddHubBus(new HubOptions { ProgressTimeout = TimeSpan.FromMinutes(3), VerificationPatience = TimeSpan.FromHours(4), FieldPatience = TimeSpan.FromMinutes(5) });
        using var provider = services.BuildServiceProvider();
        var patience = provider.GetRequiredService<IOptions<RunOptions>>().Value;
        Assert.That(
            (patience.ProgressTimeout, patience.VerificationPatience, patience.FieldPatience),
            Is.EqualTo((TimeSpan.FromMinutes(3), TimeSpan.FromHours(4), TimeSpan.FromMinutes(5))));
    }
}

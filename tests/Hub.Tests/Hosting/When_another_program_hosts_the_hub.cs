using IntegrationHub.Hub;
using Microsoft.AspNetCore.Builder;

namespace IntegrationHub.Hub.Tests.Hosting;

/// <summary>Programs that host a hub find it by names, with nobody who compiles them: these names and parameters stay.</summary>
public sealed class When_another_program_hosts_the_hub
{
    [Test]
    public void Should_be_built_by_one_method_with_settings_and_a_last_word() => Assert.That(
        typeof(HubApplication).GetMethods().Where(method => method.Name == "BuildAsync").Select(method => method.GetParameters().Select(parameter => parameter.ParameterType)).Single(),
        Is.EqualTo(new[] { typeof(string[]), typeof(Action<WebApplicationBuilder>), typeof(CancellationToken) }));

    [Test]
    public void Should_be_started_and_ended() => Assert.Multiple(() =>
    {
        Assert.That(typeof(HubApplication).GetMethod("StartAsync")?.GetParameters().Select(parameter => parameter.ParameterType), Is.EqualTo(new[] { typeof(CancellationToken) }));
        Assert.That(typeof(HubApplication).GetProperty("Web")?.PropertyType.IsAssignableTo(typeof(Microsoft.Extensions.Hosting.IHost)), Is.True);
    });
}

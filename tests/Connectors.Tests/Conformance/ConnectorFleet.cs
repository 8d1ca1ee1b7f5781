using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze;
using IntegrationHub.Connectors.HubSpot;
using IntegrationHub.Connectors.Marketo;
using Microsoft.Extensions.DependencyInjection;

namespace Connectors.Tests.Conformance;

/// <summary>Every connector there is, found the way the hub finds them: by the factories that their <c>Add…</c> methods register.</summary>
internal static class ConnectorFleet
{
    public static IReadOnlyDictionary<string, IConnectorFactory> Factories { get; } = Register(new ServiceCollection())
        .BuildServiceProvider()
        .GetServices<IConnectorFactory>()
        .ToDictionary(factory => factory.Descriptor.Name);

    private static IServiceCollection Register(IServiceCollection services) => services
        .AddBraze()
        .AddHubSpot()
        .AddMarketo();
}

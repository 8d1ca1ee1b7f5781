using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Makes Braze available as a destination.</summary>
public static class BrazeServiceCollectionExtensions
{
    // destinations/braze.yaml:
    //   connector: braze
    //   base_url: https://rest.fra-01.braze.eu
    //   identity_key: external_id
    //   secrets:
    //     api_key: env:BRAZE_API_KEY

    /// <summary>Registers the Braze connector; destinations find it by the name <c>braze</c>. Calling it again changes nothing.</summary>
    public static IServiceCollection AddBraze(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectorFactory, BrazeConnectorFactory>());
        return services;
    }
}

internal sealed class BrazeConnectorFactory : IConnectorFactory
{
    public ConnectorDescriptor Descriptor => BrazeDescriptor.Instance;

    public IReadOnlyList<SettingError> Validate(DestinationSettings settings) => BrazeOptions.Validate(settings);

    public ConnectorBehind Create(ConnectorContext context) => gate => new BrazeConnector(context, gate);
}

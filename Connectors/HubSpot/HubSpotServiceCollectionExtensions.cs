using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>Makes HubSpot available as a destination.</summary>
public static class HubSpotServiceCollectionExtensions
{
    // destinations/hubspot.yaml:
    //   connector: hubspot
    //   base_url: https://api.hubapi.com
    //   identity_key: hub_external_id
    //   secrets:
    //     access_token: env:HUBSPOT_ACCESS_TOKEN
    //   settings:
    //     membership_batch_size: 1000
    //     portal_id: 62515
    //     account_time_zone: US/Eastern

    /// <summary>Registers the HubSpot connector; destinations find it by the name <c>hubspot</c>. Calling it again changes nothing.</summary>
    public static IServiceCollection AddHubSpot(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IConnectorFactory, HubSpotConnectorFactory>());
        return services;
    }
}

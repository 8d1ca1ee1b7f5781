using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Registers the Marketo connector.</summary>
public static class MarketoServiceCollectionExtensions
{
    // destinations/marketo.yaml:
    //   connector: marketo
    //   base_url: https://123-ABC-456.mktorest.com
    //   identity_key: email
    //   credentials: { client_id: env:MARKETO_CLIENT_ID, client_secret: env:MARKETO_CLIENT_SECRET }
    //   settings: { folder_id: 1034, folder_type: Folder, partition_name: EU }

    /// <summary>Adds the factory of Marketo connectors; the hub finds it by the descriptor's name, <c>marketo</c>.</summary>
    public static IServiceCollection AddMarketo(this IServiceCollection services) => services.AddSingleton<IConnectorFactory, MarketoConnectorFactory>();
}

using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Erasures;
using MassTransit;
using Microsoft.AspNetCore.Diagnostics;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Erasures in a hub instance.</summary>
internal static class ErasureSetup
{
    private const string Endpoint = "hub-erasure";
    private const int AtOnce = 4;

    /// <summary>Adds what erasures need.</summary>
    /// <exception cref="HubConfigurationException">A secret is missing or wrong.</exception>
    public static IServiceCollection AddErasures(this IServiceCollection services, HubOptions options) => services
        .AddSingleton(ErasureSecrets.ReadTombstones(options))
        .AddSingleton(ErasureSecrets.ReadCertificateKey(options))
        .AddSingleton<PersonDeletion>()
        .AddSingleton<ErasureAcceptance>()
        .AddSingleton<ErasureApproval>()
        .AddSingleton<IApprovable>(provider => provider.GetRequiredService<ErasureApproval>())
        .AddSingleton<ErasureDesk>()
        .AddSingleton<IExceptionHandler>(new MissingSecretAnswer<UnknownTombstoneSecretException>("tombstone-secret-missing", "Hub:TombstoneKeys"));

    /// <summary>Adds the consumers.</summary>
    public static void AddErasureConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<SuppressPersonConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<EraseAtDestinationsConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<EraseOwnTablesConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<RecheckDestinationsConsumer>().ExcludeFromConfigureEndpoints();
    }

    /// <summary>Maps their endpoint, on places of its own: a vendor that takes its time holds up no run.</summary>
    public static void MapErasures<TEndpoint>(this IBusFactoryConfigurator<TEndpoint> bus, IBusRegistrationContext context, Action<TEndpoint> common)
        where TEndpoint : IReceiveEndpointConfigurator => bus.ReceiveEndpoint(Endpoint, endpoint =>
    {
        endpoint.PrefetchCount = AtOnce;
        endpoint.ConcurrentMessageLimit = AtOnce;
        common(endpoint);
        endpoint.ConfigureConsumer<SuppressPersonConsumer>(context);
        endpoint.ConfigureConsumer<EraseAtDestinationsConsumer>(context);
        endpoint.ConfigureConsumer<EraseOwnTablesConsumer>(context);
        endpoint.ConfigureConsumer<RecheckDestinationsConsumer>(context);
    });
}

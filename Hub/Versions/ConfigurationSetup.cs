using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Versions.Effects;

namespace IntegrationHub.Hub.Versions;

/// <summary>Registers what applies and follows versions of the configuration.</summary>
internal static class ConfigurationSetup
{
    /// <param name="services">The services.</param>
    /// <param name="running">What the hub runs.</param>
    public static IServiceCollection AddConfigurationVersions(this IServiceCollection services, RunningConfiguration running) => services
        .AddSingleton(running).AddSingleton<ConfigurationCompiler>().AddSingleton<ConfigurationActivation>().AddHostedService<ConfigurationWatch>()
        .AddSingleton<Renamer>().AddSingleton<ConfigurationDesk>().AddSingleton<EffectsReader>().AddSingleton<IApprovable>(provider => provider.GetRequiredService<ConfigurationDesk>());
}

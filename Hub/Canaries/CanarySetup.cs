using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Schedules;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Who lets canaries set off, and who looks for them.</summary>
internal static class CanarySetup
{
    /// <summary>Where no canary is configured, no bell rings for them.</summary>
    public static IServiceCollection AddCanaries(this IServiceCollection services, HubConfiguration configuration)
    {
        services.AddSingleton<CanaryDeparture>().AddSingleton<CanaryLook>().AddSingleton<CanaryReader>().AddHostedService(provider => provider.GetRequiredService<CanaryReader>());
        return configuration.Canaries.Count == 0 ? services : services.AddSingleton<CanaryJourney>().AddSingleton<IHubJob>(provider => provider.GetRequiredService<CanaryJourney>());
    }
}

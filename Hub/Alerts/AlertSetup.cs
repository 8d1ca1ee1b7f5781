namespace IntegrationHub.Hub.Alerts;

/// <summary>Who looks, and who tells.</summary>
internal static class AlertSetup
{
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddHttpClient(AlertSender.Client, http => http.Timeout = AlertSender.Timeout);
        return services.AddSingleton<AlertWatch>().AddHostedService(provider => provider.GetRequiredService<AlertWatch>())
            .AddSingleton<AlertSender>().AddHostedService(provider => provider.GetRequiredService<AlertSender>());
    }
}

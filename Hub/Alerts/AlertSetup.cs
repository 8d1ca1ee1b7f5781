namespace IntegrationHub.Hub.Alerts;

/// <summary>Who looks, and who tells.</summary>
internal static class AlertSetup
{
    public static IServiceCollection AddAlerts(this IServiceCollection services)
    {
        services.AddHttpClient(AlertTeller.Client, http => http.Timeout = AlertTeller.Timeout);
        return services.AddSingleton<AlertTeller>().AddHostedService<DatabaseWatch>().AddSingleton<AlertWatch>().AddHostedService(provider => provider.GetRequiredService<AlertWatch>())
            .AddSingleton<AlertSender>().AddHostedService(provider => provider.GetRequiredService<AlertSender>());
    }
}

namespace IntegrationHub.Hub.Diagnosis;

/// <summary>Heartbeats. What is safe to do about a stall is done elsewhere: runs remind themselves (AudienceSync), and DoorbellSweeper rings for work that nobody took.</summary>
internal static class DiagnosisSetup
{
    public static IServiceCollection AddDiagnosis(this IServiceCollection services)
    {
        services.AddOptions<WatchOptions>().BindConfiguration("Hub:Watch").ValidateDataAnnotations().ValidateOnStart();
        return services.AddHostedService<Heart>();
    }
}

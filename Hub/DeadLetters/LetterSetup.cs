using IntegrationHub.Hub.Approvals;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>Dead letters as people work on them.</summary>
internal static class LetterSetup
{
    public static IServiceCollection AddDeadLetters(this IServiceCollection services)
    {
        services.AddOptions<LetterOptions>().BindConfiguration("Hub:DeadLetters").ValidateDataAnnotations().ValidateOnStart();
        return services.AddSingleton<LetterApproval>().AddSingleton<IApprovable>(provider => provider.GetRequiredService<LetterApproval>()).AddSingleton<LetterDesk>().AddSingleton<LetterFix>().AddSingleton<LetterOverview>().AddSingleton<LetterInquiry>().AddSingleton<LetterWorker>().AddHostedService(provider => provider.GetRequiredService<LetterWorker>());
    }
}

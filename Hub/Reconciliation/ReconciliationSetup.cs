namespace IntegrationHub.Hub.Reconciliation;

/// <summary>What comparing with vendors needs.</summary>
internal static class ReconciliationSetup
{
    public static IServiceCollection AddReconciliation(this IServiceCollection services) => services.AddSingleton<MemberFile>().AddSingleton<PersonComparison>().AddSingleton<PersonFields>().AddSingleton<ReconciliationPlanner>().AddSingleton<Measuring>().AddSingleton<Reconciler>();
}

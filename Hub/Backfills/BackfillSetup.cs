using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Registers backfills.</summary>
internal static class BackfillSetup
{
    public static IServiceCollection AddBackfills(this IServiceCollection services) =>
        services.AddSingleton<RunPlanner>().AddSingleton<BackfillPlanner>().AddSingleton<BackfillStarter>().AddSingleton<QuietWriting>().AddSingleton<BackfillApproval>()
            .AddSingleton<IApprovable>(provider => new BackfillRelease(ApprovalKind.Backfill, provider.GetRequiredService<DestinationDirectory>()))
            .AddSingleton<IApprovable>(provider => new BackfillRelease(ApprovalKind.Rollback, provider.GetRequiredService<DestinationDirectory>()));

    /// <summary>The consumers of the steps; their endpoints are those of every run.</summary>
    public static void AddBackfillConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddConsumer<PlanBackfillConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<DeliverBackfillConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<VerifyBackfillConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<DiagnoseBackfillConsumer>().ExcludeFromConfigureEndpoints();
        bus.AddConsumer<BackfillChangedConsumer>().ExcludeFromConfigureEndpoints();
    }
}

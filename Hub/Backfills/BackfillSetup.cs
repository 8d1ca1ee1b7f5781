using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Backfills.Pace;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Planning;
using MassTransit;

namespace IntegrationHub.Hub.Backfills;

/// <summary>Registers backfills.</summary>
internal static class BackfillSetup
{
    public static IServiceCollection AddBackfills(this IServiceCollection services) =>
        services.AddSingleton<RunPlanner>().AddSingleton<BackfillPlanner>().AddSingleton<PlanSeal>().AddSingleton<ReplayPlanner>().AddSingleton<ReplayStarter>()
            .AddSingleton<RebuildFacts>().AddSingleton<RebuildPlanner>().AddSingleton<RebuildWorker>().AddSingleton<BackfillStarter>().AddSingleton<QuietWriting>().AddSingleton<BackfillSending>().AddSingleton<BackfillApproval>().AddSingleton<BackfillDesk>().AddSingleton<BackfillWord>()
            .AddHostedService<WindowKeeper>()
            .AddSingleton<IApprovable>(provider => new BackfillRelease(ApprovalKind.Backfill, provider.GetRequiredService<DestinationDirectory>()))
            .AddSingleton<IApprovable>(provider => new BackfillRelease(ApprovalKind.Loud, provider.GetRequiredService<DestinationDirectory>()))
            .AddSingleton<IApprovable>(provider => new BackfillRelease(ApprovalKind.Rollback, provider.GetRequiredService<DestinationDirectory>()))
            .AddSingleton<IApprovable>(provider => new BackfillRelease(ApprovalKind.Replay, provider.GetRequiredService<DestinationDirectory>()));

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

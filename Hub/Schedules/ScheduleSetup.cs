using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Audit;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Fields;
using IntegrationHub.Hub.Identities;
using IntegrationHub.Hub.Intake.Catalog.Drift;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Quartz as the hub uses it: it rings bells, and does no work.</summary>
internal static class ScheduleSetup
{
    private static readonly TimeSpan _checkIn = TimeSpan.FromSeconds(5);

    /// <summary>On PostgreSQL all hubs share the schedules and the hub's own jobs, and each bell is rung by one of them; else they are in the process.</summary>
    public static IServiceCollection AddSchedules(this IServiceCollection services, HubOptions options, HubInstance instance)
    {
        services.AddSingleton<BellTower>().AddSingleton<HubJobs>().AddSingleton<BellRinger>();
        services.AddJob<RetentionSweeper>().AddJob<ApprovalExpiry>().AddJob<ErasureReminder>().AddJob<AuditAnchor>().AddJob<KeyExpiry>().AddJob<FactBaselines>().AddJob<MatchRateCount>().AddJob<QueueProof>().AddJob<ColumnSealer>().AddSingleton<FieldCatalogue>().AddJob<FieldLook>();
        services.AddQuartz(quartz =>
        {
            quartz.ConfigureScheduler(scheduler => (scheduler.InstanceName, scheduler.InstanceId) = ("integrationhub", instance.Name));
            quartz.UseDefaultThreadPool(pool => pool.MaxConcurrency = 2);
            quartz.AddTriggerListener<MissedBells>();
            if (options.Database == StorageDatabase.Postgres)
            {
                quartz.UsePersistentStore(store =>
                {
                    store.UsePostgres(options.ConnectionString!);
                    store.UseClustering(cluster => (cluster.CheckinInterval, cluster.CheckinMisfireThreshold) = (_checkIn, 2 * _checkIn));
                    store.ProvisionSchema();
                });
            }
        });
        services.AddSingleton<HubJobWorker>().AddHostedService(provider => provider.GetRequiredService<HubJobWorker>());
        return services.AddHostedService<BellHanger>().AddQuartzHostedService(host => host.WaitForJobsToComplete = true);
    }

    private static IServiceCollection AddJob<T>(this IServiceCollection services)
        where T : class, IHubJob => services.AddSingleton<T>().AddSingleton<IHubJob>(provider => provider.GetRequiredService<T>());
}

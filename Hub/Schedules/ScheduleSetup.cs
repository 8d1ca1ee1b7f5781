using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage;
using Quartz;

namespace IntegrationHub.Hub.Schedules;

/// <summary>Quartz as the hub uses it: it rings bells, and does no work.</summary>
internal static class ScheduleSetup
{
    private static readonly TimeSpan _checkIn = TimeSpan.FromSeconds(5);

    /// <summary>Only where there is a schedule. On PostgreSQL all hubs share the schedules, and each bell is rung by one of them; else they are in the process.</summary>
    public static IServiceCollection AddSchedules(this IServiceCollection services, HubConfiguration configuration, HubOptions options, HubInstance instance)
    {
        services.AddSingleton<BellRinger>();
        if (configuration.Schedules.Count == 0)
        {
            return services;
        }

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
        return services.AddHostedService<BellHanger>().AddQuartzHostedService(host => host.WaitForJobsToComplete = true);
    }
}

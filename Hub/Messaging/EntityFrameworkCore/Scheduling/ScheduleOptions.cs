using MassTransit.EntityFrameworkCoreIntegration.Sql;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>The settings of one context's schedule, as configured.</summary>
internal sealed class ScheduleOptions<TDbContext>
{
    public SqlDialect Dialect { get; set; } = PostgresDialect.Instance;

    public TimeSpan QueryDelay { get; set; } = TimeSpan.FromSeconds(5);

    public int QueryMessageLimit { get; set; } = 500;

    public TimeSpan MessageDeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);
}

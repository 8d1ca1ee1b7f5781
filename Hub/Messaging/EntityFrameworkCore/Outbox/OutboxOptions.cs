using System.Data;
using MassTransit.EntityFrameworkCoreIntegration.Sql;

namespace MassTransit.EntityFrameworkCoreIntegration.Outbox;

/// <summary>The settings of one context's outbox, as configured.</summary>
internal sealed class OutboxOptions<TDbContext>
{
    public SqlDialect Dialect { get; set; } = PostgresDialect.Instance;

    public IsolationLevel IsolationLevel { get; set; } = IsolationLevel.ReadCommitted;

    public TimeSpan DuplicateDetectionWindow { get; set; } = TimeSpan.FromMinutes(30);

    public TimeSpan QueryDelay { get; set; } = TimeSpan.FromSeconds(1);

    public TimeSpan QueryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public int QueryMessageLimit { get; set; } = 500;

    public TimeSpan MessageDeliveryTimeout { get; set; } = TimeSpan.FromSeconds(30);

    public int MessageDeliveryLimit { get; set; } = 1000;

    public TimeSpan SweepDelay { get; set; } = TimeSpan.FromSeconds(10);

    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromSeconds(30);
}

using MassTransit.EntityFrameworkCoreIntegration.Delivery;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>Wakes the delivery of a context's scheduled messages.</summary>
internal sealed class ScheduleSignal<TDbContext> : WakeUpSignal;

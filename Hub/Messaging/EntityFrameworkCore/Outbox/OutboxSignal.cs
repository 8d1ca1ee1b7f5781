using MassTransit.EntityFrameworkCoreIntegration.Delivery;

namespace MassTransit.EntityFrameworkCoreIntegration.Outbox;

/// <summary>Wakes the delivery of a context's bus outbox.</summary>
internal sealed class OutboxSignal<TDbContext> : WakeUpSignal;

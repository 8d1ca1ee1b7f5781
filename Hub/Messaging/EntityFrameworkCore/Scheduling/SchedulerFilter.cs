using MassTransit.Context;
using MassTransit.Scheduling;

namespace MassTransit.EntityFrameworkCoreIntegration.Scheduling;

/// <summary>Gives every consumed message a scheduler that writes into the schedule of its innermost transaction.</summary>
internal sealed class SchedulerFilter(IBus bus, ISchedule detached, TimeProvider clock) : IFilter<ConsumeContext>
{
    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.GetOrAddPayload<MessageSchedulerContext>(() => new ConsumeMessageSchedulerContext(context, CreateScheduler));
        return next.Send(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("entityFrameworkScheduler");

    public MessageScheduler CreateScheduler(ConsumeContext context)
    {
        var schedule = context.TryGetPayload<ISchedule>(out var transactional) ? transactional : detached;
        return new MessageScheduler(new EntityFrameworkScheduleMessageProvider(bus, schedule, clock), bus.Topology);
    }
}

using MassTransit;
using MassTransit.Configuration;
using MassTransit.Context;
using MassTransit.Middleware;
using MassTransit.Scheduling;

namespace Sagas.Tests;

/// <summary>A scheduler that fires nothing by itself: tests read what was scheduled and fire it.</summary>
internal sealed class CapturedTimeouts : IScheduleMessageProvider, IFilter<ConsumeContext>
{
    private readonly List<Timeout> _all = [];

    public sealed record Timeout(Guid Token, Uri Destination, DateTime Due, object Message);

    /// <summary>Pending timeouts, oldest first.</summary>
    public IReadOnlyList<Timeout> Pending
    {
        get
        {
            lock (_all)
            {
                return [.. _all];
            }
        }
    }

    public void Install(IBusFactoryConfigurator bus) => bus.AddPrePipeSpecification(new FilterPipeSpecification<ConsumeContext>(this));

    /// <summary>Forgets everything that was scheduled.</summary>
    public void Clear()
    {
        lock (_all)
        {
            _all.Clear();
        }
    }

    /// <summary>Takes a pending timeout away; false when it was canceled or taken before.</summary>
    public bool TryTake(Timeout timeout)
    {
        lock (_all)
        {
            return _all.Remove(timeout);
        }
    }

    public Timeout Single<T>() => Pending.Single(timeout => timeout.Message is T);

    public Timeout Take<T>()
    {
        var timeout = Single<T>();
        _ = Remove(timeout.Token);
        return timeout;
    }

    public Task<ScheduledMessage<T>> ScheduleSend<T>(
        Uri destinationAddress, DateTime scheduledTime, T message, IPipe<SendContext<T>> pipe, CancellationToken cancellationToken)
        where T : class
    {
        var token = NewId.NextGuid();
        lock (_all)
        {
            _all.Add(new Timeout(token, destinationAddress, scheduledTime, message));
        }

        return Task.FromResult<ScheduledMessage<T>>(new ScheduledMessageHandle<T>(token, scheduledTime, destinationAddress, message));
    }

    public Task CancelScheduledSend(Guid tokenId, CancellationToken cancellationToken) => Remove(tokenId);

    public Task CancelScheduledSend(Uri destinationAddress, Guid tokenId, CancellationToken cancellationToken) => Remove(tokenId);

    public Task Send(ConsumeContext context, IPipe<ConsumeContext> next)
    {
        context.GetOrAddPayload<MessageSchedulerContext>(() =>
            new ConsumeMessageSchedulerContext(context, _ => new MessageScheduler(this, context.GetPayload<IBusTopology>())));
        return next.Send(context);
    }

    public void Probe(ProbeContext context)
    {
    }

    private Task Remove(Guid token)
    {
        lock (_all)
        {
            _all.RemoveAll(timeout => timeout.Token == token);
        }

        return Task.CompletedTask;
    }
}

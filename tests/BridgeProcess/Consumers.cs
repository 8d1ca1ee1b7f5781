using System.Collections.Concurrent;
using MassTransit;

namespace IntegrationHub.BridgeProcess;

/// <summary>What arrived at the consumers that have no inbox, repeats included.</summary>
public sealed class Arrivals
{
    private int _charges;

    public ConcurrentQueue<Charged> Charged { get; } = [];

    /// <summary>Copies that the sink saw, one after the other.</summary>
    public ConcurrentQueue<int> InOrder { get; } = [];

    public ConcurrentQueue<OrderTouched> Touched { get; } = [];

    /// <summary>How often <see cref="ChargeConsumer"/> was called.</summary>
    public int Charges => _charges;

    public void CountCharge() => Interlocked.Increment(ref _charges);
}

/// <summary>Consumes through the inbox: writes an effect and publishes.</summary>
public sealed class ChargeConsumer(BridgeDbContext dbContext, Arrivals arrivals) : IConsumer<Charge>
{
    public async Task Consume(ConsumeContext<Charge> context)
    {
        arrivals.CountCharge();
        dbContext.Effects.Add(new Effect { Id = NewId.NextGuid(), ChargeId = context.Message.ChargeId });
        await dbContext.SaveChangesAsync(context.CancellationToken);
        for (var copy = 0; copy < context.Message.Copies; copy++)
            await context.Publish(new Charged(context.Message.ChargeId, copy), context.CancellationToken);
        if (context.Message.Fails)
            throw new InvalidOperationException("The charge fails.");
    }
}

/// <summary>Consumes without an inbox and remembers.</summary>
public sealed class ChargedConsumer(Arrivals arrivals) : IConsumer<Charged>
{
    public Task Consume(ConsumeContext<Charged> context)
    {
        arrivals.Charged.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Consumes without an inbox and remembers.</summary>
public sealed class TouchedConsumer(Arrivals arrivals) : IConsumer<OrderTouched>
{
    public Task Consume(ConsumeContext<OrderTouched> context)
    {
        arrivals.Touched.Enqueue(context.Message);
        return Task.CompletedTask;
    }
}

/// <summary>Consumes one message at a time, so that the order of arrival shows.</summary>
public sealed class OrderSinkConsumer(Arrivals arrivals) : IConsumer<Charged>
{
    public Task Consume(ConsumeContext<Charged> context)
    {
        arrivals.InOrder.Enqueue(context.Message.Copy);
        return Task.CompletedTask;
    }
}

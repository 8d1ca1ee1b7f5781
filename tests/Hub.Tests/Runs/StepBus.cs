using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>Hands commands to a consumer over the bus of a fixture, and keeps what was said.</summary>
internal sealed class StepBus(IServiceScopeFactory scopes)
{
    private readonly ITestHarness _harness = scopes.CreateScope().ServiceProvider.GetRequiredService<ITestHarness>();

    /// <summary>Returns when the consumer is done; fails when it throws.</summary>
    public async Task ConsumeAsync<T>(IConsumer<T> consumer, T command)
        where T : class
    {
        var (queue, done) = ($"step-{NewId.NextGuid():N}", new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        var endpoint = _harness.Bus.ConnectReceiveEndpoint(queue, configurator =>
        {
            configurator.ConfigureConsumeTopology = false;
            configurator.Handler<T>(async context =>
            {
                try
                {
                    await consumer.Consume(context);
                    done.TrySetResult();
                }
                catch (Exception exception)
                {
                    done.TrySetException(exception);
                }
            });
        });
        await endpoint.Ready;
        var sender = await _harness.Bus.GetSendEndpoint(new Uri($"queue:{queue}"));
        await sender.Send(command);
        await done.Task.WaitAsync(Poll.Patience);
        await endpoint.StopAsync();
    }

    /// <summary>What was published so far of a type, oldest first.</summary>
    public IReadOnlyList<T> Said<T>(Func<T, bool> about)
        where T : class => [.. _harness.Published.Select<T>().Select(message => message.Context.Message).Where(about)];
}

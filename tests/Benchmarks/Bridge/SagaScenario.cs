using System.Diagnostics;
using System.Text.Json.Nodes;
using IntegrationHub.BridgeProcess;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using RabbitMQ.Client;

namespace IntegrationHub.Benchmarks.Bridge;

/// <summary>
/// A backlog of saga messages, each through inbox, state and outbox, publishing one message: first events that create an
/// instance, then events that update one.
/// </summary>
internal static class SagaScenario
{
    private const string Endpoint = "order-state";

    // A consumed message has an inbox row, committed with everything else.
    private const string Consumed = "SELECT count(*) FROM \"InboxState\"";

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var messages = options.Number("messages", 6_000);
        await using var bench = await BridgeBench.CreateAsync();
        var result = new JsonObject { ["scenario"] = "saga", ["messages"] = messages, ["concurrency"] = options.Number("concurrency", 16) };
        await bench.AddCeilingsAsync(result);

        ScenarioOptions.Progress("warming up ...");
        await MeasureAsync(bench, NewOrders(1_000), options, null);
        var orders = NewOrders(messages);

        ScenarioOptions.Progress("creating instances ...");
        var exceptions = bench.Exceptions;
        result["saga_start_per_s"] = Math.Round(await MeasureAsync(bench, orders, options, null));
        ScenarioOptions.Progress("updating instances ...");
        result["saga_update_per_s"] = Math.Round(await MeasureAsync(bench, orders, options, null));
        result["saga_exceptions"] = bench.Exceptions - exceptions;

        ScenarioOptions.Progress("counting round trips ...");
        var counted = orders[..Math.Min(2_000, orders.Length)];
        await using (var proxy = bench.CreateProxy())
        {
            await MeasureAsync(bench, counted, options, proxy);
            result["saga_update_round_trips_per_message"] = Math.Round(proxy.RoundTrips / (double)counted.Length, 2);
        }

        await using (var proxy = bench.CreateProxy())
        {
            var started = NewOrders(counted.Length);
            await MeasureAsync(bench, started, options, proxy);
            result["saga_start_round_trips_per_message"] = Math.Round(proxy.RoundTrips / (double)started.Length, 2);
        }

        return result;
    }

    private static Guid[] NewOrders(int count) => [.. Enumerable.Range(0, count).Select(_ => NewId.NextGuid())];

    private static async Task<double> MeasureAsync(BridgeBench bench, Guid[] orders, ScenarioOptions options, RoundTripProxy? proxy)
    {
        await EnqueueAsync(bench, orders);
        var before = await bench.CountAsync(Consumed);
        using var host = bench.Build(proxy, x =>
        {
            x.AddSagaStateMachine<OrderStateMachine, OrderState>().EntityFrameworkRepository(r =>
            {
                r.ExistingDbContext<BridgeDbContext>();
                r.UsePostgres();
            });
            x.AddEntityFrameworkScheduler<BridgeDbContext>(s => s.UsePostgres());
            x.AddEntityFrameworkOutbox<BridgeDbContext>(o => o.UsePostgres());
            x.AddConfigureEndpointsCallback((context, _, endpoint) =>
            {
                ((IRabbitMqReceiveEndpointConfigurator)endpoint).SetQuorumQueue();
                endpoint.PrefetchCount = 100;
                endpoint.ConcurrentMessageLimit = options.Number("concurrency", 16);
                endpoint.UseMessageRetry(r => r.Immediate(3));
                endpoint.UseEntityFrameworkOutbox<BridgeDbContext>(context);
            });
        });
        var watch = Stopwatch.StartNew();
        await host.StartAsync();
        await bench.UntilAsync(Consumed, before + orders.Length);
        var rate = orders.Length / watch.Elapsed.TotalSeconds;
        await bench.UntilAsync("SELECT count(*) FROM \"OutboxMessage\"", 0);
        await host.StopAsync();
        return rate;
    }

    /// <summary>Puts a touch per order into the saga's queue, as a producer would.</summary>
    private static async Task EnqueueAsync(BridgeBench bench, Guid[] orders)
    {
        await using var connection = await new ConnectionFactory { Uri = bench.RabbitMq }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(true, true));
        await channel.QueueDeclareAsync(Endpoint, true, false, false, new Dictionary<string, object?> { ["x-queue-type"] = "quorum" });
        var type = MessageUrn.ForTypeString<TouchOrder>();
        await Task.WhenAll(orders.Select(orderId =>
        {
            var body = $$"""{"messageId":"{{NewId.NextGuid()}}","messageType":["{{type}}"],"message":{"orderId":"{{orderId}}"} }""";
            var properties = new BasicProperties { Persistent = true, ContentType = "application/vnd.masstransit+json" };
            return channel.BasicPublishAsync("", Endpoint, false, properties, System.Text.Encoding.UTF8.GetBytes(body)).AsTask();
        }));
    }
}

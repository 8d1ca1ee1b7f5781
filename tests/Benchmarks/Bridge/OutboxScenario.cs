using System.Diagnostics;
using System.Text.Json.Nodes;
using IntegrationHub.BridgeProcess;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace IntegrationHub.Benchmarks.Bridge;

/// <summary>Scopes save messages of 1 KB, one outbox each; then a process delivers the backlog.</summary>
internal static class OutboxScenario
{
    private const int Writers = 16;

    public static async Task<JsonObject> RunAsync(ScenarioOptions options)
    {
        var messages = options.Number("messages", 20_000);
        await using var bench = await BridgeBench.CreateAsync();
        var result = new JsonObject { ["scenario"] = "outbox", ["messages"] = messages };
        await bench.AddCeilingsAsync(result);

        await SaveAsync(bench, 2_000);
        await DeliverAsync(bench, null);

        ScenarioOptions.Progress($"saving {messages} messages ...");
        result["outbox_save_per_s"] = Math.Round(await SaveAsync(bench, messages));
        ScenarioOptions.Progress("delivering them ...");
        var exceptions = bench.Exceptions;
        var delivery = await DeliverAsync(bench, null);
        result["outbox_delivery_per_s"] = Math.Round(delivery);
        result["outbox_delivery_exceptions"] = bench.Exceptions - exceptions;
        foreach (var ceiling in (string[])["classic_1000_in_flight", "quorum_100_in_flight", "quorum_1000_in_flight"])
            result[$"outbox_delivery_share_of_raw_publish_{ceiling}"] = Math.Round(delivery / result[$"raw_publish_{ceiling}_per_s"]!.GetValue<double>(), 3);

        ScenarioOptions.Progress("counting round trips ...");
        const int Counted = 4_000;
        await SaveAsync(bench, Counted);
        await using (var proxy = bench.CreateProxy())
        {
            await DeliverAsync(bench, proxy);
            result["outbox_delivery_round_trips_per_message"] = Math.Round(proxy.RoundTrips / (double)Counted, 4);
        }

        return result;
    }

    private static async Task<double> SaveAsync(BridgeBench bench, int messages)
    {
        using var host = Build(bench, null, false);
        await host.StartAsync();
        var padding = new string('x', 600);
        var watch = Stopwatch.StartNew();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(async _ =>
        {
            for (var i = 0; i < messages / Writers; i++)
            {
                await using var scope = host.Services.CreateAsyncScope();
                var endpoint = await scope.ServiceProvider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri($"exchange:{BridgeBench.Sink}"));
                await endpoint.Send(new StartOrder(NewId.NextGuid(), padding));
                await scope.ServiceProvider.GetRequiredService<BridgeDbContext>().SaveChangesAsync();
            }
        }));
        var rate = messages / Writers * Writers / watch.Elapsed.TotalSeconds;
        await host.StopAsync();
        return rate;
    }

    private static async Task<double> DeliverAsync(BridgeBench bench, RoundTripProxy? proxy)
    {
        var messages = await bench.CountAsync("SELECT count(*) FROM \"OutboxMessage\"");
        using var host = Build(bench, proxy, true);
        var watch = Stopwatch.StartNew();
        await host.StartAsync();
        var started = watch.Elapsed;
        await bench.UntilAsync("SELECT count(*) FROM (SELECT 1 FROM \"OutboxMessage\" LIMIT 1) x", 0);
        var rate = messages / (watch.Elapsed - started).TotalSeconds;
        await host.StopAsync();
        return rate;
    }

    private static IHost Build(BridgeBench bench, RoundTripProxy? proxy, bool delivers) => bench.Build(proxy, x =>
    {
        x.AddEntityFrameworkScheduler<BridgeDbContext>(s => s.UsePostgres());
        x.AddEntityFrameworkOutbox<BridgeDbContext>(o =>
        {
            o.UsePostgres();
            o.UseBusOutbox(b =>
            {
                if (!delivers)
                    b.DisableDeliveryService();
            });
        });
    });
}

using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.Serialization;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A first run: no broker, and what is published in the process is taken in all the same.</summary>
public sealed class When_facts_come_over_a_bus_in_memory
{
    [Test]
    public async Task Should_take_in_the_whole_canonical_set()
    {
        var folder = Directory.CreateTempSubdirectory("hub-memory-");
        await using (var hub = await HubApplication.BuildAsync(
            ["--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={folder.FullName}", "--Hub:LogLevel=Error", "--Hub:Delivery:Quotas=false"], null, CancellationToken.None))
        {
            await hub.StartAsync(CancellationToken.None);
            var bus = hub.Web.Services.GetRequiredService<IBus>();
            foreach (var contract in ApprovedFact.Contracts)
            {
                await bus.Publish(JsonSerializer.Deserialize(ApprovedFact.Of(contract, "set", "set-1"), contract, SystemTextJsonMessageSerializer.Options)!, contract);
            }

            using var http = new HttpClient { BaseAddress = new Uri(hub.Web.Urls.Single()) };
            var types = await Poll.For(
                async () => (await http.GetFromJsonAsync<JsonElement>("/v1/events?limit=1000")).GetProperty("items").EnumerateArray().Select(fact => fact.GetProperty("event_type").GetString()).ToHashSet(),
                seen => seen.Count == ApprovedFact.Contracts.Count());
            Assert.That(types, Is.EquivalentTo(ApprovedFact.Contracts.Select(ApprovedFact.TypeOf)));
        }

        LogContext.Current = null;
        Microsoft.Data.Sqlite.SqliteConnection.ClearAllPools();
        folder.Delete(recursive: true);
    }
}

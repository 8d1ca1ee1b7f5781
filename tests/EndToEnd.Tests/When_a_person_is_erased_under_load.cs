using System.Collections.Concurrent;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>Facts, the live lane and a run go on while somebody is erased: from the acceptance on no call writes the person, and no later import brings them back.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_person_is_erased_under_load
{
    private const int Person = 2;
    private const string OtherId = "came-back";

    /// <summary>Where the erasure itself looks and deletes: Braze, HubSpot, Marketo. Marketo finds and writes under one address; what finds says so.</summary>
    private static readonly string[] _ofErasure = ["users/export/ids", "users/delete", "batch/read", "gdpr-delete", "search", "leads/delete.json"];

    [Test]
    public async Task Should_be_written_by_no_call_after_the_acceptance_and_never_come_back()
    {
        var world = new World(200);
        await using var hub = await EmbeddedHub.StartAsync();
        using var sandbox = hub.SandboxClient();
        using var api = new HttpClient { BaseAddress = hub.Address };
        var seen = new ConcurrentQueue<(DateTimeOffset At, string Call)>();
        foreach (var (name, room) in hub.Sandbox.Rooms)
        {
            room.Witness = (request, endpoint, body) =>
            {
                if (HttpMethods.IsGet(request.Method) || request.Query["_method"] == "GET" || Array.Exists(_ofErasure, own => endpoint.EndsWith(own, StringComparison.Ordinal)))
                {
                    return;
                }

                var text = Encoding.UTF8.GetString(body.Span);
                if (text.Contains(World.ExternalId(Person), StringComparison.Ordinal) || text.Contains(World.Email(Person), StringComparison.OrdinalIgnoreCase) || text.Contains(OtherId, StringComparison.Ordinal))
                {
                    seen.Enqueue((TimeProvider.System.GetUtcNow(), $"{name} {endpoint}"));
                }
            };
        }

        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        Assert.That(World.Destinations.Where(vendor => !seen.Any(call => call.Call.StartsWith(vendor, StringComparison.Ordinal))), Is.Empty, "the look itself: each vendor was told of the person");
        seen.Clear();
        using var stop = new CancellationTokenSource();
        using var isErased = new ManualResetEventSlim();
        var load = LoadAsync(hub, isErased, stop.Token);
        var runs = await hub.StartSyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        await Poll.Until(() => !seen.IsEmpty, "the person to be written under load");
        var asked = await api.PostAsJsonAsync("/v1/erasures", new { key = World.ExternalId(Person), law = "gdpr", reason = "ticket 1" });
        var answered = TimeProvider.System.GetUtcNow();
        var accepted = JsonSerializer.Deserialize<JsonElement>(await asked.Content.ReadAsStringAsync());
        Assert.That((int)asked.StatusCode, Is.EqualTo(202), accepted.ToString());
        Assert.That(accepted.GetProperty("suppressed_at").ValueKind, Is.EqualTo(JsonValueKind.String), "no call is under way for so long here");
        var requestId = accepted.GetProperty("request_id").GetGuid();
        var erasure = await Poll.For(() => ShowAsync(api, requestId), shown => shown.ValueKind == JsonValueKind.Object && shown.GetProperty("state").GetString() == "Rechecking", "the erasure to be done");
        isErased.Set();

        await hub.FinishAsync(runs);
        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        await stop.CancelAsync();
        await load;
        foreach (var vendor in World.Destinations)
        {
            var everybody = await VendorState.EverybodyAsync(sandbox, vendor);
            Assert.That(everybody, Does.Not.Contain(World.ExternalId(Person)).And.Not.Contain(OtherId), vendor);
            Assert.That(everybody, Does.Contain(World.ExternalId(Person + 1)), "the others stay");
        }

        Assert.That(seen.Where(call => call.At > answered).Select(call => call.Call), Is.Empty);
        Assert.That(erasure.GetProperty("destinations").EnumerateArray().Select(destination => (destination.GetProperty("action").GetString(), destination.GetProperty("read_back").GetProperty("result").GetString())), Is.All.EqualTo(("deleted", "absent")));

        var certificate = await (await api.PostAsJsonAsync($"/v1/erasures/{requestId}/certificate", new { })).Content.ReadAsStringAsync();
        Assert.That(certificate, Does.Contain("\"signature\":\"ES256:").And.Not.Contain(World.ExternalId(Person)));
        Assert.That(await (await api.PostAsJsonAsync($"/v1/erasures/{requestId}/certificate", new { page = true, key = World.ExternalId(Person) })).Content.ReadAsStringAsync(), Does.Contain(World.ExternalId(Person)));
        Assert.That(await (await api.PostAsJsonAsync("/v1/people/export", new { key = World.ExternalId(Person + 1), reason = "asked for" })).Content.ReadAsStringAsync(), Does.Contain(World.Email(Person + 1)));
    }

    /// <summary>Facts about the person, under the old id, and after the erasure under a new one with the same address too, until it is enough.</summary>
    private static async Task LoadAsync(EmbeddedHub hub, ManualResetEventSlim isErased, CancellationToken stop)
    {
        var bus = hub.Services.GetRequiredService<IBus>();
        using var pace = new PeriodicTimer(TimeSpan.FromMilliseconds(10));
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var now = TimeProvider.System.GetUtcNow();
            await bus.Publish(Happenings.View(World.ExternalId(Person), now), CancellationToken.None);
            await bus.Publish(
                new ProfileUpdated
                {
                    EventId = NewId.NextGuid(), OccurredAt = now, Producer = "webshop", TenantId = "default",
                    Subject = new Subject { ExternalId = isErased.IsSet && i % 2 == 0 ? OtherId : World.ExternalId(Person), Email = World.Email(Person) },
                    Payload = new ProfileAttributes { Attributes = new Dictionary<string, JsonElement> { ["total_children"] = JsonSerializer.SerializeToElement(i % 6) } },
                },
                CancellationToken.None);
            try
            {
                await pace.WaitForNextTickAsync(stop);
            }
            catch (OperationCanceledException)
            {
                return;
            }
        }
    }

    private static async Task<JsonElement> ShowAsync(HttpClient api, Guid requestId)
    {
        using var answer = await api.GetAsync($"/v1/erasures/{requestId}");
        return answer.IsSuccessStatusCode ? await answer.Content.ReadFromJsonAsync<JsonElement>() : default;
    }
}

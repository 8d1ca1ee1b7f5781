using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.TestServers;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace EndToEnd.Tests;

/// <summary>A withdrawal reaches every vendor that knows the person, at once and without a run.</summary>
[TestFixture]
public sealed class When_a_person_withdraws
{
    private const int Person = 2;

    [Test]
    public async Task Should_be_opted_out_at_every_vendor_and_in_again_when_consent_is_given_again()
    {
        var world = new World(10);
        await using var hub = await EmbeddedHub.StartAsync(null, "--Hub:Delivery:SweepInterval=00:10:00"); // nothing but the doorbell brings it out in time
        await hub.SyncAsync((await hub.LoadAsync(world.Csv())).SnapshotId);
        using var sandbox = hub.SandboxClient();

        await PublishAsync(hub, "denied", 1);
        foreach (var vendor in World.Destinations)
        {
            await Poll.Until(async () => await IsOptedOutAsync(sandbox, vendor), $"{vendor} to hold the opt-out");
        }

        await PublishAsync(hub, "granted", 2);
        foreach (var vendor in World.Destinations.Where(vendor => vendor != "hubspot"))
        {
            await Poll.Until(async () => !await IsOptedOutAsync(sandbox, vendor), $"{vendor} to hold the consent again");
        }
    }

    private static async Task PublishAsync(EmbeddedHub hub, string status, int minute)
    {
        await hub.Services.GetRequiredService<IBus>().Publish(new ConsentUpdated
        {
            EventId = NewId.NextGuid(),
            OccurredAt = TimeProvider.System.GetUtcNow().AddMinutes(minute),
            Producer = "preference-centre",
            TenantId = "default",
            Subject = new Subject { ExternalId = World.ExternalId(Person) },
            Payload = new ConsentDecision { Purpose = "email_marketing", Status = status, Source = "preference-center" },
        });
    }

    private static async Task<bool> IsOptedOutAsync(HttpClient sandbox, string vendor)
    {
        var lines = await sandbox.GetStringAsync($"/{vendor}/_sandbox/state");
        var person = lines.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .Single(person => person.ToString().Contains(World.ExternalId(Person), StringComparison.Ordinal));
        var consent = person.GetProperty("consent").EnumerateObject().Select(state => $"{state.Name}={state.Value}").ToList();
        return consent.Exists(state => state is "email_subscribe=unsubscribed" or "unsubscribed=true" || state.EndsWith("=UNSUBSCRIBED", StringComparison.Ordinal));
    }
}

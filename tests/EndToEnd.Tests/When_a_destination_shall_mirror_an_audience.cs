using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;

namespace EndToEnd.Tests;

/// <summary>A mirror run also removes whom somebody else put into the list at the vendor.</summary>
[TestFixture]
[Parallelizable(ParallelScope.Self)]
public sealed class When_a_destination_shall_mirror_an_audience
{
    private const string ListName = "Customers (IntegrationHub)";
    private readonly World _world = new(11); // all of them can be sent

    [Test]
    public async Task Should_remove_strangers_which_a_full_run_leaves_alone()
    {
        await using var hub = await EmbeddedHub.StartAsync();
        using var vendor = hub.SandboxClient();
        vendor.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", hub.Sandbox["hubspot"].Vendor.Credentials["access_token"]);
        var snapshot = (await hub.LoadAsync(_world.Csv())).SnapshotId;
        await hub.FinishAsync(await hub.StartSyncAsync(snapshot, SyncMode.Full, "hubspot"));
        var expected = await VendorState.MembersAsync(vendor, "hubspot");
        await AddByHandAsync(vendor, "by-hand-1", "by-hand-2");

        var full = (await hub.FinishAsync(await hub.StartSyncAsync(null, SyncMode.Full, "hubspot"))).Single();
        var afterFull = await VendorState.MembersAsync(vendor, "hubspot");
        var mirror = (await hub.FinishAsync(await hub.StartSyncAsync(null, SyncMode.Mirror, "hubspot"))).Single();

        Assert.Multiple(() =>
        {
            Assert.That(full.State, Is.EqualTo(RunState.Completed));
            Assert.That(full.Verification.Unexpected, Is.Zero, "who was added by others is none of a full run's business");
            Assert.That(afterFull, Is.SupersetOf(expected).And.Count.EqualTo(expected.Count + 2));
            Assert.That(mirror.State, Is.EqualTo(RunState.Completed), mirror.ToString());
            Assert.That(mirror.Counts.Delivered, Is.EqualTo(2));
            Assert.That((mirror.Verification.Missing, mirror.Verification.Unexpected), Is.EqualTo(((long?)0, (long?)0)));
        });
        await VendorState.ShouldHoldAsync(vendor, "hubspot", expected);
    }

    private static async Task AddByHandAsync(HttpClient vendor, params string[] keys)
    {
        var list = await vendor.GetFromJsonAsync<JsonElement>($"/hubspot/crm/v3/lists/object-type-id/0-1/name/{Uri.EscapeDataString(ListName)}");
        var listId = list.GetProperty("list").GetProperty("listId").GetString();
        var people = new List<string>();
        foreach (var key in keys)
        {
            using var made = await vendor.PostAsJsonAsync("/hubspot/crm/v3/objects/contacts", new { properties = new { email = $"{key}@example.test", hub_external_id = key } });
            Assert.That(made.IsSuccessStatusCode, Is.True, await made.Content.ReadAsStringAsync());
            people.Add((await made.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("id").GetString()!);
        }

        using var added = await vendor.PutAsJsonAsync($"/hubspot/crm/v3/lists/{listId}/memberships/add", people);
        Assert.That(added.IsSuccessStatusCode, Is.True, await added.Content.ReadAsStringAsync());
    }
}

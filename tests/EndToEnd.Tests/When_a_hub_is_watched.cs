namespace EndToEnd.Tests;

/// <summary>What whoever watches the process gets to see.</summary>
[TestFixture]
public sealed class When_a_hub_is_watched
{
    [Test]
    public async Task Should_tell_its_health_and_its_metrics()
    {
        await using var hub = await EmbeddedHub.StartAsync();
        await hub.SyncAsync((await hub.LoadAsync(new World(11).Csv())).SnapshotId);
        using var http = new HttpClient { BaseAddress = hub.Address };

        var metrics = await http.GetStringAsync("/metrics");
        Assert.Multiple(async () =>
        {
            Assert.That(await http.GetStringAsync("/healthz/live"), Is.EqualTo("live"));
            Assert.That(await http.GetStringAsync("/healthz/ready"), Is.EqualTo("ready"));
            Assert.That(metrics, Does.Match("""hub_deliveries_total\{[^}]*destination="hubspot"[^}]*outcome="delivered"[^}]*\} 11"""));
            Assert.That(metrics, Does.Contain("hub_vendor_call_duration_seconds_bucket").And.Contain("hub_batch_size"));
            Assert.That(metrics, Does.Not.Contain("example.test"), "names and counts only");
        });
    }
}

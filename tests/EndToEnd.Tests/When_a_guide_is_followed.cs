using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>What the guides say is done, word for word, in an empty folder by somebody who knows nothing else.</summary>
[TestFixture]
public sealed class When_a_guide_is_followed
{
    [Test]
    public async Task Should_bring_ones_own_file_to_a_vendor()
    {
        await using var reader = new GuideReader();
        var said = await reader.FollowAsync("first-sync-with-your-own-file.md");
        Assert.That(said, Has.Some.Matches<string>(block => block!.Contains("newsletter", StringComparison.Ordinal) && block.Contains("Completed", StringComparison.Ordinal)));
        var runs = await reader.RunsAsync();
        Assert.That(
            runs.Select(run => (Job.Count(run, "planned"), Job.Count(run, "delivered"), Job.Count(run, "unchanged"), Job.Count(run, "pending"))),
            Is.EqualTo(new[] { (3L, 0L, 3L, 0L), (3L, 3L, 0L, 0L) }), "the newest first");
        runs.ToList().ForEach(Job.ShouldBeVerified);
    }

    [Test]
    public async Task Should_bring_a_fact_of_ones_own_service_to_a_vendor()
    {
        await using var broker = await RabbitMqVirtualHost.CreateAsync();
        await using var reader = new GuideReader(new Dictionary<string, string>
        {
            ["amqp://guest:guest@localhost:5672/"] = broker.Uri.ToString(),
        });
        await reader.PrepareAsync("first-sync-with-your-own-file.md");
        reader.Copy("Hub/Samples/producers/node");
        await reader.FollowAsync("first-fact-from-your-own-service.md");
        Assert.That(Job.Count((await reader.RunsAsync())[0], "delivered"), Is.EqualTo(1), "the fact's person");
        await Poll.Until(async () => await reader.CountMembersAsync() == 0, "the withdrawal to end her membership without a run");
    }

    [Test]
    public async Task Should_be_called_by_other_systems()
    {
        await using var reader = new GuideReader();
        await reader.PrepareAsync("first-sync-with-your-own-file.md");
        var said = string.Concat(await reader.FollowAsync("webhooks.md"));
        Assert.That(said, Does.Contain("\"kept\"").And.Contain("profile_updated").And.Contain("audience.newsletter").And.Contain("\"line\":3,\"status\":\"accepted\""));
        await Poll.Until(async () => await reader.CountFactsAsync() == 2 + 4, "the calls of both sources, and four facts of three changes");
    }

    [Test]
    public async Task Should_connect_real_accounts()
    {
        await using var sandbox = await HubProcess.SandboxAsync();
        var vendors = Settings.AtSandbox(sandbox);
        await using var reader = new GuideReader(new Dictionary<string, string>
        {
            ["https://rest.iad-01.braze.com"] = vendors["Hub__Destinations__braze__BaseUrl"],
            ["https://123-ABC-456.mktorest.com"] = vendors["Hub__Destinations__marketo__BaseUrl"],
            ["BRAZE_API_KEY=your-key"] = $"BRAZE_API_KEY={vendors["BRAZE_API_KEY"]}",
            // HubSpot has one address for all accounts, which a test may not call.
            ["HUBSPOT_ACCESS_TOKEN=your-token"] = $"HUBSPOT_ACCESS_TOKEN={vendors["HUBSPOT_ACCESS_TOKEN"]} Hub__Destinations__hubspot__BaseUrl={vendors["Hub__Destinations__hubspot__BaseUrl"]}",
            ["MARKETO_CLIENT_ID=your-id"] = $"MARKETO_CLIENT_ID={vendors["MARKETO_CLIENT_ID"]}",
            ["MARKETO_CLIENT_SECRET=your-secret"] = $"MARKETO_CLIENT_SECRET={vendors["MARKETO_CLIENT_SECRET"]}",
        });
        var said = string.Concat(await reader.FollowAsync("first-real-account.md"));
        Assert.That(said, Does.Contain("braze").And.Contain("hubspot").And.Contain("marketo"));
    }
}

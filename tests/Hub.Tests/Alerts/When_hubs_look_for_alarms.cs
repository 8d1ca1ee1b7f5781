using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Destinations;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>From what stands still to what is to be told, whichever hub looks, and however often one of them starts anew.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_hubs_look_for_alarms(StorageDatabase database) : DeliveryFixture(database)
{
    private static readonly AlertRoute _onCall = new("on_call", AlertRouteKind.Slack, [AlertSeverity.Critical], []);
    private static readonly AlertRoute _team = new("team", AlertRouteKind.Slack, [], []);
    private string _destination = "";

    [SetUp]
    public async Task Begin()
    {
        _destination = Unique("dest");
        Clock.Now = Noon;
        await ExecuteAsync("DELETE FROM alert_sends");
        await ExecuteAsync("DELETE FROM alerts");
        await ExecuteAsync("DELETE FROM deliveries");
    }

    [Test]
    public async Task Should_write_each_word_once_when_two_look_at_once_and_one_starts_anew_in_between()
    {
        await RefuseAsync(Lane.Bulk);
        await Task.WhenAll(Watch(_team).LookAsync(CancellationToken.None), Watch(_team).LookAsync(CancellationToken.None));
        await Watch(_team).LookAsync(CancellationToken.None);
        Assert.That(await WordsAsync(), Is.EqualTo(new[] { "team trigger" }));

        await ExecuteAsync("DELETE FROM destination_conditions");
        foreach (var second in new[] { 20, 60, 60, 90 })
        {
            Clock.Now = Noon.AddSeconds(second);
            await Watch(_team).LookAsync(CancellationToken.None);
        }

        Assert.That(await WordsAsync(), Is.EqualTo(new[] { "team trigger", "team resolve" }));
    }

    /// <summary>An incident that was opened is closed where it was opened, also when it was less urgent in the end.</summary>
    [Test]
    public async Task Should_say_that_it_is_over_to_whoever_heard_of_it_however_urgent_it_was_last()
    {
        await RefuseAsync(Lane.Urgent);
        await Watch(_onCall, _team).LookAsync(CancellationToken.None);
        Assert.That(await WordsAsync(), Is.EquivalentTo(new[] { "on_call trigger", "team trigger" }));

        await ExecuteAsync("DELETE FROM deliveries");
        await OweAsync(Lane.Bulk);
        await Watch(_onCall, _team).LookAsync(CancellationToken.None);
        Assert.That(await WordsAsync(), Has.Length.EqualTo(2), "less urgent is nothing to wake anybody for");

        await ExecuteAsync("DELETE FROM destination_conditions");
        Clock.Now = Noon.AddSeconds(60);
        await Watch(_onCall, _team).LookAsync(CancellationToken.None);
        Assert.That(await WordsAsync(), Is.EquivalentTo(new[] { "on_call trigger", "team trigger", "on_call resolve", "team resolve" }));
    }

    private AlertWatch Watch(params AlertRoute[] routes)
    {
        var acme = Acme.Hub();
        var configuration = new HubConfiguration { Destinations = acme.Destinations, Mappings = acme.Mappings, Consent = acme.Consent, Audiences = acme.Audiences, AlertRoutes = routes };
        return new AlertWatch(
            configuration, new DestinationDirectory(new Dictionary<string, Destination>()), new BellTower(configuration, new HubJobs([])), Transactions, Microsoft.Extensions.Options.Options.Create(new WatchOptions()), Clock, NullLogger<AlertWatch>.Instance);
    }

    /// <summary>A destination refuses the credentials, and something waits for it in a lane.</summary>
    private async Task RefuseAsync(string lane)
    {
        await WriteAsync(db => Destinations.ReportAsync(db, new ConditionReport(_destination, "unauthorized", "http_401", Noon, null), _ => Noon.AddDays(1), CancellationToken.None));
        await OweAsync(lane);
    }

    private Task OweAsync(string lane) => ExecuteAsync(
        "INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, created_at) VALUES (@run, @destination, @lane, 0, 4, 1, '', @now, @now)",
        ("run", Guid.NewGuid()), ("destination", _destination), ("lane", lane), ("now", Noon));

    private async Task<string[]> WordsAsync() => await ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return (await session.ReadAsync("SELECT route, event FROM alert_sends ORDER BY send_id", row => $"{row.GetString(0)} {row.GetString(1)}", CancellationToken.None)).ToArray();
    });

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });
}

using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Tests.Alerts;

/// <summary>One alert per cause and one word per change of state, on either database.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_alerts_are_kept(StorageDatabase database) : StorageFixture(database)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(50);
    private string _cause = "";

    [SetUp]
    public async Task Begin()
    {
        _cause = Unique("cause");
        await UpdateAsync(1_000_000); // whatever other tests opened is over
    }

    [Test]
    public async Task Should_tell_once_that_it_opens_and_once_that_it_is_over()
    {
        Assert.That(await UpdateAsync(0, Alarm(AlertSeverity.High)), Is.EqualTo(new[] { (AlertChange.Trigger, AlertSeverity.High) }));
        Assert.That(await UpdateAsync(30, Alarm(AlertSeverity.High)), Is.Empty);
        Assert.That(await UpdateAsync(60), Is.Empty, "one look without it is no end");
        Assert.That(await UpdateAsync(90), Is.EqualTo(new[] { (AlertChange.Resolve, AlertSeverity.High) }));
        Assert.That(await UpdateAsync(120), Is.Empty);
        Assert.That(await UpdateAsync(150, Alarm(AlertSeverity.High)), Has.Count.EqualTo(1), "it is another one");
    }

    [Test]
    public async Task Should_tell_again_when_it_is_more_urgent_and_not_when_it_is_less()
    {
        await UpdateAsync(0, Alarm(AlertSeverity.Medium));
        Assert.That(await UpdateAsync(30, Alarm(AlertSeverity.Critical)), Is.EqualTo(new[] { (AlertChange.Trigger, AlertSeverity.Critical) }));
        Assert.That(await UpdateAsync(60, Alarm(AlertSeverity.Medium)), Is.Empty);
        Assert.That(await UpdateAsync(90, Alarm(AlertSeverity.Critical)), Is.Empty, "that was told");
    }

    [Test]
    public async Task Should_tell_nobody_while_it_is_silenced_and_then_what_still_holds()
    {
        await UpdateAsync(0, Alarm(AlertSeverity.High));
        await WriteAsync(db => AlertBook.SilenceAsync(db, _cause, new AlertSilence(Noon.AddSeconds(100), "known", "person:anna"), Noon, CancellationToken.None));
        Assert.That(await UpdateAsync(30, Alarm(AlertSeverity.Critical)), Is.Empty);
        Assert.That((await OpenAsync(30))!.Silence, Is.EqualTo(new AlertSilence(Noon.AddSeconds(100), "known", "person:anna")));
        Assert.That(await UpdateAsync(110, Alarm(AlertSeverity.Critical)), Is.EqualTo(new[] { (AlertChange.Trigger, AlertSeverity.Critical) }), "the silence is over");
    }

    [Test]
    public async Task Should_tell_at_once_when_a_silence_is_ended()
    {
        await UpdateAsync(0, Alarm(AlertSeverity.High));
        await WriteAsync(db => AlertBook.SilenceAsync(db, _cause, new AlertSilence(Noon.AddHours(1), "known", "person:anna"), Noon, CancellationToken.None));
        Assert.That(await WriteAsync(db => AlertBook.UnsilenceAsync(db, _cause, CancellationToken.None)), Is.True);
        Assert.That(await UpdateAsync(30, Alarm(AlertSeverity.High)), Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_not_say_that_it_is_over_when_nobody_knows_of_it()
    {
        await WriteAsync(db => AlertBook.SilenceAsync(db, _cause, new AlertSilence(Noon.AddHours(1), "known", "person:anna"), Noon, CancellationToken.None));
        await UpdateAsync(0, Alarm(AlertSeverity.High));
        Assert.That(await UpdateAsync(90), Is.Empty);
        Assert.That(await OpenAsync(90), Is.Null);
    }

    [Test]
    public async Task Should_say_that_it_is_over_when_it_was_told_before_the_silence()
    {
        await UpdateAsync(0, Alarm(AlertSeverity.High));
        var id = (await OpenAsync(0))!.AlertId;
        await WriteAsync(db => AlertSends.AddAsync(db, id, "on_call", AlertChange.Trigger, "{}", CancellationToken.None));
        await WriteAsync(db => AlertBook.SilenceAsync(db, _cause, new AlertSilence(Noon.AddHours(1), "known", "person:anna"), Noon, CancellationToken.None));
        Assert.That(await UpdateAsync(90), Is.EqualTo(new[] { (AlertChange.Resolve, AlertSeverity.High) }), "an incident of the receiver stays open else");
        Assert.That(await ReadAsync(db => AlertSends.ToldRoutesAsync(db, id, CancellationToken.None)), Is.EqualTo(new[] { "on_call" }));
    }

    [Test]
    public async Task Should_be_one_alert_and_one_word_however_many_hubs_look()
    {
        var told = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => UpdateAsync(0, Alarm(AlertSeverity.High))));
        Assert.That(told.SelectMany(changes => changes), Is.EqualTo(new[] { (AlertChange.Trigger, AlertSeverity.High) }));
        Assert.That(await OpenAsync(0), Is.Not.Null);
        Assert.That(await CountAsync($"SELECT count(*) FROM alerts WHERE cause = '{_cause}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_take_a_message_up_again_when_nothing_is_heard_of_who_took_it()
    {
        var route = Unique("route");
        await WriteAsync(db => AlertSends.AddAsync(db, 7, route, AlertChange.Trigger, "{}", CancellationToken.None));
        var taken = (await WriteAsync(db => AlertSends.TakeAsync(db, route, TimeSpan.Zero, 100, CancellationToken.None))).Single(send => send.Route == route);
        var again = (await TakeAsync(route)).Single();
        Assert.That((again.SendId, again.Attempts), Is.EqualTo((taken.SendId, 2)), "its turn is over, and nobody knows whether it was told");
        await WriteAsync(db => AlertSends.DoneAsync(db, again.SendId, CancellationToken.None));
    }

    [Test]
    public async Task Should_take_each_message_up_once_and_an_alerts_in_their_order()
    {
        var route = Unique("route");
        await WriteAsync(async db =>
        {
            await AlertSends.AddAsync(db, 7, route, AlertChange.Trigger, "{}", CancellationToken.None);
            await AlertSends.AddAsync(db, 7, route, AlertChange.Resolve, "{}", CancellationToken.None);
        });
        var taken = (await TakeAsync(route)).Single();
        Assert.That((taken.Event, taken.Attempts), Is.EqualTo((AlertChange.Trigger, 1)));
        Assert.That(await TakeAsync(route), Is.Empty, "somebody is at it, and the next has to wait for it");
        await WriteAsync(db => AlertSends.FailedAsync(db, taken.SendId, "http_500", TimeSpan.Zero, CancellationToken.None));
        var again = (await TakeAsync(route)).Single();
        Assert.That((again.SendId, again.Attempts), Is.EqualTo((taken.SendId, 2)));
        await WriteAsync(db => AlertSends.DoneAsync(db, taken.SendId, CancellationToken.None));
        Assert.That((await TakeAsync(route)).Single().Event, Is.EqualTo(AlertChange.Resolve));
    }

    private AlertInput Alarm(string severity) => new(_cause, severity, "unauthorized", "Put a valid secret there.", "run-stalled", Noon) { Destination = "acme" };

    private async Task<IReadOnlyList<(string Event, string Severity)>> UpdateAsync(int second, params AlertInput[] alarms)
    {
        var changes = await WriteAsync(db => AlertBook.UpdateAsync(db, alarms, Noon.AddSeconds(second), _patience, CancellationToken.None));
        return [.. changes.Where(change => change.Alert.What.Cause == _cause).Select(change => (change.Event, change.Alert.What.Severity))];
    }

    private async Task<StoredAlert?> OpenAsync(int second) =>
        (await ReadAsync(db => AlertBook.ListAsync(db, all: false, new PageAsk(), Noon.AddSeconds(second), CancellationToken.None))).Items.SingleOrDefault(alert => alert.What.Cause == _cause);

    private async Task<IReadOnlyList<AlertSend>> TakeAsync(string route) =>
        [.. (await WriteAsync(db => AlertSends.TakeAsync(db, route, TimeSpan.FromMinutes(1), 100, CancellationToken.None))).Where(send => send.Route == route)];
}

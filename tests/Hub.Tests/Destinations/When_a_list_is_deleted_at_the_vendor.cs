using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Destinations;

/// <summary>The vendor's side of an audience is found, forgotten and followed.</summary>
public sealed class When_a_list_is_deleted_at_the_vendor : DeliveryFixture
{
    private AcmeConnector _connector = null!;
    private string _name = null!;
    private string _audience = null!;

    [SetUp]
    public void Start() => (_connector, _name, _audience) = (new AcmeConnector(), Unique("d"), Unique("a"));

    [Test]
    public async Task Should_make_it_anew_when_it_was_found_by_name()
    {
        using var targets = Targets();
        var destination = Destination();
        Assert.That(await FindAsync(targets, destination), Is.EqualTo("list-1"));
        _connector.Ensure = request => new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-2"), null);
        Assert.That(await FindAsync(targets, destination), Is.EqualTo("list-1"), "it is remembered");

        var condition = await ForgetAsync(targets, destination);
        Assert.That((condition.ConcernsThisWorkOnly, condition.RetryAfter), Is.EqualTo((true, (TimeSpan?)TimeSpan.FromSeconds(1))));
        Assert.That(await FindAsync(targets, destination), Is.EqualTo("list-2"));

        using var other = Targets();
        Assert.That(await FindAsync(other, destination), Is.EqualTo("list-2"), "for all instances");
        await ForgetAsync(targets, destination);
        Assert.That(await FindAsync(targets, destination), Is.EqualTo("list-2"), "a late word about the first says nothing about the second");
    }

    [Test]
    public async Task Should_ask_a_person_when_it_was_given_by_id()
    {
        using var targets = Targets();
        var destination = Destination("list-1");
        await FindAsync(targets, destination);
        var condition = await ForgetAsync(targets, destination);
        Assert.That((condition.ConcernsThisWorkOnly, condition.RetryAfter), Is.EqualTo((true, (TimeSpan?)Options.PauseUntilRepaired)));
        await using var pass = await Health().EnterAsync(_name, "bulk", _audience, CancellationToken.None);
        Assert.That((pass.Block?.Code, pass.ConcernsAudienceOnly), Is.EqualTo((ReasonCode.AudienceGone, true)));
    }

    [Test]
    public async Task Should_follow_an_id_that_the_configuration_changes()
    {
        using var before = Targets();
        _connector.Ensure = request => new EnsureAudienceResult(new AudienceTarget(request.Audience, request.RemoteId ?? "by-name"), null);
        await FindAsync(before, Destination());
        var moved = Destination("list-9");
        using var after = Targets();
        Assert.That(await after.MovesAsync(moved, null, CancellationToken.None), Has.Count.EqualTo(1), "said before it is done");
        Assert.That(await FindAsync(after, moved), Is.EqualTo("list-9"));
        Assert.That(await after.MovesAsync(moved, null, CancellationToken.None), Is.Empty);
    }

    [Test]
    public async Task Should_owe_nothing_again_when_the_same_list_is_asked_for_in_other_words()
    {
        using var before = Targets();
        await FindAsync(before, Destination());
        await WriteAsync(async db =>
        {
            await using var session = await IntegrationHub.Storage.DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at) VALUES (@d, @a, 1, true, true, @at)",
                CancellationToken.None, ("d", _name), ("a", _audience), ("at", Noon));
        });
        using var after = Targets();
        Assert.That(await FindAsync(after, Destination("list-1")), Is.EqualTo("list-1"));
        Assert.That(await CountAsync($"SELECT count(*) FROM destination_members WHERE destination = '{_name}'"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_wait_for_another_list_that_the_vendor_is_asked_for()
    {
        using var targets = Targets();
        var slow = new TaskCompletionSource();
        var stuck = new AcmeConnector { EnsureAfter = slow.Task };
        var waits = targets.FindAsync(Acme.Destination(stuck, name: Unique("d"), audience: _audience), _audience, Lane.Bulk, CancellationToken.None);
        Assert.That(await FindAsync(targets, Destination()), Is.EqualTo("list-1"));
        Assert.That(waits.IsCompleted, Is.False);
        slow.SetResult();
        Assert.That((await waits).Target!.RemoteRef, Is.EqualTo("list-1"));
    }

    private Task<DestinationCondition> ForgetAsync(AudienceTargets targets, Destination destination) =>
        targets.ForgetAsync(destination, new AudienceTarget(_audience, "list-1"), null, CancellationToken.None);

    private Destination Destination(string? id = null) => Acme.Destination(
        _connector, name: _name, audience: _audience, audiences: id is null ? null : new Dictionary<string, AudienceRepresentation> { [_audience] = new(null, id) });

    private async Task<string?> FindAsync(AudienceTargets targets, Destination destination) => (await targets.FindAsync(destination, _audience, Lane.Bulk, CancellationToken.None)).Target?.RemoteRef;
}

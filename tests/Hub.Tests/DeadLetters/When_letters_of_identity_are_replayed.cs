using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>What a destination did not take of who somebody is, is owed again where it was owed first, and only while it is still so.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_letters_of_identity_are_replayed(StorageDatabase database) : LetterFixture(database)
{
    private string _before = null!;
    private string _after = null!;

    protected override void AddServices(IServiceCollection services)
    {
        base.AddServices(services);
        services.AddSingleton(IdentityRules.Default);
    }

    [SetUp]
    public async Task Let_the_vendor_have_everybody()
    {
        Array.Sort(People, StringComparer.Ordinal);
        (_before, _after) = ($"{Unique("old")}@x.test", $"{Unique("new")}@x.test");
        await UseAsync("external_id");
    }

    [Test]
    public async Task Should_join_two_who_are_still_one()
    {
        var letter = await DieInMergeAsync();
        await ReplayAsync(letter);
        Assert.That(Sent, Has.Member("MergeProfiles 0"));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Delivered, "")));
        Assert.That(await MembershipsAsync(People[1], "m.is_member"), Is.Zero, "what the vendor had of the one that ended stands with the other");
        await AssertCountedAsync();
    }

    [Test]
    public async Task Should_never_join_two_who_were_parted_since()
    {
        var letter = await DieInMergeAsync();
        await DecideAsync(IdentityVerdict.Unmerge, 1);
        await ReplayAsync(letter);
        Assert.That(Sent, Has.None.StartsWith("MergeProfiles"));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Superseded, "parted")));
    }

    [Test]
    public async Task Should_not_join_anybody_once_the_file_asks_for_it_no_more()
    {
        var letter = await DieInMergeAsync();
        await UseAsync("external_id", MergeRule.Retire);
        await ReplayAsync(letter);
        Assert.That(Sent, Has.None.StartsWith("MergeProfiles"));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Suppressed, "not_asked_for")));
    }

    [Test]
    public async Task Should_say_who_somebody_is_before_anything_else_about_them()
    {
        var letter = await DieInKeyAsync();
        await AppendAsync(Profile(People[0], """{"city":"Bonn"}""", 3, _after), Consent(People[0], "granted", 6));
        await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, LetterIds: [letter]));
        await Worker().StepAsync(CancellationToken.None);
        await DrainAsync(Lane.Urgent);
        Assert.That(Sent, Is.Empty, "the consent waits for the key");
        await WorkAsync();
        Assert.That(Sent[0], Does.StartWith("ChangeKey"));
        Assert.That(Vendor.Delivered[0].Items.Single() is { Identity.NewKey: var key, Key: var named } ? (named, key) : default, Is.EqualTo((_before, _after)));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Delivered, "")));
    }

    [Test]
    public async Task Should_give_the_key_that_the_person_has_now()
    {
        var letter = await DieInKeyAsync();
        var latest = $"{Unique("latest")}@x.test";
        await AppendAsync(Profile(People[0], "{}", 3, latest));
        await DrainAsync(Lane.Live);
        Vendor.Delivered.Clear();
        await ReplayAsync(letter);
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Select(item => (item.Key, item.Identity?.NewKey)), Is.EqualTo(new[] { (_before, latest) }));
    }

    [Test]
    public async Task Should_never_take_the_key_from_whom_the_destination_knows_under_it_by_now()
    {
        var letter = await DieInKeyAsync();
        await AppendAsync(Profile(People[1], "{}", 3, _before));
        await ExecuteAsync("INSERT INTO destination_profiles (destination, profile_id) SELECT @destination, profile_id FROM profiles WHERE external_id = @person ON CONFLICT DO NOTHING", ("destination", Name), ("person", People[1]));
        await ReplayAsync(letter);
        Assert.That(Sent, Has.None.StartsWith("ChangeKey"));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Superseded, "overtaken")));
    }

    [Test]
    public async Task Should_give_the_alias_that_is_still_the_persons()
    {
        var letter = await DieInAliasAsync(new PersonKey(KeyKind.DeviceId, Unique("device")));
        await ReplayAsync(letter);
        Assert.That(Sent, Has.Member("AddAlias 0"));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Delivered, "")));
    }

    [Test]
    public async Task Should_never_give_an_alias_that_is_another_persons_by_now_or_nobody_can_tell_whose([Values] bool isDecided)
    {
        var device = new PersonKey(KeyKind.DeviceId, Unique("device"));
        var letter = await DieInAliasAsync(device);
        await (isDecided ? DecideAsync(IdentityVerdict.Assign, 3, device, new PersonKey(KeyKind.ExternalId, People[1])) : AppendAsync(Profile(People[1], "{}", 3) with { OtherKeys = [device] }));
        await ReplayAsync(letter);
        Assert.That(Sent, Has.None.EqualTo("AddAlias 0"));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Superseded, "overtaken")));
    }

    [Test]
    public async Task Should_not_be_owed_twice_when_the_same_is_owed_already()
    {
        var letter = await DieInMergeAsync();
        await ExecuteAsync(
            """
            INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, created_at, other_profile_id)
            SELECT i.stream_id, l.destination, 'live', 0, 7, l.profile_id, '', l.at, 0, l.at, l.other_profile_id FROM dead_letters l JOIN identity_routes i ON i.destination = l.destination WHERE l.dead_letter_id = @letter
            """, ("letter", letter));
        await ReplayAsync(letter);
        Assert.That(Sent.Count(sent => sent.StartsWith("MergeProfiles", StringComparison.Ordinal)), Is.EqualTo(1));
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.Superseded, "overtaken")));
    }

    [Test]
    public async Task Should_be_given_back_when_somebody_stops_it_before_it_is_sent()
    {
        var letter = await DieInMergeAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, LetterIds: [letter]));
        await Worker().StepAsync(CancellationToken.None);
        await Desk().StopAsync(action.ActionId, "person:anna", "api", null, CancellationToken.None);
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Stopped));
        Assert.That((await StatusOfAsync(letter)).Status, Is.EqualTo(LetterStatus.Open));
        await DrainAsync(Lane.Live);
        Assert.That(Sent, Has.None.StartsWith("MergeProfiles"));
    }

    [Test]
    public async Task Should_come_back_with_its_new_code_and_still_know_whom_it_is_about()
    {
        var letter = await DieInMergeAsync();
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Rejected, "acme_still_not"));
        await ReplayAsync(letter);
        Assert.That(await StatusOfAsync(letter), Is.EqualTo((LetterStatus.CameBack, "acme_still_not")));
        Heal();
        await ReplayAsync(letter);
        Assert.That((await StatusOfAsync(letter)).Status, Is.EqualTo(LetterStatus.Delivered));
        Assert.That((await LettersAsync()).Count(each => each.Operation == "merge_profiles"), Is.EqualTo(1), "one letter all the way");
    }

    private async Task UseAsync(string identity, MergeRule onMerge = MergeRule.Merge)
    {
        await Destination.DisposeAsync();
        Destination = Acme.Destination(
            Vendor, name: Name, audience: Audience, identity: identity, change: file => file with { OnMerge = onMerge, Aliases = new Dictionary<KeyKind, string> { [KeyKind.DeviceId] = "device" } });
        await WriteAsync(db => Ledger.RouteIdentityAsync(db, [Destination.IdentityRoute], partitions: 1, CancellationToken.None));
    }

    /// <summary>The vendor has all three; it refuses to join the first two.</summary>
    private async Task<long> DieInMergeAsync()
    {
        await DeliverRunAsync();
        await DecideAsync(IdentityVerdict.Merge, 0);
        return await BuryAsync("merge_profiles");
    }

    /// <summary>The vendor has the first one under an address; it refuses the next one.</summary>
    private async Task<long> DieInKeyAsync()
    {
        await UseAsync("email");
        await AppendAsync(Profile(People[0], "{}", 1, _before));
        await DeliverRunAsync();
        await AppendAsync(Profile(People[0], "{}", 2, _after));
        return await BuryAsync("change_key");
    }

    /// <summary>The vendor has the first one; it refuses an alias.</summary>
    private async Task<long> DieInAliasAsync(PersonKey device)
    {
        await DeliverRunAsync();
        await AppendAsync(Profile(People[0], "{}", 1) with { OtherKeys = [device] });
        return await BuryAsync("add_alias");
    }

    private async Task DeliverRunAsync()
    {
        await DrainAsync();
        await SetStateAsync(Run, "Completed");
        await DrainAsync(Lane.Urgent);
        Vendor.Delivered.Clear();
    }

    private async Task<long> BuryAsync(string operation)
    {
        Vendor.Deliver = batch => Task.FromResult(Told(batch, Outcome.Rejected, Refused));
        await DrainAsync(Lane.Live);
        Heal();
        Clock.Now += TimeSpan.FromSeconds(2);
        await DrainAsync(Lane.Live);
        Vendor.Delivered.Clear();
        return (await LettersAsync()).Single(letter => letter.Operation == operation).DeadLetterId;
    }

    private async Task ReplayAsync(long letter)
    {
        await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, LetterIds: [letter]));
        await WorkAsync();
    }

    private async Task<(string Status, string Code)> StatusOfAsync(long letter) => (
        (await TextAsync("SELECT status FROM dead_letters WHERE dead_letter_id = @id", ("id", letter)))!, (await TextAsync("SELECT result_code FROM dead_letters WHERE dead_letter_id = @id", ("id", letter))) ?? "");

    private Task ExecuteAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });

    private Task DecideAsync(IdentityVerdict verdict, int minute) => DecideAsync(verdict, minute, new PersonKey(KeyKind.ExternalId, People[0]), new PersonKey(KeyKind.ExternalId, People[1]));

    private Task DecideAsync(IdentityVerdict verdict, int minute, PersonKey key, PersonKey person) => WriteAsync(db => Scopes.CreateScope().ServiceProvider.GetRequiredService<IdentityDesk>().DecideAsync(
        db, new IdentityRuling(verdict, key, person, "kim", "because"), Noon.AddMinutes(minute), CancellationToken.None));
}

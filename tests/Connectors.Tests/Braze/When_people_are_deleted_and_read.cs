using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Braze;

public sealed class When_people_are_deleted_and_read
{
    private static readonly (Outcome, string?) Delivered = (Outcome.Delivered, null);
    private static readonly (Outcome, string?) Unchanged = (Outcome.Unchanged, null);

    private ServedBraze _braze = null!;

    [SetUp]
    public async Task Start() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task Stop() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_delete_and_prove_it_by_reading()
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""", """{"external_id":"c-2"}""");
        _braze.Room.Knobs.ApplyDelay = TimeSpan.FromMinutes(1);
        Assert.That(await DeleteAsync(), Is.EqualTo(Delivered));
        Assert.That(await ReadAsync("c-1"), Is.EqualTo(new[] { "c-1" }), "Still there for some minutes.");
        Assert.That(await DeleteAsync(), Is.EqualTo(Delivered), "A repeat is harmless.");
        _braze.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.That(await ReadAsync("c-1"), Is.Empty);
        Assert.That(await DeleteAsync(), Is.EqualTo(Unchanged));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-2" }));
    }

    [Test]
    public async Task Should_take_along_unidentified_profiles_with_the_same_address_and_nobody_else()
    {
        await _braze.TrackAsync("""{"email":"a@example.test"}""", """{"external_id":"c-1","email":"a@example.test"}""", """{"external_id":"c-2","email":"a@example.test"}""");
        Assert.That(await DeleteAsync(), Is.EqualTo(Delivered));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-2" }));
    }

    [Test]
    public async Task Should_delete_everybody_with_the_address_that_is_the_key()
    {
        await _braze.TrackAsync("""{"email":"a@example.test"}""", """{"external_id":"c-1","email":"a@example.test"}""", """{"external_id":"c-2","email":"b@example.test"}""");
        Assert.That(await _braze.DeliverAsync(Operation.DeleteProfile, ScriptedBraze.Person(1) with { Key = "a@example.test" }, "email"), Is.EqualTo(Delivered));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-2" }));
    }

    [Test]
    public async Task Should_not_delete_a_living_profile_by_an_id_that_it_had_before()
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        await _braze.PostAsync("users/external_ids/rename", """{"external_id_renames":[{"current_external_id":"c-1","new_external_id":"n-1"}]}""", 200);
        Assert.That(await DeleteAsync(), Is.EqualTo(Unchanged));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "n-1" }));
        Assert.That(await ReadAsync("c-1"), Is.Empty, "Nobody has that key now.");
    }

    [Test]
    public async Task Should_delete_more_profiles_than_a_call_takes()
    {
        await _braze.TrackAsync([.. Enumerable.Range(0, 60).Select(id => $$"""{"external_id":"x-{{id}}","email":"a@example.test"}""")]);
        Assert.That(await _braze.DeliverAsync(Operation.DeleteProfile, ScriptedBraze.Person(1) with { Key = "a@example.test" }, "email"), Is.EqualTo(Delivered));
        Assert.That(_braze.Everybody(), Is.Empty);
        Assert.That((_braze.CallsOf("users/delete"), _braze.Room.Stats.Of("users/delete").MaxRecords), Is.EqualTo((2, 50)));
    }

    [Test]
    public async Task Should_keep_the_profiles_of_one_person_in_one_call()
    {
        foreach (var person in new[] { "a", "b" })
        {
            await _braze.TrackAsync([.. Enumerable.Range(0, 30).Select(id => $$"""{"external_id":"{{person}}-{{id}}","email":"{{person}}@example.test"}""")]);
        }

        var items = new[] { ScriptedBraze.Person(1) with { Key = "a@example.test" }, ScriptedBraze.Person(2) with { Key = "b@example.test" } };
        await _braze.Connect("email").DeliverAsync(ScriptedBraze.Of(Operation.DeleteProfile, items), default);
        Assert.That(_braze.Everybody(), Is.Empty);
        Assert.That((_braze.CallsOf("users/delete"), _braze.Room.Stats.Of("users/delete").MaxRecords), Is.EqualTo((2, 30)));
    }

    [Test]
    public async Task Should_go_on_with_others_when_a_deletion_fails()
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.UnknownCode, Endpoint = "users/delete", Calls = 1 });
        var receipt = await _braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.DeleteProfile, 2), default);
        Assert.That(
            receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)),
            Is.EqualTo(new (Outcome, string?)[] { (Outcome.RetryLater, "braze_message_not_success"), Unchanged }));
    }

    [Test]
    public async Task Should_read_the_fields_asked_for_as_braze_spells_them()
    {
        using var braze = new ScriptedBraze().Answer(200, new Recording("export-ok"));
        var profile = (await braze.Connect().ReadProfilesAsync(["c-41", "c-42"], ["first_name", "email_subscribe", "income", "aud_spring", "list", "nothing"], default)).Single();

        Assert.That((profile.Key, profile.RemoteId), Is.EqualTo(("c-41", "5f00000000000000000000a1")));
        Assert.That(profile.Fields, Is.EquivalentTo(new Dictionary<string, string>
        {
            ["first_name"] = "\"Zoë\"", ["email_subscribe"] = "\"subscribed\"", ["income"] = "90000.50", ["aud_spring"] = "true", ["list"] = "[\"a\"]",
        }));
    }

    /// <summary>As the page shows an export: https://www.braze.com/docs/api/endpoints/export/user_data/post_users_identifier</summary>
    [Test]
    public async Task Should_show_all_that_an_export_tells_of_what_somebody_wrote()
    {
        using var braze = new ScriptedBraze().Answer(200, new Recording("export-ok"));
        var shown = (await braze.Connect().ReadWholeAsync("c-41", default)).Single();
        Assert.That((shown.RemoteId, shown.IsOptedOut), Is.EqualTo(("5f00000000000000000000a1", (bool?)false)));
        var fields = shown.Fields.ToDictionary(field => field.Name);
        Assert.That((fields["first_name"].Value, fields["first_name"].IsVendorsOwn, fields["income"].Value, fields["income"].IsVendorsOwn, fields["list"].Value), Is.EqualTo(("\"Zoë\"", true, "90000.50", false, "[\"a\"]")));
        Assert.That(await _braze.Connect().ReadWholeAsync("c-nobody", default), Is.Empty);
    }

    /// <summary>A comparison of members and fields costs one call for fifty people, not two.</summary>
    [Test]
    public async Task Should_tell_fields_along_with_who_is_a_member()
    {
        using var braze = new ScriptedBraze().Answer(200, new Recording("export-ok"));
        var told = await braze.Connect().LookUpMemberProfilesAsync(new AudienceTarget("spring", "aud_spring"), [new RemoteMember(null, "c-41"), new RemoteMember(null, "c-42")], ["first_name", "income"], default);

        Assert.That(told.Members, Is.EqualTo(new[] { new RemoteMember("5f00000000000000000000a1", "c-41") }));
        Assert.That(told.Profiles.Single().Fields, Is.EquivalentTo(new Dictionary<string, string> { ["first_name"] = "\"Zoë\"", ["income"] = "90000.50" }));
        Assert.That(braze.Sent, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_show_duplicates_by_reading_one_profile_each()
    {
        await _braze.TrackAsync("""{"email":"a@example.test"}""", """{"external_id":"c-1","email":"A@example.test"}""");
        var profiles = await _braze.Connect("email").ReadProfilesAsync(["a@example.test"], [], default);
        Assert.That(profiles.Select(profile => profile.Key), Is.EqualTo(new[] { "a@example.test", "a@example.test" }));
        Assert.That(profiles.Select(profile => profile.RemoteId), Is.Unique);
    }

    [Test]
    public async Task Should_say_what_is_wrong_when_profiles_cannot_be_read()
    {
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429, RetryAfter = TimeSpan.FromSeconds(3) });
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await _braze.Connect().ReadProfilesAsync(["c-1"], [], default));
        Assert.That(thrown!.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "braze_429", TimeSpan.FromSeconds(3))));
    }

    [Test]
    public void Should_read_no_more_keys_than_a_call_takes() => Assert.Multiple(() =>
    {
        Assert.That((_braze.Connect().MaxKeysPerRead, _braze.Connect("email").MaxKeysPerRead), Is.EqualTo((50, 1)));
        Assert.That(async () => await _braze.Connect("email").ReadProfilesAsync(["a", "b"], [], default), Throws.InstanceOf<ArgumentOutOfRangeException>());
    });

    private Task<(Outcome, string?)> DeleteAsync() => _braze.DeliverAsync(Operation.DeleteProfile, ScriptedBraze.Person(1));

    private async Task<string[]> ReadAsync(string key) => [.. (await _braze.Connect().ReadProfilesAsync([key], [], default)).Select(profile => profile.Key)];
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Braze;

public sealed class When_identities_change
{
    private static readonly ProfileAlias Device = new("device", "d-9");
    private static readonly (Outcome, string?) Delivered = (Outcome.Delivered, null);
    private static readonly (Outcome, string?) Unchanged = (Outcome.Unchanged, null);
    private static readonly (Outcome, string?) Nobody = (Outcome.RetryLater, ReasonCode.NotFound);
    private static readonly (Outcome, string?) Duplicates = (Outcome.Rejected, ReasonCode.DuplicatesAtVendor);

    private ServedBraze _braze = null!;

    [SetUp]
    public async Task Start() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task Stop() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_rename_without_a_second_profile_and_let_the_former_id_go()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","first_name":"Ann"}""");
        Assert.That(await ChangeKeyAsync(), Is.EqualTo(Delivered));
        Assert.That(_braze.Person("n-1")!.Fields["first_name"], Is.EqualTo("\"Ann\""));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "n-1" }));
        Assert.That(await _braze.ExportAsync("\"external_ids\":[\"c-1\"]"), Is.Empty, "The former id leads nowhere.");
        Assert.That(await ChangeKeyAsync(), Is.EqualTo(Unchanged), "A repeat.");
    }

    [TestCase("users/external_ids/rename")]
    [TestCase("users/external_ids/remove")]
    public async Task Should_finish_a_rename_whose_answer_was_lost(string path)
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.LostResponse, Endpoint = path, Calls = 1 });
        Assert.That(await ChangeKeyAsync(), Is.EqualTo((Outcome.NotSent, "braze_no_connection")));
        Assert.That(await ChangeKeyAsync(), Is.EqualTo(path.EndsWith("rename", StringComparison.Ordinal) ? Delivered : Unchanged));
        Assert.That(await _braze.ExportAsync("\"external_ids\":[\"c-1\"]"), Is.Empty);
    }

    [Test]
    public async Task Should_not_take_a_key_that_somebody_has()
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""", """{"external_id":"n-1"}""");
        Assert.That(await ChangeKeyAsync(), Is.EqualTo((Outcome.Rejected, "braze_external_id_in_use")));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-1", "n-1" }));
    }

    [Test]
    public async Task Should_wait_for_somebody_who_is_not_there_yet() => Assert.That(await ChangeKeyAsync(), Is.EqualTo(Nobody));

    [Test]
    public async Task Should_rename_each_record_for_itself()
    {
        using var braze = new ScriptedBraze()
            .Answer(201, new Recording("rename-partial"))
            .Answer(200, """{"message":"success","users":[{"external_id":"c-41"},{"external_id":"n-41"}]}""")
            .Answer(201, new Recording("remove-ok"));
        var receipt = await braze.Connect().DeliverAsync(
            ScriptedBraze.Of(Operation.ChangeKey, [.. new[] { 41, 42, 43 }.Select(id => ScriptedBraze.Changing(id, new() { NewKey = $"n-{id}" }))]), default);

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(new (Outcome, string?)[]
        {
            (Outcome.Rejected, "braze_external_id_in_use"), Delivered, (Outcome.RetryLater, "braze_not_mentioned"),
        }));
    }

    [Test]
    public async Task Should_change_an_address_without_a_second_profile_and_keep_the_opt_out()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"old@example.test","email_subscribe":"unsubscribed"}""");
        Assert.That(await ChangeEmailAsync(), Is.EqualTo(Delivered));
        var person = _braze.Sandbox.People().Single();
        Assert.That((person.Keys["email"], person.Consent["email_subscribe"]), Is.EqualTo(("new@example.test", "unsubscribed")));
        Assert.That(await ChangeEmailAsync(), Is.EqualTo(Unchanged), "A repeat.");
    }

    [Test]
    public async Task Should_not_make_duplicates_of_an_address_or_choose_among_them()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"old@example.test"}""", """{"external_id":"c-2","email":"new@example.test"}""");
        Assert.That(await ChangeEmailAsync(), Is.EqualTo(Duplicates));
        await _braze.TrackAsync("""{"external_id":"c-2","email":"old@example.test"}""");
        Assert.That(await ChangeEmailAsync(), Is.EqualTo(Duplicates));
        Assert.That(_braze.Sandbox.People().Select(person => person.Keys["email"]), Is.All.EqualTo("old@example.test"));
    }

    [Test]
    public async Task Should_join_two_people_into_the_one_that_stays()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","first_name":"Ann"}""", """{"external_id":"c-2","first_name":"Anna","last_name":"Lee"}""");
        Assert.That(await MergeAsync(), Is.EqualTo(Delivered));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-1" }));
        Assert.That((_braze.Person("c-1")!.Fields["first_name"], _braze.Person("c-1")!.Fields["last_name"]), Is.EqualTo(("\"Ann\"", "\"Lee\"")));
        Assert.That(await MergeAsync(), Is.EqualTo(Unchanged), "A repeat.");
        Assert.That(_braze.CallsOf("users/merge"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_safe_to_repeat_while_the_merge_is_under_way()
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""", """{"external_id":"c-2"}""");
        _braze.Room.Knobs.ApplyDelay = TimeSpan.FromMinutes(1);
        Assert.That(await MergeAsync(), Is.EqualTo(Delivered));
        Assert.That(await MergeAsync(), Is.EqualTo(Delivered), "Nothing of it is visible yet.");
        _braze.Time.Advance(TimeSpan.FromMinutes(10));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-1" }));
        Assert.That(await MergeAsync(), Is.EqualTo(Unchanged));
    }

    [TestCase("""{"external_id":"c-2"}""")]
    [TestCase("""{"external_id":"somebody-else"}""")]
    public async Task Should_not_lose_anybody_when_the_one_to_stay_is_not_there_yet(string others)
    {
        await _braze.TrackAsync(others);
        Assert.That(await MergeAsync(), Is.EqualTo(Nobody));
        Assert.That(_braze.CallsOf("users/merge"), Is.Zero);
    }

    [Test]
    public async Task Should_merge_by_address_only_where_it_is_plain_who_is_meant()
    {
        await _braze.TrackAsync("""{"email":"a@example.test"}""", """{"email":"b@example.test","last_name":"Lee"}""");
        var item = ScriptedBraze.Changing(1, new() { OtherKey = "b@example.test" }) with { Key = "a@example.test" };
        Assert.That(await _braze.DeliverAsync(Operation.MergeProfiles, item, "email"), Is.EqualTo(Delivered));
        Assert.That(_braze.Sandbox.People().Single().Fields["last_name"], Is.EqualTo("\"Lee\""));

        await _braze.TrackAsync("""{"external_id":"c-1","email":"b@example.test"}""", """{"external_id":"c-2","email":"b@example.test"}""");
        Assert.That(await _braze.DeliverAsync(Operation.MergeProfiles, item, "email"), Is.EqualTo(Duplicates));
    }

    [Test]
    public async Task Should_add_an_alias_once()
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        Assert.That(await AliasAsync(Operation.AddAlias), Is.EqualTo(Delivered));
        Assert.That(await _braze.ExportAsync("\"user_aliases\":[{\"alias_name\":\"d-9\",\"alias_label\":\"device\"}]"), Has.Length.EqualTo(1));
        Assert.That(await AliasAsync(Operation.AddAlias), Is.EqualTo(Unchanged));
        Assert.That(await AliasAsync(Operation.AddAlias, new ProfileAlias("device", "d-10")), Is.EqualTo((Outcome.Rejected, "braze_alias_label_taken")));
        Assert.That(_braze.CallsOf("users/alias/new"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_take_an_alias_for_added_that_braze_gives_to_nobody()
    {
        Assert.That(await AliasAsync(Operation.AddAlias), Is.EqualTo(Nobody));
        Assert.That(_braze.CallsOf("users/alias/new"), Is.Zero);
    }

    [Test]
    public async Task Should_find_the_external_id_of_whom_it_knows_by_address()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"a@example.test"}""", """{"email":"b@example.test"}""");
        var item = ScriptedBraze.Changing(1, new() { Alias = Device }) with { Key = "a@example.test" };
        Assert.That(await _braze.DeliverAsync(Operation.AddAlias, item, "email"), Is.EqualTo(Delivered));
        Assert.That(await _braze.DeliverAsync(Operation.AddAlias, item with { Key = "b@example.test" }, "email"), Is.EqualTo((Outcome.Rejected, "braze_needs_external_id")));
        Assert.That(await _braze.DeliverAsync(Operation.IdentifyProfile, item, "email"), Is.EqualTo((Outcome.Rejected, "braze_needs_external_id")));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_identify_somebody_known_by_alias_only(bool keyIsKnown)
    {
        await KnowByAliasAsync();
        if (keyIsKnown)
        {
            await _braze.TrackAsync("""{"external_id":"c-1","first_name":"Ann"}""");
        }

        Assert.That(await AliasAsync(Operation.IdentifyProfile), Is.EqualTo(Delivered));
        Assert.That(_braze.Everybody(), Is.EqualTo(new[] { "c-1" }));
        Assert.That(_braze.Person("c-1")!.Fields["seen"], Is.EqualTo("1"));
        Assert.That(await AliasAsync(Operation.IdentifyProfile), Is.EqualTo(Unchanged), "A repeat.");
        Assert.That(_braze.CallsOf("users/identify"), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_not_take_somebody_for_identified_whom_braze_leaves_as_they_are()
    {
        Assert.That(await AliasAsync(Operation.IdentifyProfile), Is.EqualTo(Nobody), "Nobody has the alias.");

        await KnowByAliasAsync();
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        await _braze.PostAsync("users/alias/new", """{"user_aliases":[{"external_id":"c-1","alias_name":"d-8","alias_label":"device"}]}""", 201);
        Assert.That(await AliasAsync(Operation.IdentifyProfile), Is.EqualTo((Outcome.Rejected, "braze_alias_label_taken")));

        await _braze.TrackAsync("""{"external_id":"c-2"}""");
        Assert.That(
            await _braze.DeliverAsync(Operation.IdentifyProfile, ScriptedBraze.Changing(2, new() { Alias = new ProfileAlias("device", "d-8") })),
            Is.EqualTo((Outcome.Rejected, "braze_alias_identified")));
        Assert.That(_braze.CallsOf("users/identify"), Is.Zero);
    }

    [TestCase(Operation.ChangeKey)]
    [TestCase(Operation.MergeProfiles)]
    [TestCase(Operation.AddAlias)]
    [TestCase(Operation.IdentifyProfile)]
    public async Task Should_be_refused_without_the_other_identity(Operation operation)
        => Assert.That(await _braze.DeliverAsync(operation, ScriptedBraze.Changing(1, new())), Is.EqualTo((Outcome.Rejected, ReasonCode.IdentityMissing)));

    [TestCase(Operation.ChangeKey)]
    [TestCase(Operation.MergeProfiles)]
    public async Task Should_have_nothing_to_do_when_both_identities_are_one(Operation operation)
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        Assert.That(await _braze.DeliverAsync(operation, ScriptedBraze.Changing(1, new() { NewKey = "c-1", OtherKey = "c-1" })), Is.EqualTo(Unchanged));
    }

    [TestCase(Operation.MergeProfiles)]
    [TestCase(Operation.AddAlias)]
    [TestCase(Operation.IdentifyProfile)]
    [TestCase(Operation.DeleteProfile)]
    public async Task Should_be_not_sent_when_nobody_can_be_looked_up(Operation operation)
    {
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429, Endpoint = "users/export/ids", RetryAfter = TimeSpan.FromSeconds(7) });
        var receipt = await _braze.Connect().DeliverAsync(ScriptedBraze.Of(operation, ScriptedBraze.Changing(1, new() { OtherKey = "c-2", Alias = Device })), default);
        Assert.That(receipt.Outcomes.Single(), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.NotSent, Code = "braze_429" }));
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "braze_429", TimeSpan.FromSeconds(7))));
    }

    private Task<(Outcome, string?)> ChangeKeyAsync() => _braze.DeliverAsync(Operation.ChangeKey, ScriptedBraze.Changing(1, new() { NewKey = "n-1" }));

    private Task<(Outcome, string?)> ChangeEmailAsync()
        => _braze.DeliverAsync(Operation.ChangeKey, ScriptedBraze.Changing(1, new() { NewKey = "new@example.test" }) with { Key = "old@example.test" }, "email");

    private Task<(Outcome, string?)> MergeAsync() => _braze.DeliverAsync(Operation.MergeProfiles, ScriptedBraze.Changing(1, new() { OtherKey = "c-2" }));

    private Task<(Outcome, string?)> AliasAsync(Operation operation, ProfileAlias? alias = null)
        => _braze.DeliverAsync(operation, ScriptedBraze.Changing(1, new() { Alias = alias ?? Device }));

    private Task KnowByAliasAsync()
        => _braze.TrackAsync("""{"user_alias":{"alias_name":"d-9","alias_label":"device"},"_update_existing_only":false,"seen":1}""");
}

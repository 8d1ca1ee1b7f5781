using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_identities_change
{
    private SandboxClient _marketo = null!;

    [SetUp]
    public async Task StartAsync() => _marketo = await SandboxClient.StartAsync();

    [TearDown]
    public async Task StopAsync() => await _marketo.DisposeAsync();

    [Test]
    public async Task Should_change_the_address_of_the_same_person_and_find_it_changed_on_a_repeat()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test","firstName":"Ann"}""");
        var batch = Of(Operation.ChangeKey, Changing(1, new() { NewKey = "new1@example.test" }));
        Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Delivered #1" }));
        Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Unchanged #1" }));
        Assert.That(_marketo.Marketo.People().Single().Keys["email"], Is.EqualTo("new1@example.test"));
    }

    [Test]
    public async Task Should_settle_a_lost_answer_by_looking_again()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person2@example.test"},{"email":"old2@example.test"}""");
        foreach (var (batch, endpoint) in new[]
        {
            (Of(Operation.ChangeKey, Changing(1, new() { NewKey = "new1@example.test" })), "rest/v1/leads.json"),
            (Of(Operation.MergeProfiles, Changing(2, new() { OtherKey = "old2@example.test" })), "rest/v1/leads/{id}/merge.json"),
            (Of(Operation.DeleteProfile, Known(2)), "rest/v1/leads/delete.json"),
        })
        {
            // The look at who has the keys goes to the same address as the change: the second call is the one to lose.
            var skip = endpoint == "rest/v1/leads.json" ? new Fault { Kind = FaultKind.Slow, Endpoint = endpoint, Calls = 1 } : null;
            _marketo.Room.Faults.Add(skip ?? new Fault { Kind = FaultKind.LostResponse, Endpoint = endpoint, Calls = 1 });
            var first = await _marketo.Connect().DeliverAsync(batch, default);
            Assert.That(first.Outcomes.Single().Outcome, skip is null ? Is.EqualTo(Outcome.NotSent) : Is.EqualTo(Outcome.Delivered), $"{batch.Operation}");
            Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Outcomes.Single().Outcome, Is.EqualTo(Outcome.Unchanged), $"{batch.Operation}");
        }

        Assert.That(_marketo.Marketo.People().Single().Keys["email"], Is.EqualTo("new1@example.test"));
    }

    [TestCase("""{"email":"person1@example.test"},{"email":"new1@example.test"}""", "1 Rejected duplicates_at_vendor")]
    [TestCase("""{"email":"person1@example.test"},{"email":"person1@example.test"}""", "1 Rejected duplicates_at_vendor")]
    [TestCase("""{"email":"new1@example.test"},{"email":"new1@example.test"}""", "1 Rejected duplicates_at_vendor")]
    [TestCase("""{"email":"somebody@example.test"}""", "1 Rejected not_found")]
    public async Task Should_change_no_key_when_that_would_leave_two_people_or_there_is_nobody(string people, string told)
    {
        await _marketo.UpsertAsync(people, "createDuplicate");
        var before = _marketo.Marketo.People().Select(person => person.Keys["email"]).ToArray();
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.ChangeKey, Changing(1, new() { NewKey = "new1@example.test" })), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { told }));
        Assert.That(_marketo.Marketo.People().Select(person => person.Keys["email"]), Is.EqualTo(before));
    }

    [Test]
    public async Task Should_refuse_an_incomplete_change_without_a_call()
    {
        using var marketo = new ScriptedMarketo();
        var connector = marketo.Connect();
        var changes = await connector.DeliverAsync(
            Of(Operation.ChangeKey, Known(1), Changing(2, new() { NewKey = "zoë@example.test" }), Changing(3, new() { NewKey = "a,b" })), default);
        var merges = await connector.DeliverAsync(Of(Operation.MergeProfiles, Changing(1, new())), default);
        Assert.That(changes.Told(), Is.EqualTo(new[] { "1 Rejected identity_key_missing", "2 Rejected email_not_ascii", "3 Rejected key_not_searchable" }));
        Assert.That(merges.Told(), Is.EqualTo(new[] { "1 Rejected identity_key_missing" }));
        Assert.That(marketo.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_retry_when_the_person_ends_between_the_look_and_the_change()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":501,"email":"person1@example.test"}""").Rows(Skipped("719"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.ChangeKey, Changing(1, new() { NewKey = "new1@example.test" })), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 RetryLater marketo_719 #501" }));
    }

    [Test]
    public async Task Should_join_all_who_have_the_other_key_with_their_memberships_and_events()
    {
        await _marketo.UpsertAsync(
            """{"email":"person1@example.test","firstName":"Ann"},{"email":"old1@example.test","firstName":"Anna","city":"Rome"},{"email":"old1@example.test"}""", "createDuplicate");
        var list = await _marketo.CreateListAsync();
        await _marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json?id=2");
        await _marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(7, "2")), default);

        var batch = Of(Operation.MergeProfiles, Changing(1, new() { OtherKey = "old1@example.test" }));
        Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Delivered #1" }));
        Assert.That((await _marketo.Connect().DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Unchanged #1" }));

        var person = _marketo.Marketo.People().Single();
        Assert.That((person.Fields["firstName"], person.Fields["city"], person.Memberships.Count), Is.EqualTo(("\"Ann\"", "\"Rome\"", 1)));
        Assert.That(_marketo.Marketo.Events().Single().PersonKeys["email"], Is.EqualTo("person1@example.test"));
    }

    [TestCase("2", "1 Delivered #2")]
    [TestCase("99", "1 Delivered #1")]
    [TestCase(null, "1 Delivered #1")]
    public async Task Should_join_people_who_share_a_key_into_the_one_that_the_hub_knows(string? remoteId, string told)
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"person1@example.test"},{"email":"person1@example.test"}""", "createDuplicate");
        var receipt = await _marketo.Connect().DeliverAsync(
            Of(Operation.MergeProfiles, Changing(1, new() { OtherKey = "person1@example.test" }, remoteId)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { told }));
        Assert.That(_marketo.Marketo.People().Count(), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_merge_more_people_than_one_call_takes()
    {
        var others = string.Join(',', Enumerable.Repeat("""{"email":"old1@example.test"}""", 30));
        await _marketo.UpsertAsync($$"""{"email":"person1@example.test"},{{others}}""", "createDuplicate");
        var receipt = await _marketo.Connect().DeliverAsync(Of(Operation.MergeProfiles, Changing(1, new() { OtherKey = "old1@example.test" })), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #1" }));
        Assert.That(_marketo.Marketo.People().Count(), Is.EqualTo(1));
        Assert.That(_marketo.Room.Stats.Of("rest/v1/leads/{id}/merge.json").Calls, Is.EqualTo(2));
    }

    [Test]
    public async Task Should_give_the_key_to_the_other_one_where_nobody_has_it_and_join_nobody_into_several()
    {
        await _marketo.UpsertAsync("""{"email":"old1@example.test"},{"email":"person2@example.test"},{"email":"person2@example.test"}""", "createDuplicate");
        var receipt = await _marketo.Connect().DeliverAsync(
            Of(Operation.MergeProfiles, Changing(1, new() { OtherKey = "old1@example.test" }), Changing(2, new() { OtherKey = "old1@example.test" })), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #1", "2 Rejected duplicates_at_vendor" }));
    }

    [Test]
    public async Task Should_judge_one_merge_without_the_others()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(
                """{"id":501,"email":"person1@example.test"}""", """{"id":601,"email":"old1@example.test"}""",
                """{"id":502,"email":"person2@example.test"}""", """{"id":602,"email":"old2@example.test"}""")
            .Fail("1076")
            .Answer("""{"success":true}""")
            .Rows("""{"id":502,"email":"person2@example.test"}""");
        var receipt = await marketo.Connect().DeliverAsync(
            Of(Operation.MergeProfiles, Changing(1, new() { OtherKey = "old1@example.test" }), Changing(2, new() { OtherKey = "old2@example.test" })), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Rejected marketo_1076 #501", "2 Delivered #502" }));
    }

    [Test]
    public async Task Should_follow_the_one_whom_marketo_kept_because_the_crm_has_them()
    {
        using var marketo = new ScriptedMarketo()
            .Rows("""{"id":501,"email":"person1@example.test"}""", """{"id":601,"email":"old1@example.test"}""")
            .Answer("""{"requestId":"e42b#14272d07d78","success":true}""")
            .Rows("""{"id":601,"email":"old1@example.test"}""")
            .Rows(Row(601, "updated"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.MergeProfiles, Changing(1, new() { OtherKey = "old1@example.test" }, "501")), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 Delivered #601" }));
        Assert.That(marketo.Sent[^1], Does.Contain("/rest/v1/leads.json").And.Contain("601").And.Contain("person1@example.test"));
    }

    [Test]
    public async Task Should_delete_everybody_who_has_the_key_and_prove_it()
    {
        await _marketo.UpsertAsync("""{"email":"person1@example.test"},{"email":"Person1@example.test"},{"email":"person2@example.test"}""", "createDuplicate");
        var connector = _marketo.Connect();
        var batch = Of(Operation.DeleteProfile, Known(1, "3"), Known(9));
        Assert.That((await connector.DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Delivered", "9 Unchanged" }));
        Assert.That(_marketo.Marketo.People().Single().Keys["email"], Is.EqualTo("person2@example.test"), "A stale id deletes no stranger.");
        Assert.That((await connector.DeliverAsync(batch, default)).Told(), Is.EqualTo(new[] { "1 Unchanged", "9 Unchanged" }));
        Assert.That(await connector.ReadProfilesAsync(["person1@example.test"], [], default), Is.Empty);
    }

    [Test]
    public async Task Should_be_deleted_only_when_the_answer_says_so_for_each()
    {
        using var marketo = new ScriptedMarketo()
            .Rows("""{"id":501,"email":"person1@example.test"}""", """{"id":502,"email":"person1@example.test"}""", """{"id":503,"email":"person2@example.test"}""")
            .Rows(Skipped("1004", 501), Row(503, "deleted"));
        var receipt = await marketo.Connect().DeliverAsync(Of(Operation.DeleteProfile, Known(1), Known(2)), default);
        Assert.That(receipt.Told(), Is.EqualTo(new[] { "1 RetryLater unmentioned", "2 Delivered" }));
    }

    [Test]
    public void Should_refuse_an_operation_that_the_vendor_does_not_have()
    {
        using var marketo = new ScriptedMarketo();
        Assert.That(async () => await marketo.Connect().DeliverAsync(Of(Operation.AddAlias, Known(1)), default), Throws.ArgumentException);
    }
}

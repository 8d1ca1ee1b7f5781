using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.HubSpot;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

public sealed class When_members_are_looked_up
{
    private static readonly RemoteMember[] Two = [new("501", null), new("502", null)];

    [TestCase("611")]
    [TestCase("\"611\"")]
    public async Task Should_take_the_id_of_a_list_as_a_number_and_as_a_text(string listId)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Answer(Row("502", "6110", "61"), Row("501", "9", listId)));

        Assert.That(await LookUpAsync(hubspot, Two), Is.EqualTo(new[] { Two[0] }));
    }

    [Test]
    public async Task Should_take_a_record_that_the_answer_does_not_mention_for_no_member()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Answer(Row("502", "611")));

        Assert.That(await LookUpAsync(hubspot, Two), Is.EqualTo(new[] { Two[1] }));
    }

    [Test]
    public async Task Should_pass_over_ids_that_nobody_has()
    {
        using var hubspot = new ScriptedHubSpot().Answer(207, AnswerWithErrors("""[{"category":"OBJECT_NOT_FOUND","context":{"ids":["501"]}}]""", Row("502", "611")));

        Assert.That(await LookUpAsync(hubspot, Two), Is.EqualTo(new[] { Two[1] }));
    }

    [Test]
    public async Task Should_not_take_an_error_about_a_record_for_its_absence()
    {
        var log = new CapturedLog();
        using var hubspot = new ScriptedHubSpot { Loggers = log }
            .Answer(207, AnswerWithErrors("""[{"category":"INTERNAL_ERROR","message":"about ann@example.test","context":{"ids":["501"]}}]""", Row("502", "611")));

        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await LookUpAsync(hubspot, Two));

        Assert.That(thrown!.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "hubspot_INTERNAL_ERROR")));
        Assert.That(log.Lines.Append(thrown.ToString()), Has.None.Contains("ann@"));
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("[]")]
    [TestCase("""{"status":"COMPLETE"}""")]
    [TestCase("""{"status":"PROCESSING","results":[]}""")]
    [TestCase("""{"results":[{"recordListMemberships":[]}]}""")]
    [TestCase("""{"results":[{"recordId":"501","recordListMemberships":[{"listVersion":1}]}]}""")]
    public async Task Should_not_take_a_broken_answer_for_an_empty_list(string body)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, body);

        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await LookUpAsync(hubspot, Two));

        Assert.That(thrown!.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "malformed_answer")));
    }

    [TestCase(403, """{"category":"MISSING_SCOPES"}""", DestinationTrouble.Misconfigured, "hubspot_MISSING_SCOPES")]
    [TestCase(429, """{"policyName":"TEN_SECONDLY_ROLLING"}""", DestinationTrouble.Throttled, "hubspot_TEN_SECONDLY_ROLLING")]
    [TestCase(400, """{"category":"VALIDATION_ERROR"}""", DestinationTrouble.Unavailable, "hubspot_VALIDATION_ERROR")]
    public async Task Should_say_why_nobody_is_told(int status, string body, DestinationTrouble trouble, string code)
    {
        using var hubspot = new ScriptedHubSpot().Answer(status, body);

        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await LookUpAsync(hubspot, Two));

        Assert.That((thrown!.Condition.Trouble, thrown.Condition.Code), Is.EqualTo((trouble, code)));
    }

    [Test]
    public async Task Should_not_take_a_key_that_is_not_answered_for_nobody()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"results":[]}""");

        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await LookUpAsync(hubspot, new RemoteMember(null, "c-41")));

        Assert.That(thrown!.Condition.Code, Is.EqualTo("hubspot_not_mentioned"));
    }

    [Test]
    public async Task Should_ask_nothing_about_what_cannot_be_a_record_id()
    {
        using var hubspot = new ScriptedHubSpot();

        Assert.That(await LookUpAsync(hubspot, new RemoteMember("somebody", null)), Is.Empty);
        Assert.That(hubspot.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_spare_the_second_question_where_the_first_one_answered_it()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, Answer(Row("503", "611")))
            .Answer(200, """{"results":[{"id":"503","properties":{"hub_external_id":"c-41"}}]}""");

        Assert.That(await LookUpAsync(hubspot, new RemoteMember("501", "c-41")), Is.EqualTo(new[] { new RemoteMember("501", "c-41") }));
    }

    [TestCase(false)]
    [TestCase(true)]
    public async Task Should_find_who_was_merged_by_key(bool keepsPrimaryId)
    {
        await using var account = await HubSpotAccount.StartAsync();
        account.HubSpot.KeepsPrimaryId = keepsPrimaryId;
        var connector = account.Connect();
        var ids = await account.CreateAsync(connector, account.Person("stays", ("firstname", "A")), account.Person("ends", ("firstname", "B")));
        var list = await ListAsync(connector, account, ids);
        await HubSpotAccount.DeliverAsync(connector, Operation.MergeProfiles, account.Merge("stays", "ends"));
        var survivor = account.HubSpot.People().Single().Keys["hs_object_id"];

        RemoteMember[] people = [new(ids[0], "stays"), new(ids[1], "ends"), new(ids[1], null), new(null, "stays")];
        var members = await connector.LookUpMembersAsync(list, people, CancellationToken.None);

        Assert.That(members, Is.EqualTo(new[] { people[0], people[3] with { RemoteId = survivor } }));
    }

    [Test]
    public async Task Should_find_one_person_by_the_emails_of_a_contact()
    {
        await using var account = await HubSpotAccount.StartAsync();
        var connector = account.Connect("email");
        var ids = await account.CreateAsync(connector, account.Person("ann@example.test", ("firstname", "A")));
        account.HubSpot.AddFurtherEmail(long.Parse(ids[0], System.Globalization.CultureInfo.InvariantCulture), "old@example.test");

        var members = await connector.LookUpMembersAsync(
            await ListAsync(connector, account, ids), [new(null, "Old@example.test"), new(null, "ann@example.test"), new(null, "bob@example.test")], CancellationToken.None);

        Assert.That(members, Is.EqualTo(new[] { new RemoteMember(ids[0], "ann@example.test") }));
    }

    [Test]
    public async Task Should_look_a_hundred_up_and_no_more()
    {
        await using var account = await HubSpotAccount.StartAsync();
        var connector = account.Connect();
        var target = (await connector.EnsureAudienceAsync(new AudienceRequest("spring", "Spring"), CancellationToken.None)).Target!;
        RemoteMember[] people = [.. Enumerable.Range(1, 101).Select(static i => new RemoteMember($"{i}", $"c-{i}"))];

        Assert.That(await connector.LookUpMembersAsync(target, people[..100], CancellationToken.None), Is.Empty);
        Assert.That(account.Room.Stats.Of("crm/v3/lists/records/memberships/batch/read").MaxRecords, Is.EqualTo(connector.MaxPeoplePerLookup));
        Assert.That(async () => await connector.LookUpMembersAsync(target, people, CancellationToken.None), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    private static async Task<AudienceTarget> ListAsync(HubSpotConnector connector, HubSpotAccount account, string[] ids)
    {
        var target = (await connector.EnsureAudienceAsync(new AudienceRequest("spring", "Spring"), CancellationToken.None)).Target!;
        await account.Client.CallAsync("PUT", $"crm/v3/lists/{target.RemoteRef}/memberships/add", JsonSerializer.Serialize(ids));
        return target;
    }

    private static Task<IReadOnlyList<RemoteMember>> LookUpAsync(ScriptedHubSpot hubspot, params RemoteMember[] people)
        => hubspot.Connect().LookUpMembersAsync(Audience, people, CancellationToken.None);

    private static string Row(string recordId, params string[] lists)
        => $$"""{"objectTypeId":"0-1","recordId":"{{recordId}}","recordListMemberships":[{{string.Join(',', lists.Select(static id => $$"""{"listId":{{id}},"listVersion":2}"""))}}]}""";

    private static string Answer(params string[] rows) => AnswerWithErrors("", rows);

    private static string AnswerWithErrors(string errors, params string[] rows)
        => $$"""{"status":"COMPLETE","results":[{{string.Join(',', rows)}}]{{(errors == "" ? "" : $",\"numErrors\":1,\"errors\":{errors}")}},"startedAt":"2026-11-21T08:30:15.250Z","completedAt":"2026-11-21T08:30:15.260Z"}""";
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

public sealed class When_marketo_members_are_looked_up
{
    private static readonly RemoteMember[] Two = [new("501", null), new("502", null)];

    [Test]
    public async Task Should_take_who_is_no_member_and_who_is_gone_for_no_members()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(503, "memberof"), Row(501, "notmemberof"), Skipped("1004", 502));
        Assert.That(await LookUpAsync(marketo, [.. Two, new("503", null)]), Is.EqualTo(new[] { new RemoteMember("503", null) }));
    }

    [Test]
    public async Task Should_tell_by_its_place_who_is_gone_without_an_id()
    {
        using var marketo = new ScriptedMarketo().Rows(Skipped("1004"), Row(502, "memberof"));
        Assert.That(await LookUpAsync(marketo, Two), Is.EqualTo(new[] { Two[1] }));
    }

    [Test]
    public async Task Should_not_take_a_lead_that_is_left_out_for_no_member()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "memberof"));
        Assert.That(await ConditionOfAsync(marketo, Two), Is.EqualTo(new DestinationCondition(DestinationTrouble.Unavailable, "unmentioned")));
    }

    [TestCase("""{"id":502,"status":"perhaps"}""", "unmentioned", DestinationTrouble.Unavailable)]
    [TestCase("""{"id":502,"status":"skipped","reasons":[{"code":"1003"}]}""", "marketo_1003", DestinationTrouble.Misconfigured)]
    [TestCase("""{"id":502,"status":"skipped","reasons":[{"code":"615"}]}""", "marketo_615", DestinationTrouble.Throttled)]
    public async Task Should_not_take_another_answer_for_no_member(string row, string code, DestinationTrouble trouble)
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "memberof"), row);
        var condition = await ConditionOfAsync(marketo, Two);
        Assert.That((condition.Code, condition.Trouble), Is.EqualTo((code, trouble)));
    }

    [TestCase(""" "nextPageToken":"A","moreResult":false """, 1)]
    [TestCase(""" "nextPageToken":"A","moreResult":true """, 2)]
    [TestCase(""" "nextPageToken":"A" """, 2)]
    [TestCase(""" "nextPageToken":"" """, 1)]
    public async Task Should_go_on_while_the_vendor_has_more(string end, int pages)
    {
        using var marketo = new ScriptedMarketo().Answer($$"""{"success":true,"result":[{"id":501,"email":"a@example.test"}],{{end}}}""")
            .Answer("""{"success":true,"result":[],"nextPageToken":"B"}""");
        Assert.That((await marketo.Connect().ListMembersAsync(Audience, default).ToListAsync()).Count, Is.EqualTo(pages));
    }

    [TestCase("606", DestinationTrouble.Throttled, 20)]
    [TestCase("615", DestinationTrouble.Throttled, 2)]
    [TestCase("607", DestinationTrouble.Throttled, null)]
    [TestCase("603", DestinationTrouble.Misconfigured, null)]
    [TestCase("611", DestinationTrouble.Unavailable, null)]
    [TestCase("1013", DestinationTrouble.Misconfigured, null)]
    public async Task Should_say_why_nobody_is_told(string code, DestinationTrouble trouble, int? seconds)
    {
        foreach (var asked in new[] { Two[0], new RemoteMember(null, "person1@example.test") })
        {
            using var marketo = new ScriptedMarketo().Fail(code);
            var condition = await ConditionOfAsync(marketo, asked);
            var told = code == "1013" && asked.RemoteId is not null ? ReasonCode.AudienceGone : $"marketo_{code}";
            Assert.That((condition.Code, condition.Trouble), Is.EqualTo((told, trouble)), "What is not found is the list, where the call is about one.");
            Assert.That(condition.RetryAfter?.TotalSeconds, seconds is { } wait ? Is.EqualTo(wait) : code == "607" ? Is.Positive : Is.Null);
        }
    }

    [Test]
    public async Task Should_ask_nothing_about_what_cannot_be_asked_for()
    {
        using var marketo = new ScriptedMarketo();
        Assert.That(await LookUpAsync(marketo, new("somebody", null), new(null, "a,b")), Is.Empty);
        Assert.That(marketo.Sent, Is.Empty);
    }

    [Test]
    public async Task Should_ask_for_300_in_one_address_below_its_limit()
    {
        RemoteMember[] people = [.. Enumerable.Range(0, 300).Select(i => new RemoteMember($"{long.MaxValue - i}", null))];
        using var marketo = new ScriptedMarketo().Rows([.. people.Select(person => $$"""{"id":{{person.RemoteId}},"status":"memberof"}""")]);
        var connector = marketo.Connect();

        Assert.That(await connector.LookUpMembersAsync(Audience, people, default), Is.EqualTo(people));
        Assert.That(marketo.Sent[^1].IndexOf('\n', StringComparison.Ordinal), Is.LessThan(7_500));
        Assert.That(connector.MaxPeoplePerLookup, Is.EqualTo(300));
        Assert.That(async () => await connector.LookUpMembersAsync(Audience, [.. people, Two[0]], default), Throws.InstanceOf<ArgumentOutOfRangeException>());
    }

    [Test]
    public async Task Should_take_a_key_for_a_member_when_one_of_its_leads_is()
    {
        await using var marketo = await SandboxClient.StartAsync();
        await marketo.UpsertAsync(string.Join(',', Enumerable.Repeat("""{"email":"ann@example.test"}""", 300)), "createDuplicate");
        await marketo.UpsertAsync("""{"email":"ann@example.test"},{"email":"ben@example.test"}""", "createDuplicate");
        var list = await marketo.CreateListAsync();
        await marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json", """{"input":[{"id":301}]}""");

        var members = await marketo.Connect().LookUpMembersAsync(
            new("spring", $"{list}"), [new(null, "ann@example.test"), new(null, "ben@example.test"), new(null, "gone@example.test")], default);

        Assert.That(members, Is.EqualTo(new[] { new RemoteMember("301", "ann@example.test") }));
        Assert.That(marketo.Room.Stats.Of("rest/v1/lists/{listId}/leads/ismember.json").MaxRecords, Is.EqualTo(300));
    }

    [Test]
    public async Task Should_ask_for_fewer_keys_when_too_many_people_match()
    {
        await using var marketo = await SandboxClient.StartAsync();
        for (var i = 0; i < 4; i++)
        {
            await marketo.UpsertAsync(string.Join(',', Enumerable.Repeat($$"""{"email":"p{{i}}@example.test"}""", 300)), "createDuplicate");
        }

        var list = await marketo.CreateListAsync();
        await marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json", """{"input":[{"id":1200}]}""");
        RemoteMember[] people = [.. Enumerable.Range(0, 4).Select(i => new RemoteMember(null, $"p{i}@example.test"))];
        Assert.That(await marketo.Connect().LookUpMembersAsync(new("spring", $"{list}"), people, default), Is.EqualTo(new[] { new RemoteMember("1200", "p3@example.test") }));
    }

    [Test]
    public async Task Should_find_who_was_merged_by_key()
    {
        await using var marketo = await SandboxClient.StartAsync();
        await marketo.UpsertAsync("""{"email":"ann@example.test"},{"email":"old@example.test"}""");
        var list = await marketo.CreateListAsync();
        await marketo.CallAsync("POST", $"/rest/v1/lists/{list}/leads.json", """{"input":[{"id":2}]}""");
        await marketo.CallAsync("POST", "/rest/v1/leads/1/merge.json?leadId=2");

        RemoteMember[] people = [new("2", "ann@example.test"), new("2", null), new("2", "old@example.test")];
        Assert.That(await marketo.Connect().LookUpMembersAsync(new("spring", $"{list}"), people, default), Is.EqualTo(new[] { people[0] }));
    }

    [Test]
    public async Task Should_not_take_a_short_answer_of_the_sandbox_for_absence()
    {
        await using var marketo = await SandboxClient.StartAsync();
        await marketo.UpsertAsync("""{"email":"ann@example.test"},{"email":"ben@example.test"}""");
        var list = await marketo.CreateListAsync();
        marketo.Room.Faults.Add(new Fault { Kind = FaultKind.Vendor, Variant = "short_answer" });
        Assert.That(
            async () => await marketo.Connect().LookUpMembersAsync(new("spring", $"{list}"), [new("1", null), new("2", null)], default), Throws.InstanceOf<DestinationException>());
    }

    private static Task<IReadOnlyList<RemoteMember>> LookUpAsync(ScriptedMarketo marketo, params RemoteMember[] people) =>
        marketo.Connect().LookUpMembersAsync(Audience, people, default);

    private static async Task<DestinationCondition> ConditionOfAsync(ScriptedMarketo marketo, params RemoteMember[] people) =>
        (await Assert.ThrowsAsync<DestinationException>(async () => await LookUpAsync(marketo, people)))!.Condition;
}

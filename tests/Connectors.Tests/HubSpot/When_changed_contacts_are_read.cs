using System.Text.Json.Nodes;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.HubSpot;

public sealed class When_changed_contacts_are_read
{
    private static readonly DateTimeOffset Since = DateTimeOffset.FromUnixTimeMilliseconds(1_735_689_600_000);

    [Test]
    public async Task Should_ask_for_the_ids_above_the_last_one_with_the_fields_of_the_mapping()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Page(3, ("501", "ann"), ("502", "bob"))).Answer(200, Page(1, ("9000000000", "eve")));
        var connector = hubspot.Connect();

        var first = await connector.ReadChangedProfilesAsync(Since, ["city", "lastname"], null, default);
        var second = await connector.ReadChangedProfilesAsync(Since, ["city", "lastname"], first.Next, default);

        Assert.That((first.Left, first.HasFields, first.Next, second.Next), Is.EqualTo((3L, true, "502", (string?)null)));
        Assert.That(first.Profiles.Select(profile => (profile.RemoteId, profile.Key, profile.Fields["city"])), Is.EqualTo(new[] { ("501", "ann", "\"Bonn\""), ("502", "bob", "\"Bonn\"") }));
        Assert.That(JsonNode.Parse(hubspot.Sent[1].Body)!.ToJsonString(), Is.EqualTo(JsonNode.Parse(
            """
            {"filterGroups":[{"filters":[{"propertyName":"lastmodifieddate","operator":"GTE","value":"1735689600000"},{"propertyName":"hs_object_id","operator":"GT","value":"502"}]}],
             "sorts":[{"propertyName":"hs_object_id","direction":"ASCENDING"}],"properties":["hub_external_id","city","lastname"],"limit":200}
            """)!.ToJsonString()));
    }

    /// <summary>HubSpot refuses a search of more than 3,000 characters.</summary>
    [Test]
    public async Task Should_tell_who_was_changed_where_the_fields_are_too_many_to_be_asked_for()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, Page(1, ("501", "ann")));
        var page = await hubspot.Connect().ReadChangedProfilesAsync(Since, [.. Enumerable.Range(0, 200).Select(field => $"a_property_of_the_mapping_{field}")], null, default);

        Assert.That((page.HasFields, page.Profiles.Single().RemoteId, page.Profiles.Single().Fields.Count), Is.EqualTo((false, "501", 0)));
        Assert.That(hubspot.Sent.Single().Body, Has.Length.LessThan(3_000));
    }

    [Test]
    public async Task Should_tell_of_a_contact_whose_key_was_taken_from_it()
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, """{"total":1,"results":[{"id":"501","properties":{"hub_external_id":null,"city":"Bonn"}}]}""");
        Assert.That((await hubspot.Connect().ReadChangedProfilesAsync(Since, ["city"], null, default)).Profiles.Single().Key, Is.Empty);
    }

    [TestCase("")]
    [TestCase("{}")]
    [TestCase("""{"total":1}""")]
    [TestCase("""{"results":[]}""")]
    [TestCase("""{"total":2,"results":[{"id":"abc","properties":{}}]}""")]
    [TestCase("""{"total":2,"results":[{"id":"500","properties":{}}]}""", Description = "the page before, which would be asked for again for ever")]
    public async Task Should_not_take_a_broken_answer_for_the_end(string body)
    {
        using var hubspot = new ScriptedHubSpot().Answer(200, body);
        var thrown = await Assert.ThrowsAsync<DestinationException>(async () => await hubspot.Connect().ReadChangedProfilesAsync(Since, ["city"], "500", default));
        Assert.That(thrown!.Condition.Trouble, Is.EqualTo(DestinationTrouble.Unavailable));
    }

    [Test]
    public async Task Should_find_at_the_sandbox_whom_somebody_else_changed()
    {
        await using var account = await HubSpotAccount.StartAsync();
        account.HubSpot.SearchLag = TimeSpan.Zero;
        var connector = account.Connect();
        var ids = await account.CreateAsync(connector, account.Person("c0", ("lastname", "A")), account.Person("c1", ("lastname", "B")), account.Person("c2", ("lastname", "C")));
        var page = await connector.ReadChangedProfilesAsync(DateTimeOffset.UnixEpoch, ["lastname"], null, default);
        Assert.That((page.Profiles.Count, page.Left, page.Next), Is.EqualTo((3, 3L, (string?)null)));

        var since = TimeProvider.System.GetUtcNow().AddHours(1);
        Assert.That((await connector.ReadChangedProfilesAsync(since, ["lastname"], null, default)).Profiles, Is.Empty, "nobody was changed that late");
        await account.Client.CallAsync("PATCH", $"crm/v3/objects/contacts/{ids[1]}", """{"properties":{"lastname":"Changed"}}""");
        page = await connector.ReadChangedProfilesAsync(DateTimeOffset.UnixEpoch, ["lastname"], ids[0], default);
        Assert.That(page.Profiles.Select(profile => (profile.Key, profile.RemoteId, profile.Fields["lastname"])), Is.EqualTo(new[] { ("c1", ids[1], "\"Changed\""), ("c2", ids[2], "\"C\"") }));
    }

    private static string Page(int total, params (string Id, string Key)[] contacts) =>
        $$"""{"total":{{total}},"results":[{{string.Join(',', contacts.Select(contact => $$$"""{"id":"{{{contact.Id}}}","properties":{"hub_external_id":"{{{contact.Key}}}","city":"Bonn","lastname":null}}"""))}}]}""";
}

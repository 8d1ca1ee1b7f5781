using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.HubSpot.Batches;

namespace Connectors.Tests.HubSpot;

/// <summary>Compares what goes out, method and address and headers and body, with the files under Approved.</summary>
public sealed class When_requests_are_sent
{
    private static readonly Field[] EveryKind =
    [
        new("email", FieldValue.Of("Zoë.O'Neil@example.test")),
        new("firstname", FieldValue.Of("Zoë \"Z\" <b>&amp;</b>\n\u0000")),
        new("annual_income", FieldValue.Of(90000.50m)),
        new("home_owner", FieldValue.Of(true)),
        new("newsletter", FieldValue.Of(false)),
        new("date_of_birth", FieldValue.Of(new DateOnly(1966, 4, 8))),
        new("last_seen", FieldValue.Of(new DateTimeOffset(2026, 11, 21, 8, 30, 15, 250, TimeSpan.FromHours(1)))),
        new("occupation", FieldValue.Null),
    ];

    [Test]
    public async Task Should_add_members_as_approved()
    {
        using var hubspot = new ScriptedHubSpot().Upsert((41, "501"), (42, "502")).Answer(200, """{"recordsIdsAdded":["501","502"]}""");

        await hubspot.Connect().DeliverAsync(Of(Operation.AddMember, Item(41, null, EveryKind), Person(42, "502")), default);

        Approve(hubspot, "add-members");
    }

    [Test]
    public async Task Should_upsert_by_email_as_approved()
    {
        using var hubspot = new ScriptedHubSpot().Upsert((41, "501"));

        await hubspot.Connect("email").DeliverAsync(
            Of(Operation.UpsertProfile, Item(41, null, new Field("lastname", FieldValue.Of("Łuk"))) with { Key = " Ann@Example.TEST " }), default);

        Approve(hubspot, "upsert-by-email");
    }

    [Test]
    public async Task Should_remove_members_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"502","properties":{"hub_external_id":"c-42"}}]}""")
            .Answer(200, """{"recordIdsRemoved":["501","502"]}""");

        await hubspot.Connect().DeliverAsync(Of(Operation.RemoveMember, Item(41, "501"), Item(42)), default);

        Approve(hubspot, "remove-members");
    }

    [Test]
    public async Task Should_adopt_a_contact_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, """{"errors":[{"category":"CONFLICT","context":{"objectWriteTraceId":["41"],"existingId":["501"]}}]}""")
            .Answer(200, """{"results":[{"id":"501","properties":{"email":"person41@example.test"}}]}""")
            .Upsert((41, "501"));

        await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(41)), default);

        Approve(hubspot, "adopt-contact");
    }

    [Test]
    public async Task Should_ensure_an_audience_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(404)
            .Answer(200, """{"list":{"listId":"611","processingType":"MANUAL","objectTypeId":"0-1"}}""")
            .Answer(200, """{"list":{"listId":"611","processingType":"MANUAL","objectTypeId":"0-1"}}""");

        await hubspot.Connect().EnsureAudienceAsync(new("spring", "Hub: spring/sale 100 %"), default);
        await hubspot.Connect().EnsureAudienceAsync(new("spring", "any", "611"), default);

        Approve(hubspot, "ensure-audience");
    }

    [Test]
    public async Task Should_list_members_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"recordId":"501"}],"paging":{"next":{"after":"Mg=="}}}""")
            .Answer(200, """{"results":[{"recordId":"502"}]}""");

        var members = new List<RemoteMember>();
        await foreach (var page in hubspot.Connect().ListMembersAsync(Audience, default))
        {
            members.AddRange(page);
        }

        Assert.That(members, Is.EqualTo(new[] { new RemoteMember("501", null), new RemoteMember("502", null) }));
        Approve(hubspot, "list-members");
    }

    [Test]
    public async Task Should_look_members_up_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, Memberships("501"))
            .Answer(200, """{"results":[{"id":"504","properties":{"hub_external_id":"c-42"}},{"id":"503","properties":{"hub_external_id":"c-43"}}]}""")
            .Answer(200, Memberships("503"));

        var members = await hubspot.Connect().LookUpMembersAsync(Audience, [new("501", "c-41"), new("502", "c-42"), new(null, "c-43"), new("501", null)], default);

        Assert.That(members, Is.EqualTo(new[] { new RemoteMember("501", "c-41"), new RemoteMember("503", "c-43"), new RemoteMember("501", null) }));
        Approve(hubspot, "look-up-members");
    }

    [Test]
    public async Task Should_check_the_destination_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"portalId":62515,"timeZone":"Etc/UTC"}""");

        Assert.That(await hubspot.Connect().CheckAsync(default), Is.Null);
        Approve(hubspot, "check");
    }

    [Test]
    public async Task Should_set_consent_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"subscriberIdString":"bob@example.test","statuses":[]}]}""")
            .Answer(200, """{"results":[{"subscriberIdString":"ann@example.test","subscriptionId":8,"status":"UNSUBSCRIBED"}]}""")
            .Answer(200, """{"results":[{"subscriberIdString":"ann@example.test","wideStatuses":[]}]}""")
            .Answer(200, """{"results":[{"subscriberIdString":"ann@example.test","statuses":[{"subscriptionId":7,"status":"NOT_SPECIFIED"},{"subscriptionId":8,"status":"SUBSCRIBED"}]}]}""")
            .Answer(200, """{"results":[{"subscriberIdString":"ann@example.test","subscriptionId":7,"status":"SUBSCRIBED"}]}""");

        var receipt = await hubspot.Connect("hub_external_id", ("legal_basis", "CONSENT_WITH_NOTICE")).DeliverAsync(Of(Operation.SetConsent,
            WithConsent(41, " Ann@Example.TEST", null, new TopicConsent("7", true), new TopicConsent("8", false)), WithConsent(42, "bob@example.test", false)), default);

        Assert.That(receipt.Kinds(), Is.All.EqualTo(Outcome.Delivered));
        Approve(hubspot, "set-consent");
    }

    [Test]
    public async Task Should_set_consent_one_by_one_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"id":"7","status":"SUBSCRIBED"}""")
            .Answer(200, """{"id":"8","status":"NOT_SUBSCRIBED"}""")
            .Answer(200, """{"status":"COMPLETE","results":[{"subscriberIdString":"bob+1@example.test","subscriptionId":7,"status":"UNSUBSCRIBED"}]}""");

        var receipt = await hubspot.Connect("hub_external_id", ("consent_calls", "single")).DeliverAsync(Of(Operation.SetConsent,
            WithConsent(41, "ann@example.test", null, new TopicConsent("7", true), new TopicConsent("8", false)), WithConsent(42, "bob+1@example.test", false)), default);

        Assert.That(receipt.Kinds(), Is.All.EqualTo(Outcome.Delivered));
        Approve(hubspot, "set-consent-one-by-one");
    }

    [Test]
    public async Task Should_track_events_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-41"}}]}""")
            .Answer(204);
        var happened = new Behavior
        {
            Id = new Guid("0198f1a0-0000-7000-8000-000000000041"),
            Name = "pe62515_purchase",
            OccurredAt = new DateTimeOffset(2026, 11, 21, 8, 30, 15, 250, TimeSpan.FromHours(1)),
            Properties = [.. EveryKind.Skip(1)],
        };

        await hubspot.Connect().DeliverAsync(Of(Operation.TrackEvent, Item(41) with { Event = happened }), default);

        Approve(hubspot, "track-events");
    }

    [Test]
    public async Task Should_change_a_key_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, """
                {"results":[{"id":"501","properties":{"email":"old@example.test"}}],
                 "errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["new@example.test"]}}]}
                """)
            .Upsert((41, "501"));

        await hubspot.Connect("email").DeliverAsync(
            Of(Operation.ChangeKey, Item(41) with { Key = "old@example.test", Identity = new IdentityChange { NewKey = "New@Example.test" } }), default);

        Approve(hubspot, "change-key");
    }

    [Test]
    public async Task Should_merge_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-41"}},{"id":"502","properties":{"hub_external_id":"c-42"}}]}""")
            .Answer(200, """{"id":"503","properties":{}}""");

        var receipt = await hubspot.Connect().DeliverAsync(Of(Operation.MergeProfiles, Item(41) with { Identity = new IdentityChange { OtherKey = "c-42" } }), default);

        Assert.That(receipt.Record(41).RemoteId, Is.EqualTo("503"));
        Approve(hubspot, "merge");
    }

    [Test]
    public async Task Should_erase_as_approved()
    {
        const string Nobody = """{"results":[],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["c-41"]}}]}""";
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-41"}}]}""")
            .Answer(207, Nobody)
            .Answer(204);

        await hubspot.Connect().DeliverAsync(Of(Operation.DeleteProfile, Item(41)), default);

        Approve(hubspot, "erase");
    }

    [Test]
    public async Task Should_update_only_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(200, """{"results":[{"id":"501","properties":{"hub_external_id":"c-41"}}]}""")
            .Upsert((41, "501"));

        await hubspot.Connect().DeliverAsync(Of(Operation.UpsertProfile, Person(41)) with { UpdateOnly = true }, default);

        Approve(hubspot, "update-only");
    }

    [Test]
    public async Task Should_read_profiles_and_properties_as_approved()
    {
        using var hubspot = new ScriptedHubSpot()
            .Answer(207, """{"results":[{"id":"501","properties":{"email":"ann@example.test","city":"Ulm"}}],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["bob@example.test"]}}]}""")
            .Answer(207, """{"results":[],"errors":[{"category":"OBJECT_NOT_FOUND","context":{"ids":["bob@example.test"]}}]}""")
            .Answer(200, """{"results":[{"name":"email","type":"string"}]}""");
        var connector = hubspot.Connect("email");

        await connector.ReadProfilesAsync(["ann@example.test", "bob@example.test"], ["city"], default);
        await connector.InspectAsync([], default);

        Approve(hubspot, "read-back");
    }

    private static string Memberships(string recordId)
        => $$"""{"status":"COMPLETE","results":[{"objectTypeId":"0-1","recordId":"{{recordId}}","recordListMemberships":[{"listId":611,"listVersion":1}]}]}""";

    private static BatchItem WithConsent(long recordId, string email, bool? marketing, params TopicConsent[] topics) => Item(recordId) with
    {
        Consent = new ConsentChange { Email = email, MarketingEmail = marketing, Topics = topics, DecidedAt = DateTimeOffset.UnixEpoch, Source = "Sign-up form" },
    };

    private static void Approve(ScriptedHubSpot hubspot, string name, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "Approved", $"{name}.txt");
        var sent = string.Join("\n", hubspot.Sent);
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.That(sent, Is.EqualTo(approved), $"If the change is meant, write this to {Path.GetFileName(file)}:\n{sent}");
    }
}

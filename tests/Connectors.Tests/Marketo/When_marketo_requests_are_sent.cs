using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using static Connectors.Tests.Marketo.People;
using static Connectors.Tests.Marketo.ScriptedMarketo;

namespace Connectors.Tests.Marketo;

/// <summary>Compares what goes out, method and address and headers and body, with the files under Approved.</summary>
public sealed class When_marketo_requests_are_sent
{
    private static readonly Field[] EveryKind =
    [
        new("firstName", FieldValue.Of("Zoë \"Z\" <b>&amp;</b>\n\u0000")),
        new("annualIncome", FieldValue.Of(90000.50m)),
        new("homeOwner", FieldValue.Of(true)),
        new("unsubscribed", FieldValue.Of(false)),
        new("dateOfBirth", FieldValue.Of(new DateOnly(1966, 4, 8))),
        new("lastSeen", FieldValue.Of(new DateTimeOffset(2026, 11, 21, 8, 30, 15, 250, TimeSpan.FromHours(1)))),
        new("occupation", FieldValue.Null),
    ];

    [Test]
    public async Task Should_add_members_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "created")).Rows(Row(501, "added"), Row(502, "added"));
        await marketo.Connect().DeliverAsync(Of(Operation.AddMember, Person(41, null, EveryKind), Known(42, "502")), default);
        Approve(marketo, "add-members");
    }

    [Test]
    public async Task Should_upsert_by_a_custom_key_into_a_partition_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "updated"));
        var person = Person(41, null, new("email", FieldValue.Of("ann@example.test")), new("hubExternalId", FieldValue.Of("twice"))) with { Key = "c-41" };
        await marketo.Connect("hubExternalId", ("partition_name", "EU")).DeliverAsync(Of(Operation.UpsertProfile, person), default);
        Approve(marketo, "upsert-by-custom-key");
    }

    [Test]
    public async Task Should_remove_members_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Rows("""{"id":502,"email":"person42@example.test"}""")
            .Rows(Row(501, "removed"), Row(502, "removed"));
        await marketo.Connect().DeliverAsync(Of(Operation.RemoveMember, Known(41, "501"), Known(42)), default);
        Approve(marketo, "remove-members");
    }

    [Test]
    public async Task Should_ensure_an_audience_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows().Rows("""{"id":1001,"name":"Hub: spring & sale"}""");
        var ensured = await marketo.Connect("email", ("folder_id", "1034"), ("folder_type", "Program"))
            .EnsureAudienceAsync(new("spring", "Hub: spring & sale"), default);
        Assert.That(ensured.Target, Is.EqualTo(new AudienceTarget("spring", "1001")));
        Approve(marketo, "ensure-audience");
    }

    [Test]
    public async Task Should_list_members_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Answer("""{"success":true,"result":[{"id":501,"email":"Ann@example.test"}],"nextPageToken":"A/+=","moreResult":true}""")
            .Rows("""{"id":502,"email":null}""");
        var members = new List<RemoteMember>();
        await foreach (var page in marketo.Connect().ListMembersAsync(Audience, default))
        {
            members.AddRange(page);
        }

        Assert.That(members, Is.EqualTo(new[] { new RemoteMember("501", "ann@example.test"), new RemoteMember("502", null) }));
        Approve(marketo, "list-members");
    }

    [Test]
    public async Task Should_look_members_up_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(Row(501, "memberof"), Skipped("1004", 502))
            .Rows("""{"id":504,"email":"Person42@example.test"}""", """{"id":503,"email":"person43@example.test"}""", """{"id":505,"email":"person43@example.test"}""")
            .Rows(Row(504, "notmemberof"), Row(503, "notmemberof"), Row(505, "memberof"));
        var members = await marketo.Connect().LookUpMembersAsync(
            Audience, [new("501", "person41@example.test"), new("502", "person42@example.test"), new(null, "person43@example.test"), new("501", null)], default);
        Assert.That(members, Is.EqualTo(new[] { new RemoteMember("501", "person41@example.test"), new RemoteMember("505", "person43@example.test"), new RemoteMember("501", null) }));
        Approve(marketo, "look-up-members");
    }

    [Test]
    public async Task Should_check_the_destination_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"name":"API Lead","searchableFields":[["email"],["cookies","email"]],"fields":[]}""")
            .Rows("""{"date":"2026-11-21","total":1200,"users":[{"userId":"apis@example.test","count":1200}]}""");
        Assert.That(await marketo.Connect().CheckAsync(default), Is.Null);
        Approve(marketo, "check");
    }

    [Test]
    public async Task Should_set_consent_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(Row(501, "updated"), Skipped("1007"))
            .Rows("""{"id":502,"email":"person42@example.test"}""", """{"id":503,"email":"person42@example.test"}""")
            .Rows(Row(502, "updated"), Row(503, "updated"));
        await marketo.Connect().DeliverAsync(Of(Operation.SetConsent, Deciding(41, marketing: true, suspended: false), Deciding(42, marketing: false, suspended: true)), default);
        Approve(marketo, "set-consent");
    }

    [Test]
    public async Task Should_update_only_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows(Row(501, "updated"));
        await marketo.Connect("email", ("partition_name", "EU")).DeliverAsync(Of(Operation.UpsertProfile, Person(41)) with { UpdateOnly = true }, default);
        Approve(marketo, "update-only");
    }

    [Test]
    public async Task Should_track_events_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Rows(PurchaseType)
            .Rows(PurchaseAttributes)
            .Rows("""{"id":502,"email":"person42@example.test"}""")
            .Rows("""{"id":1,"marketoGUID":"1","status":"added"}""", """{"id":2,"marketoGUID":"2","status":"added"}""");
        await marketo.Connect().DeliverAsync(Of(Operation.TrackEvent, Buying(41, "501"), Buying(42)), default);
        Approve(marketo, "track-events");
    }

    [Test]
    public async Task Should_change_keys_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":501,"email":"person41@example.test"}""").Rows(Row(501, "updated"));
        await marketo.Connect().DeliverAsync(Of(Operation.ChangeKey, Changing(41, new() { NewKey = "new41@example.test" })), default);
        Approve(marketo, "change-keys");
    }

    [Test]
    public async Task Should_merge_profiles_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Rows("""{"id":501,"email":"person41@example.test"}""", """{"id":502,"email":"old41@example.test"}""", """{"id":503,"email":"old41@example.test"}""")
            .Answer("""{"requestId":"e42b#14272d07d78","success":true}""")
            .Rows("""{"id":501,"email":"person41@example.test"}""");
        await marketo.Connect().DeliverAsync(Of(Operation.MergeProfiles, Changing(41, new() { OtherKey = "old41@example.test" })), default);
        Approve(marketo, "merge-profiles");
    }

    [Test]
    public async Task Should_delete_profiles_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Rows("""{"id":501,"email":"person41@example.test"}""", """{"id":502,"email":"person41@example.test"}""")
            .Rows(Row(501, "deleted"), Row(502, "deleted"));
        await marketo.Connect().DeliverAsync(Of(Operation.DeleteProfile, Known(41)), default);
        Approve(marketo, "delete-profiles");
    }

    [Test]
    public async Task Should_read_profiles_as_approved()
    {
        using var marketo = new ScriptedMarketo().Rows("""{"id":501,"email":"person41@example.test","firstName":"Ann","city":null}""");
        await marketo.Connect().ReadProfilesAsync(["person41@example.test", "person42@example.test"], ["firstName", "city"], default);
        Approve(marketo, "read-profiles");
    }

    [Test]
    public async Task Should_import_as_approved()
    {
        using var marketo = new ScriptedMarketo()
            .Answer("""{"requestId":"e42b#14272d07d78","success":true,"result":[{"batchId":3404,"importId":"3404","status":"Queued"}]}""")
            .Answer("""{"success":true,"result":[{"batchId":3404,"importId":"3404","status":"Complete","numOfLeadsProcessed":2,"numOfRowsFailed":1,"numOfRowsWithWarning":1}]}""")
            .Answer("email,firstName,Import Failure Reason\nperson41@example.test,x,because\n")
            .Answer("email,firstName,Import Warning Reason\nperson42@example.test,x,because\n");
        var connector = marketo.Connect("email", ("partition_name", "EU"));
        var batch = Of(Operation.AddMember, Person(41, null, new Field("firstName", FieldValue.Of("Zoë, \"Z\"\nx"))), Person(42), Person(43));
        var started = await connector.StartBulkAsync(batch, default);
        await connector.FollowBulkAsync(started.Job!, batch, default);
        Approve(marketo, "import");
    }

    private static void Approve(ScriptedMarketo marketo, string name, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "Approved", $"{name}.txt");
        var sent = string.Join('\n', marketo.Sent);
        Assert.That(sent, Is.EqualTo(File.Exists(file) ? File.ReadAllText(file) : ""), $"If the change is meant, write this to {Path.GetFileName(file)}:\n{sent}");
    }
}

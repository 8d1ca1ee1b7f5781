using System.Runtime.CompilerServices;
using IntegrationHub.Connectors.Abstractions;
using Microsoft.Extensions.Time.Testing;

namespace Connectors.Tests.Braze;

/// <summary>Compares what goes out, method and address and headers and body, with the files under Approved.</summary>
public sealed class When_requests_are_sent
{
    private static readonly Field[] EveryKind =
    [
        new("email", FieldValue.Of("Zoë.O'Neil@example.test")),
        new("first_name", FieldValue.Of("Zoë \"Z\" <b>&amp;</b>\n\u0000 张")),
        new("annual_income", FieldValue.Of(90000.50m)),
        new("home_owner", FieldValue.Of(true)),
        new("newsletter", FieldValue.Of(false)),
        new("dob", FieldValue.Of(new DateOnly(1966, 4, 8))),
        new("last_seen", FieldValue.Of(new DateTimeOffset(2026, 11, 21, 8, 30, 15, 250, TimeSpan.FromHours(1)))),
        new("occupation", FieldValue.Null),
    ];

    [TestCase(Operation.AddMember, "external_id", "add-members")]
    [TestCase(Operation.UpsertProfile, "external_id", "upsert-profiles")]
    [TestCase(Operation.RemoveMember, "external_id", "remove-members")]
    [TestCase(Operation.AddMember, "email", "add-members-by-email")]
    public async Task Should_deliver_as_approved(Operation operation, string identityKey, string name)
    {
        using var braze = new ScriptedBraze().Answer(201, ScriptedBraze.Success);
        var items = new[] { ScriptedBraze.Person(41, EveryKind), ScriptedBraze.Person(42) };
        if (identityKey == "email")
        {
            items = [.. items.Select(item => item with { Key = $"{item.Key}@example.test", Fields = [.. item.Fields.Where(field => field.Name != "email")] })];
        }

        await braze.Connect(identityKey).DeliverAsync(ScriptedBraze.Of(operation, items), default);

        Approve(braze, name);
    }

    private static readonly DateTimeOffset Noon = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    private static readonly ProfileAlias Device = new("device", "d-9");

    private static ConsentChange Decision(bool? email, params TopicConsent[] topics)
        => new() { MarketingEmail = email, Topics = topics, DecidedAt = Noon.AddHours(-1) };

    private static Behavior Viewed(Purchase? purchase = null) => new()
    {
        Id = new Guid("0f8fad5b-d9cb-469f-a165-70867728950e"),
        Name = "viewed",
        OccurredAt = Noon,
        Properties = [new("page", FieldValue.Of("spring \"26\"")), new("seconds", FieldValue.Of(12.5m)), new("nothing", FieldValue.Null)],
        Purchase = purchase,
    };

    /// <summary>Name of the approved file, operation, identity key, records, and what Braze answers call by call.</summary>
    private static IEnumerable<TestCaseData> Operations()
    {
        yield return Of(
            "track-events", Operation.TrackEvent, "external_id", ["export-two", "track-events-ok"],
            ScriptedBraze.Doing(41, Viewed()), ScriptedBraze.Doing(42, Viewed(new Purchase("sku-1", "EUR", 12.50m, 2))));
        yield return Of(
            "set-consent", Operation.SetConsent, "external_id", ["track-ok", "subscription-ok", "subscription-ok", "subscription-ok", "export-third", "export-two", "unsubscribes-none", "subscription-ok", "subscription-ok"],
            ScriptedBraze.Deciding(41, Decision(true, new TopicConsent("g-news", true)) with { Email = "C-41@example.test" }),
            ScriptedBraze.Deciding(42, Decision(false, new TopicConsent("g-news", false), new TopicConsent("g-sms", true, ConsentChannel.Sms)) with { Email = "c-42@example.test", Phone = "+15555550142" }),
            ScriptedBraze.Deciding(43, Decision(null, new TopicConsent("g-news", true))));
        yield return Of(
            "set-consent-by-email", Operation.SetConsent, "email", ["subscription-ok"],
            ScriptedBraze.Deciding(41, Decision(false, new TopicConsent("g-news", false))) with { Key = "c-41@example.test" });
        yield return Of(
            "change-keys", Operation.ChangeKey, "external_id", ["rename-ok", "remove-ok"],
            ScriptedBraze.Changing(41, new() { NewKey = "n-41" }), ScriptedBraze.Changing(42, new() { NewKey = "n-42" }));
        yield return Of(
            "change-key-by-email", Operation.ChangeKey, "email", ["export-two", "export-nobody", "track-ok"],
            ScriptedBraze.Changing(41, new() { NewKey = "new@example.test" }) with { Key = "c-41@example.test" });
        yield return Of(
            "merge-profiles", Operation.MergeProfiles, "external_id", ["export-two", "merge-ok"],
            ScriptedBraze.Changing(41, new() { OtherKey = "c-42" }));
        yield return Of(
            "merge-profiles-by-email", Operation.MergeProfiles, "email", ["export-two", "export-nobody", "merge-ok"],
            ScriptedBraze.Changing(41, new() { OtherKey = "c-42@example.test" }) with { Key = "c-41@example.test" });
        yield return Of(
            "add-aliases", Operation.AddAlias, "external_id", ["export-two", "aliases-ok"], ScriptedBraze.Changing(41, new() { Alias = Device }));
        yield return Of(
            "identify-profiles", Operation.IdentifyProfile, "external_id", ["export-alias", "aliases-ok"], ScriptedBraze.Changing(41, new() { Alias = Device }));
        yield return Of("delete-profiles", Operation.DeleteProfile, "external_id", ["export-two", "export-alias", "export-nobody", "delete-ok"], ScriptedBraze.Person(41), ScriptedBraze.Person(42));
        yield return Of("delete-profiles-by-email", Operation.DeleteProfile, "email", ["export-two", "delete-ok"], ScriptedBraze.Person(41) with { Key = "c-41@example.test" });

        static TestCaseData Of(string name, Operation operation, string identityKey, string[] answers, params BatchItem[] items)
            => new TestCaseData(operation, identityKey, items, answers, name).SetArgDisplayNames(name);
    }

    [TestCaseSource(nameof(Operations))]
    public async Task Should_do_it_as_approved(Operation operation, string identityKey, BatchItem[] items, string[] answers, string name)
    {
        using var braze = new ScriptedBraze { Time = new FakeTimeProvider(Noon) };
        foreach (var answer in answers)
        {
            braze.Answer(answer.StartsWith("export", StringComparison.Ordinal) || answer.StartsWith("unsubscribes", StringComparison.Ordinal) ? 200 : 201, new Recording(answer));
        }

        var receipt = await braze.Connect(identityKey).DeliverAsync(ScriptedBraze.Of(operation, items), default);

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Has.All.EqualTo((Outcome.Delivered, default(string))));
        Approve(braze, name);
    }

    [TestCase("external_id", "read-profiles")]
    [TestCase("email", "read-profiles-by-email")]
    public async Task Should_read_profiles_back_as_approved(string identityKey, string name)
    {
        using var braze = new ScriptedBraze().Answer(200, new Recording("export-ok"));
        await braze.Connect(identityKey).ReadProfilesAsync(
            identityKey == "email" ? ["c-41@example.test"] : ["c-41", "c-42"], ["first_name", "email_subscribe", "income"], default);

        Approve(braze, name);
    }

    [Test]
    public async Task Should_ask_for_opt_outs_without_an_address_in_the_url()
    {
        using var braze = new ScriptedBraze { Time = new FakeTimeProvider(Noon) }
            .Answer(200, new Recording("export-two")).Answer(200, new Recording("export-two")).Answer(200, new Recording("unsubscribes-ok"));
        await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.SetConsent, ScriptedBraze.Deciding(41, Decision(true))), default);

        Approve(braze, "read-opt-outs");
    }

    [TestCase("external_id", "look-up-members")]
    [TestCase("email", "look-up-members-by-email")]
    public async Task Should_read_members_back_as_approved(string identityKey, string name)
    {
        using var braze = new ScriptedBraze().Answer(200, """{"message":"success","users":[]}""");
        var connector = braze.Connect(identityKey);
        await connector.LookUpMembersAsync(ScriptedBraze.Audience, identityKey == "email" ? [new(null, "c-41@example.test")] : [new(null, "c-41"), new(null, "c-42")], default);

        Approve(braze, name);
    }

    [Test]
    public async Task Should_check_the_destination_as_approved()
    {
        using var braze = new ScriptedBraze()
            .Answer(200, """{"message":"success","users":[],"invalid_user_ids":["integrationhub-check"]}""")
            .Answer(400, """{"message":"Valid data must be provided in the 'attributes', 'events', or 'purchases' fields."}""");

        Assert.That(await braze.Connect().CheckAsync(default), Is.Null);
        Approve(braze, "check");
    }

    [TestCase("external_id", "inspect")]
    [TestCase("email", "inspect-by-email")]
    public async Task Should_inspect_as_approved(string identityKey, string name)
    {
        using var braze = new ScriptedBraze()
            .Answer(200, Recorded.Read("attributes-first"), ("Link", """<https://rest.fra-01.braze.eu/custom_attributes?cursor=c2tpcDo1MA%3D%3D>; rel="next" """.Trim()))
            .Answer(200, new Recording("attributes-second"))
            .Answer(400, """{"message":"'merge_updates' must be an array of objects"}""");
        if (identityKey == "external_id")
        {
            braze.Answer(400, """{"message":"'external_id_renames' is empty"}""").Answer(400, """{"message":"'external_ids' is empty"}""");
        }

        braze.Answer(200, new Recording("unsubscribes-none")).Answer(200, new Recording("unsubscribes-none")).Answer(200, """{"sms":[],"message":"success"}""");

        Assert.That(await braze.Connect(identityKey).InspectAsync([new("tier", FieldKind.Text), new("first_name", FieldKind.Text)], default), Is.Empty);
        Approve(braze, name);
    }

    [Test]
    public async Task Should_call_nobody_to_ensure_an_audience()
    {
        using var braze = new ScriptedBraze();
        var ensured = await braze.Connect().EnsureAudienceAsync(new AudienceRequest("spring-buyers", "audience_spring-buyers"), default);

        Assert.That(ensured.Target, Is.EqualTo(new AudienceTarget("spring-buyers", "audience_spring-buyers")));
        Assert.That(braze.Sent, Is.Empty);
    }

    [TestCase("vip", "vip")]
    [TestCase("Frühjahr (VIP) 2026", "Frühjahr (VIP) 2026")]
    [TestCase("trailing ", null)]
    [TestCase("two\nlines", null)]
    [TestCase("email", null)]
    [TestCase("$add", null)]
    [TestCase("_update_existing_only", null)]
    [TestCase(" padded", null)]
    public async Task Should_take_only_an_attribute_name_that_braze_can_hold(string configured, string? expected)
    {
        using var braze = new ScriptedBraze();
        foreach (var request in new[] { new AudienceRequest("spring", configured), new AudienceRequest("spring", "Spring", configured) })
        {
            var ensured = await braze.Connect().EnsureAudienceAsync(request, default);

            Assert.That(ensured.Target?.RemoteRef, Is.EqualTo(expected));
            Assert.That(ensured.Condition?.Code, expected is null ? Is.EqualTo("braze_bad_attribute_name") : Is.Null);
        }
    }

    private static void Approve(ScriptedBraze braze, string name, [CallerFilePath] string here = "")
    {
        var file = Path.Combine(Path.GetDirectoryName(here)!, "Approved", $"{name}.txt");
        var sent = string.Join('\n', braze.Sent);
        var approved = File.Exists(file) ? File.ReadAllText(file) : "";
        Assert.That(sent, Is.EqualTo(approved), $"If the change is meant, write this to {Path.GetFileName(file)}:\n{sent}");
    }
}

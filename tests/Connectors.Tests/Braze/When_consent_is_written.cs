using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Sandbox;

namespace Connectors.Tests.Braze;

public sealed class When_consent_is_written
{
    private ServedBraze _braze = null!;

    [SetUp]
    public async Task Start() => _braze = await ServedBraze.StartAsync();

    [TearDown]
    public async Task Stop() => await _braze.DisposeAsync();

    [Test]
    public async Task Should_hold_the_global_state_and_the_topics()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test","phone":"+15555550101"}""", """{"external_id":"c-2","email":"c-2@example.test"}""");
        await DeliverAsync(1, Decision(true, new("g-news", true), new("g-sms", true, ConsentChannel.Sms)) with { Email = "C-1@example.test", Phone = "+15555550101" });
        await DeliverAsync(2, Decision(false, new TopicConsent("g-news", false)) with { Email = "c-2@example.test" });

        Assert.That(_braze.Person("c-1")!.Consent, Is.EquivalentTo(new Dictionary<string, string> { ["email_subscribe"] = "opted_in", ["g-news"] = "subscribed", ["g-sms"] = "subscribed" }));
        Assert.That(_braze.Person("c-2")!.Consent, Is.EquivalentTo(new Dictionary<string, string> { ["email_subscribe"] = "unsubscribed", ["g-news"] = "unsubscribed" }));
    }

    [TestCase(true, "opted_in", "subscribed")]
    [TestCase(false, "unsubscribed", "unsubscribed")]
    public async Task Should_reach_a_profile_by_external_id_when_there_is_no_address(bool granted, string state, string group)
    {
        await _braze.TrackAsync("""{"external_id":"c-1"}""");
        await DeliverAsync(1, Decision(granted, new("g-news", granted), new("g-sms", granted, ConsentChannel.Sms)));
        Assert.That(_braze.Person("c-1")!.Consent, Is.EquivalentTo(new Dictionary<string, string> { ["email_subscribe"] = state, ["g-news"] = group, ["g-sms"] = group }));
    }

    [Test]
    public async Task Should_write_an_opt_out_to_the_profile_too_whatever_address_it_has()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"old@example.test"}""");
        await DeliverAsync(1, Decision(false) with { Email = "new@example.test" });
        Assert.That(_braze.Person("c-1")!.Consent["email_subscribe"], Is.EqualTo("unsubscribed"));
    }

    [Test]
    public async Task Should_create_nobody_and_hold_for_whoever_gets_the_address_later()
    {
        await DeliverAsync(1, Decision(false, new TopicConsent("g-news", false)) with { Email = "c-1@example.test" });
        Assert.That(_braze.Sandbox.People(), Is.Empty);

        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        Assert.That(_braze.Person("c-1")!.Consent, Is.EquivalentTo(new Dictionary<string, string> { ["email_subscribe"] = "unsubscribed", ["g-news"] = "unsubscribed" }));
    }

    [Test]
    public async Task Should_leave_what_is_not_named()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        await DeliverAsync(1, Decision(true, new TopicConsent("g-news", true)) with { Email = "c-1@example.test" });
        await DeliverAsync(1, Decision(null, new TopicConsent("g-other", false)) with { Email = "c-1@example.test" });
        Assert.That(_braze.Person("c-1")!.Consent, Is.EquivalentTo(
            new Dictionary<string, string> { ["email_subscribe"] = "opted_in", ["g-news"] = "subscribed", ["g-other"] = "unsubscribed" }));
        Assert.That(
            await _braze.DeliverAsync(Operation.SetConsent, ScriptedBraze.Deciding(1, Decision(null) with { Suspended = true })),
            Is.EqualTo((Outcome.Unchanged, default(string))));
    }

    [TestCase("external_id", "c-1", null)]
    [TestCase("external_id", "c-1", "c-1@example.test")]
    [TestCase("email", "c-1@example.test", null)]
    public async Task Should_not_lift_an_opt_out_that_is_newer_than_the_decision(string identityKey, string key, string? address)
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        _braze.Sandbox.OptOutByLink("c-1@example.test");
        var granted = ScriptedBraze.Deciding(1, Decision(true, new TopicConsent("g-news", false)) with { Email = address }) with { Key = key };

        Assert.That(await _braze.DeliverAsync(Operation.SetConsent, granted, identityKey), Is.EqualTo((Outcome.Rejected, ReasonCode.OptOutStands)));
        Assert.That(_braze.Person("c-1")!.Consent, Is.EquivalentTo(
            new Dictionary<string, string> { ["email_subscribe"] = "unsubscribed", ["g-news"] = "unsubscribed" }), "Topics are written all the same.");
    }

    [Test]
    public async Task Should_lift_an_opt_out_that_is_older_than_the_decision()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        _braze.Sandbox.OptOutByLink("c-1@example.test");
        _braze.Time.Advance(TimeSpan.FromHours(2));
        await DeliverAsync(1, Decision(true) with { Email = "c-1@example.test" });
        Assert.That(_braze.Person("c-1")!.Consent["email_subscribe"], Is.EqualTo("opted_in"));
    }

    [Test]
    public async Task Should_look_for_an_opt_out_on_later_pages()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        _braze.Sandbox.OptOutByLink("c-1@example.test");
        _braze.Time.Advance(TimeSpan.FromSeconds(1));
        for (var other = 0; other < 1000; other++)
        {
            _braze.Sandbox.OptOutByLink($"other-{other}@example.test");
        }

        var granted = ScriptedBraze.Deciding(1, new ConsentChange { MarketingEmail = true, DecidedAt = _braze.Time.GetUtcNow().AddHours(-1), Email = "c-1@example.test" });
        Assert.That(await _braze.DeliverAsync(Operation.SetConsent, granted), Is.EqualTo((Outcome.Rejected, ReasonCode.OptOutStands)));
        Assert.That(_braze.CallsOf("email/unsubscribes"), Is.EqualTo(3));
    }

    [Test]
    public async Task Should_let_the_opt_out_stand_when_there_are_too_many_to_look_through()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test","email_subscribe":"unsubscribed"}""");
        _braze.Time.Advance(TimeSpan.FromHours(2));
        for (var other = 0; other < 10_000; other++)
        {
            _braze.Sandbox.OptOutByLink($"other-{other}@example.test");
        }

        Assert.That(
            await _braze.DeliverAsync(Operation.SetConsent, ScriptedBraze.Deciding(1, Decision(true) with { Email = "c-1@example.test" })),
            Is.EqualTo((Outcome.Rejected, ReasonCode.OptOutStands)));
        Assert.That(_braze.CallsOf("email/unsubscribes"), Is.EqualTo(20));
    }

    [Test]
    public async Task Should_need_a_number_for_text_messages_when_people_are_known_by_email()
    {
        var item = ScriptedBraze.Deciding(1, Decision(null, new TopicConsent("g-sms", true, ConsentChannel.Sms))) with { Key = "c-1@example.test" };
        Assert.That(await _braze.DeliverAsync(Operation.SetConsent, item, "email"), Is.EqualTo((Outcome.Rejected, ReasonCode.IdentityMissing)));
    }

    [Test]
    public async Task Should_refuse_only_the_address_that_braze_refuses()
    {
        var items = Enumerable.Range(1, 7).Select(id => ScriptedBraze.Deciding(id, Decision(false) with { Email = $"c-{id}@example.test" })).ToArray();
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Keys = ["c-3@example.test"] });
        var receipt = await _braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.SetConsent, items), default);

        Assert.That(receipt.Outcomes.Where(outcome => outcome.Outcome != Outcome.Delivered), Is.EqualTo(
            new[] { new RecordOutcome { RecordId = 3, Outcome = Outcome.Rejected, Code = "braze_bad_request" } }));
    }

    [Test]
    public async Task Should_keep_within_fifty_people_and_twenty_five_groups_a_call()
    {
        var items = Enumerable.Range(1, 50).Select(id => ScriptedBraze.Deciding(id, Decision(false, new TopicConsent($"g-{id}", true)) with { Email = $"c-{id}@example.test" })).ToArray();
        var receipt = await _braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.SetConsent, items), default);

        Assert.That(receipt.Outcomes, Has.All.Matches<RecordOutcome>(outcome => outcome.Outcome == Outcome.Delivered));
        Assert.That((_braze.CallsOf("email/status"), _braze.CallsOf("v2/subscription/status/set")), Is.EqualTo((1, 2)));
    }

    [Test]
    public async Task Should_say_that_nobody_is_there_when_only_the_external_id_is_known()
    {
        Assert.That(
            await _braze.DeliverAsync(Operation.SetConsent, ScriptedBraze.Deciding(1, Decision(false, new TopicConsent("g-news", false)))),
            Is.EqualTo((Outcome.Rejected, ReasonCode.NotFound)));
        Assert.That(_braze.Sandbox.People(), Is.Empty);
    }

    [Test]
    public async Task Should_write_what_has_an_address_though_nobody_is_there_for_the_rest()
    {
        var change = Decision(false, new("g-news", false), new("g-sms", false, ConsentChannel.Sms)) with { Email = "c-1@example.test" };
        Assert.That(await _braze.DeliverAsync(Operation.SetConsent, ScriptedBraze.Deciding(1, change)), Is.EqualTo((Outcome.Rejected, ReasonCode.NotFound)));

        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        Assert.That(_braze.Person("c-1")!.Consent, Is.EquivalentTo(new Dictionary<string, string> { ["email_subscribe"] = "unsubscribed", ["g-news"] = "unsubscribed" }));
    }

    [TestCase("0171 2345678")]
    [TestCase("+49 171 2345678")]
    [TestCase("+0171234567")]
    [TestCase("00491712345678")]
    [TestCase("+491712345678\n")]
    [TestCase("")]
    public async Task Should_refuse_a_number_that_is_not_e164_and_still_write_the_opt_out_of_email(string phone)
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""", """{"external_id":"c-2","phone":"+491712345678"}""");
        var wrong = ScriptedBraze.Deciding(1, Decision(false, new TopicConsent("g-sms", false, ConsentChannel.Sms)) with { Email = "c-1@example.test", Phone = phone });
        var right = ScriptedBraze.Deciding(2, Decision(null, new TopicConsent("g-sms", false, ConsentChannel.Sms)) with { Phone = "+491712345678" });
        var receipt = await _braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.SetConsent, wrong, right), default);

        Assert.That(receipt.Outcomes.Select(outcome => (outcome.Outcome, outcome.Code)), Is.EqualTo(
            new (Outcome, string?)[] { (Outcome.Rejected, "phone_not_e164"), (Outcome.Delivered, null) }));
        Assert.That((_braze.Person("c-1")!.Consent["email_subscribe"], _braze.Person("c-2")!.Consent["g-sms"]), Is.EqualTo(("unsubscribed", "unsubscribed")));
    }

    /// <summary>The look that an opt-in or an external id needs comes after the opt-outs.</summary>
    [Test]
    public async Task Should_not_hold_up_an_opt_out_when_people_cannot_be_read()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""", """{"external_id":"c-2","email":"c-2@example.test"}""");
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429, Endpoint = "users/export/ids", RetryAfter = TimeSpan.FromSeconds(2) });
        var receipt = await _braze.Connect().DeliverAsync(
            ScriptedBraze.Of(
                Operation.SetConsent, ScriptedBraze.Deciding(1, Decision(true) with { Email = "c-1@example.test" }),
                ScriptedBraze.Deciding(2, Decision(false) with { Email = "c-2@example.test" })), default);

        Assert.That(receipt.Outcomes.Select(outcome => outcome.Outcome), Has.All.EqualTo(Outcome.NotSent), "A repeat is harmless.");
        Assert.That(_braze.Person("c-2")!.Consent["email_subscribe"], Is.EqualTo("unsubscribed"));
    }

    /// <summary>Braze tells whole seconds: https://www.braze.com/docs/api/endpoints/email/get_query_unsubscribed_email_addresses</summary>
    [Test]
    public async Task Should_let_an_opt_out_of_the_same_second_stand()
    {
        using var braze = new ScriptedBraze { Time = Clock.AtNoon() }
            .Answer(200, new Recording("export-two")).Answer(200, new Recording("unsubscribes-ok"));
        var granted = new ConsentChange { MarketingEmail = true, DecidedAt = new DateTimeOffset(2026, 11, 21, 7, 0, 0, 400, TimeSpan.Zero), Email = "c-41@example.test" };
        var receipt = await braze.Connect().DeliverAsync(ScriptedBraze.Of(Operation.SetConsent, ScriptedBraze.Deciding(41, granted)), default);

        Assert.That(receipt.Outcomes.Single().Code, Is.EqualTo(ReasonCode.OptOutStands));
    }

    [TestCase("email/status")]
    [TestCase("v2/subscription/status/set")]
    [TestCase("users/track")]
    public async Task Should_send_no_more_once_the_destination_is_in_trouble(string path)
    {
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Status = 429, Endpoint = path, RetryAfter = TimeSpan.FromSeconds(2) });
        var receipt = await _braze.Connect().DeliverAsync(
            ScriptedBraze.Of(Operation.SetConsent, ScriptedBraze.Deciding(1, Decision(false, new TopicConsent("g", false)) with { Email = "c-1@example.test" })), default);

        Assert.That(receipt.Outcomes.Single(), Is.EqualTo(new RecordOutcome { RecordId = 1, Outcome = Outcome.NotSent, Code = "braze_429" }));
        Assert.That(receipt.Condition, Is.EqualTo(new DestinationCondition(DestinationTrouble.Throttled, "braze_429", TimeSpan.FromSeconds(2))));
        Assert.That(_braze.CallsOf(path), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_be_not_sent_when_opt_outs_cannot_be_read()
    {
        await _braze.TrackAsync("""{"external_id":"c-1","email":"c-1@example.test"}""");
        _braze.Sandbox.OptOutByLink("c-1@example.test");
        _braze.Room.Faults.Add(new Fault { Kind = FaultKind.Status, Endpoint = "email/unsubscribes" });
        Assert.That(
            await _braze.DeliverAsync(Operation.SetConsent, ScriptedBraze.Deciding(1, Decision(true) with { Email = "c-1@example.test" })),
            Is.EqualTo((Outcome.NotSent, "braze_503")));
        Assert.That(_braze.Person("c-1")!.Consent["email_subscribe"], Is.EqualTo("unsubscribed"));
    }

    private ConsentChange Decision(bool? email, params TopicConsent[] topics)
        => new() { MarketingEmail = email, Topics = topics, DecidedAt = _braze.Time.GetUtcNow().AddHours(-1) };

    private async Task DeliverAsync(int id, ConsentChange consent)
        => Assert.That(await _braze.DeliverAsync(Operation.SetConsent, ScriptedBraze.Deciding(id, consent)), Is.EqualTo((Outcome.Delivered, default(string))));
}

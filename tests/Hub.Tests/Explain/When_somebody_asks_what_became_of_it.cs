using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Explain;

/// <summary>The other half of the questions: the person may be sent, and is not there, or is there otherwise.</summary>
public sealed class When_somebody_asks_what_became_of_it : ExplainFixture
{
    [Test]
    public async Task Should_say_that_another_person_has_the_key_at_the_vendor()
    {
        await StateAsync();
        var other = $"{Id}-other";
        await AppendAsync(Profile(other, "{}"));
        var hub = Hub(descriptor: Acme.Descriptor with { KeysAreCaseInsensitive = true });
        await SqlAsync("INSERT INTO destination_profiles (destination, profile_id, key_hash) VALUES (@name, @id, @hash)", ("name", Name), ("id", await ProfileAsync(other)), ("hash", hub.Destination.KeyHashOf(Id)));
        Expect(await AskAsync(hub), "no", "mapping", ClaimPreparation.KeyCollision);
    }

    [Test]
    public async Task Should_say_that_nothing_was_sent_because_nothing_changed()
    {
        await StateAsync();
        var hub = Hub();
        await DeliverAsync(hub);
        var told = await AskAsync(hub);
        Assert.That((told.Headline.Result, told.Headline.Code), Is.EqualTo(("yes", "not_read_back")), told.Headline.Sentence);
        Assert.That(told.Destinations[0].Steps.Single(step => step.Step == "diff").Code, Is.EqualTo("unchanged"));
        Assert.That(told.Headline.Sentence, Does.StartWith($"IN {Name}: sent, confirmed 1 Mar 2026 12:00 UTC"));
    }

    [TestCase("throttled", "quota_day", "quota")]
    [TestCase("unavailable", "timeout", "circuit_open")]
    [TestCase("unauthorized", "http_401", "unauthorized")]
    public async Task Should_say_what_the_destination_waits_for(string trouble, string code, string expected)
    {
        await StateAsync();
        await OweAsync();
        await SqlAsync(
            "INSERT INTO destination_conditions (destination, trouble, code, until, since, failures) VALUES (@name, @trouble, @code, @until, @since, 3)",
            ("name", trouble == "throttled" ? $"{Name}/live" : Name), ("trouble", trouble), ("code", code), ("until", Now.AddMinutes(10)), ("since", Now.AddMinutes(-10)));
        Expect(await AskAsync(), "waits", "delivery", expected);
    }

    [Test]
    public async Task Should_say_that_it_is_owed_and_goes_by_itself()
    {
        await StateAsync();
        await OweAsync();
        var told = await AskAsync();
        Expect(told, "waits", "delivery", "pending");
        Assert.That(told.Destinations[0].Pending.Single().Lane, Is.EqualTo(Lane.Live));
    }

    [Test]
    public async Task Should_say_that_it_was_tried_and_is_tried_again()
    {
        await StateAsync();
        await OweAsync(attempt: 2, code: "http_500", due: Now.AddMinutes(5));
        var told = await AskAsync();
        Expect(told, "waits", "delivery", "retrying");
        Assert.That(told.Headline.Sentence, Does.Contain("http_500"));
    }

    [TestCase(RunState.AwaitingApproval)]
    [TestCase(RunState.Paused)]
    [TestCase(RunState.Planning)]
    public async Task Should_say_what_the_run_waits_for_that_is_to_bring_it(string state)
    {
        await StateAsync();
        var run = await StartRunAsync(Audience, state, Name);
        var told = await AskAsync();
        Assert.That((told.Headline.Result, told.Headline.Step), Is.EqualTo(("waits", "delivery")), told.Headline.Sentence);
        Assert.That(told.Destinations[0].Steps.Single(step => step.Step == "delivery").Inputs, Has.Some.EqualTo(new InputJson("run", run.ToString())).And.Some.EqualTo(new InputJson("state", state)));
    }

    [Test]
    public async Task Should_say_that_the_run_is_not_verified_yet()
    {
        await StateAsync();
        var hub = Hub();
        await DeliverAsync(hub);
        await StartRunAsync(Audience, RunState.Verifying, Name);
        Expect(await AskAsync(hub), "waits", "read_back", "not_read_back");
    }

    [Test]
    public async Task Should_say_that_somebody_took_the_person_off_the_list_at_the_vendor()
    {
        await StateAsync();
        var hub = Hub();
        await DeliverAsync(hub);
        var run = await StartRunAsync(Audience, RunState.Completed, Name);
        await SqlAsync("UPDATE audience_syncs SET finished_at = requested_at, verified_at = requested_at WHERE correlation_id = @run", ("run", run));
        Assert.That((await AskAsync(hub)).Headline.Sentence, Does.Contain("read back"));
        await SqlAsync("INSERT INTO reconciliation_findings (run_id, kind, cause, profile_id) VALUES (@run, 'missing', 'removed_there', @id)", ("run", run), ("id", Person));
        var told = await AskAsync(hub);
        Expect(told, "no", "read_back", "removed_there");
        Assert.That(told.Headline.Sentence, Does.StartWith($"NOT AS SENT at {Name}"));
    }

    [Test]
    public async Task Should_say_that_it_is_a_dead_letter()
    {
        await StateAsync();
        await DieAsync("INVALID_EMAIL");
        var told = await AskAsync();
        Expect(told, "no", "delivery", "INVALID_EMAIL");
        Assert.That(told.Headline.Fix, Does.Contain("sync start"));
        Assert.That(told.Destinations[0].Letters, Has.Count.EqualTo(1));
    }

    [TestCase(LedgerOutcome.Suppressed, LiveGuardrail.AdditionsHeld)]
    [TestCase(LedgerOutcome.Suppressed, "run_canceled")]
    [TestCase(LedgerOutcome.Suppressed, StateDecision.LiveOff)]
    [TestCase(LedgerOutcome.Rejected, "INVALID_EMAIL")]
    public async Task Should_say_what_became_of_the_last_try(string outcome, string code)
    {
        await StateAsync();
        await SettleAsync(outcome, code);
        Expect(await AskAsync(), "no", "delivery", code);
    }

    [TestCase(LedgerOutcome.Suppressed, "consent_denied")]
    [TestCase(LedgerOutcome.Rejected, "email_malformed")]
    public async Task Should_say_that_what_held_the_person_back_is_over(string outcome, string code)
    {
        await StateAsync();
        await SettleAsync(outcome, code);
        var told = await AskAsync();
        Expect(told, "no", "delivery", "newer_here");
        Assert.That(told.Headline.Sentence, Does.Contain($"1 Mar 2026 12:00 UTC it was held back for a reason that is over ({code})"));
        Assert.That(told.Headline.Fix, Does.Contain("sync start").And.Not.Contain("Correct the address"));
    }

    [Test]
    public async Task Should_say_what_takes_out_whom_the_vendor_has_still()
    {
        await StateAsync(Membership(Id, Audience, false, 9));
        var hub = Hub();
        await DeliverAsync(hub);
        var told = (await AskAsync(hub)).Headline;
        Assert.That(told.Sentence, Does.StartWith($"STILL IN {Name}: the person left {Audience} ").And.EndWith($" UTC and belongs to no audience that goes there. {Name} has the person in {Audience} still: no run has looked at them since."));
        Assert.That(told.Fix, Is.EqualTo($"'sync start {Audience} --destination {Name}' takes them out."));
        await SettleAsync(LedgerOutcome.Suppressed, LiveGuardrail.RemovalsHeld, Operation.RemoveMember);
        Assert.That((await AskAsync(hub)).Headline, Has.Property("Sentence").Contain("when they were to be taken out: the audience's guardrail held it").And.Property("Fix").Contain("approvals list"));
        await RefuseAsync(4, "EmailAddress", "email_malformed", Id);
        Assert.That((await AskAsync(hub)).Headline.Sentence, Does.StartWith($"STILL IN {Name}: line 4").And.EndWith("and a run leaves them there (row_unreadable)."), "a row that cannot be read may be about them");
    }

    [Test]
    public async Task Should_say_that_the_run_which_takes_them_out_waits()
    {
        await StateAsync(Membership(Id, Audience, false, 9));
        var hub = Hub();
        await DeliverAsync(hub);
        await StartRunAsync(Audience, RunState.Paused, Name);
        var told = await AskAsync(hub);
        Assert.That((told.Headline.Result, told.Headline.Code), Is.EqualTo(("no", "not_a_member")));
        Assert.That(told.Headline, Has.Property("Sentence").StartsWith($"STILL IN {Name}").And.Property("Sentence").Not.Contain("no run has looked").And.Property("Fix").Not.Null);
    }

    [Test]
    public async Task Should_say_that_nobody_ever_tried()
    {
        await StateAsync();
        var told = await AskAsync();
        Expect(told, "no", "delivery", "never_owed");
        Assert.That(told.Headline.Fix, Is.EqualTo($"Start a run: 'sync start {Audience} --destination {Name}'."));
    }

    [Test]
    public async Task Should_say_that_what_is_there_is_older()
    {
        await StateAsync();
        var hub = Hub();
        await DeliverAsync(hub);
        await SettleAsync(LedgerOutcome.Delivered, null);
        await AppendAsync(Profile(Id, """{"city":"Köln"}""", 8));
        Expect(await AskAsync(hub), "no", "delivery", "newer_here");
    }

    [Test]
    public async Task Should_say_that_no_audience_goes_there()
    {
        await StateAsync();
        Expect(await AskAsync(Hub(routed: false)), "no", "audience", "no_audience");
    }

    [Test]
    public async Task Should_lead_from_a_profile_that_was_joined_to_the_person()
    {
        await StateAsync();
        var other = $"{Id}-old";
        await AppendAsync(Profile(other, "{}"));
        var old = await ProfileAsync(other);
        await SqlAsync("UPDATE profiles SET person_id = @person WHERE profile_id = @id", ("person", Person), ("id", old));
        Assert.That((await AskAsync(key: $"profile:{old}")).ProfileId, Is.EqualTo(Person));
    }

    [Test]
    public async Task Should_ask_the_vendor_when_it_is_told_to()
    {
        await StateAsync();
        var vendor = new ToldVendor();
        var hub = Hub(connector: vendor);
        await DeliverAsync(hub);
        Expect(await AskAsync(hub, live: true), "no", "read_back", "deleted_there");
        vendor.Profiles = [new RemoteProfile(Id, "r-1", new Dictionary<string, string> { ["town"] = "\"Berlin\"" })];
        var told = await AskAsync(hub, live: true);
        Expect(told, "no", "read_back", "changed_there");
        Assert.That(told.Destinations[0].Fields.Single(field => field.Field == "town"), Has.Property("IsSame").False.And.Property("AtVendor").EqualTo("B…in"));
        vendor.Profiles = [new RemoteProfile(Id, "r-1", new Dictionary<string, string> { ["town"] = "\"Bonn\"" })];
        Assert.That((await AskAsync(hub, live: true)).Headline.Result, Is.EqualTo("yes"));
        vendor.Trouble = new DestinationCondition(DestinationTrouble.Unavailable, "timeout");
        Assert.That((await AskAsync(hub, live: true)).Destinations[0].Steps[^1].Code, Is.EqualTo("not_asked"));
    }

    [Test]
    public async Task Should_tell_what_held_at_a_time()
    {
        await StateAsync(Consent(Id, "granted"));
        var between = TimeProvider.System.GetUtcNow();
        await AppendAsync(Consent(Id, "denied", 5));
        Expect(await AskAsync(), "no", "consent", "consent_denied");
        var then = await AskAsync(at: between);
        Assert.That(then.Destinations[0].Steps.Single(step => step.Step == "consent").Result, Is.EqualTo("yes"));
        Assert.That(then.NotKnown, Has.Count.EqualTo(5));
        Assert.That(then.Steps.Single(step => step.Step == "facts").Reason, Is.EqualTo("3 facts count."));
        Assert.That((await AskAsync()).Steps.Single(step => step.Step == "facts").Reason, Is.EqualTo("4 facts count."));
    }

    [Test]
    public async Task Should_mask_what_nobody_asked_to_see()
    {
        await StateAsync(Profile(Id, """{"city":"Bonn","street":"Somewhere 5","state":"divorced","children":"12345678","owner":true}""", 1));
        FieldMapping Field(string name, MappedType type, FieldClassification classification) => new() { From = name, To = name, Type = type, Classification = classification };
        var hub = Hub(extra:
        [
            Field("street", MappedType.Text, FieldClassification.Personal), Field("state", MappedType.Text, FieldClassification.Sensitive), Field("children", MappedType.Number, FieldClassification.Personal), Field("owner", MappedType.Boolean, FieldClassification.Personal),
        ]);
        var masked = await AskAsync(hub);
        Assert.That(
            masked.Destinations[0].Fields.Where(field => field.Field != "id").Select(field => (field.Field, field.Value)),
            Is.EqualTo(new (string, string?)[] { ("town", "•••"), ("street", "S… 5"), ("state", null), ("children", "•••"), ("owner", "•••") }), "a value of few letters, or of few values, is told by any of them; what is sensitive and named by no line stays here");
        Assert.That(masked.Key, Is.EqualTo($"external_id:{Id[..1]}…{Id[^2..]}"));
        var shown = await AskAsync(hub, reveal: true);
        Assert.That(shown.Destinations[0].Fields.Where(field => field.Field != "id").Select(field => field.Value), Is.EqualTo(new[] { "Bonn", "Somewhere 5", null, "12345678", "true" }));
        Assert.That(shown.Key, Is.EqualTo($"external_id:{Id}"));
    }
}

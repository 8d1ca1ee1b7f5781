using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Explain;

/// <summary>
/// Questions that people ask about single people, in the forums of vendors and of tools that copy people to them: "why is she (not) in the list, though …". One call answers each, and the first no is the right one.
/// </summary>
public sealed class When_somebody_asks_why() : DeliveryFixture(StorageDatabase.Postgres)
{
    private static readonly Guid Nobody = Guid.Empty;
    private string _audience = null!;
    private string _id = null!;
    private string _name = null!;
    private long _profile;

    [SetUp]
    public void Name_everything_anew() => (_audience, _id, _name, _profile) = (Unique("customers"), Unique("c"), Unique("acme"), 0);

    [Test]
    public async Task Should_say_that_a_denial_stands()
    {
        await StateAsync(Consent(_id, "denied", 5));
        var told = await AskAsync();
        Expect(told, "no", "consent", "consent_denied");
        Assert.That(told.Headline.Sentence, Is.EqualTo($"NOT SENT to {_name}: consent email_marketing is denied by the rule out, decided 1 Mar 2026 12:05 UTC by form."));
        Assert.That(told.Destinations[0].Steps.Where(step => !step.IsReached).Select(step => step.Step), Is.EqualTo(new[] { "policy", "mapping", "diff", "delivery", "read_back" }));
    }

    [Test]
    public async Task Should_say_that_somebody_unsubscribed_at_the_vendor()
    {
        await StateAsync(Consent(_id, "granted"), Consent(_id, "denied", 3) with { Producer = "marketo", Consents = [new FactConsent("email_marketing", "denied", "marketo", Noon.AddMinutes(3))] });
        var told = await AskAsync();
        Expect(told, "no", "consent", "consent_denied");
        Assert.That(told.Headline.Sentence, Does.Contain("12:03 UTC by marketo"));
    }

    [Test]
    public async Task Should_say_that_nobody_ever_asked()
    {
        await StateAsync();
        Expect(await AskAsync(Hub(sendsUnknown: false)), "no", "consent", "consent_unknown");
    }

    [Test]
    public async Task Should_say_that_mail_bounces_though_the_person_agreed()
    {
        await StateAsync(Consent(_id, "granted"), Consent(_id, "denied", 1) with { Consents = [new FactConsent("suppression:hard_bounce", "denied", "braze", Noon.AddMinutes(1))] });
        var told = await AskAsync();
        Expect(told, "no", "consent", "suppressed");
        Assert.That(told.Headline.Sentence, Does.Contain("hard_bounce, decided 1 Mar 2026 12:01 UTC by braze"));
    }

    [Test]
    public async Task Should_say_that_the_address_is_none()
    {
        await StateAsync(Profile(_id, "{}", 1, "not an address"));
        var told = await AskAsync(Hub(extra: [new FieldMapping { From = "email", To = "mail", Type = MappedType.Email, Classification = FieldClassification.Personal }]));
        Expect(told, "no", "mapping", "email_malformed");
        Assert.That(told.Headline.Sentence, Does.Contain("the field mail"));
        Assert.That(told.Headline.Fix, Is.EqualTo("Correct the address in the source; one address per person."));
    }

    [Test]
    public async Task Should_say_that_a_value_is_missing_without_which_nothing_goes()
    {
        await StateAsync();
        var told = await AskAsync(Hub(extra: [new FieldMapping { From = "plan", To = "plan", Type = MappedType.Text, OnNull = NullRule.Reject, Classification = FieldClassification.Internal }]));
        Expect(told, "no", "mapping", "value_missing");
        Assert.That(told.Destinations[0].Fields.Single(field => field.Field == "plan").Result, Is.EqualTo("refused"));
    }

    [Test]
    public async Task Should_say_why_a_single_field_is_not_there()
    {
        await StateAsync(Profile(_id, """{"score":"many","city":"Bonn"}""", 1));
        var vendors = new FieldMapping { From = "stage", To = "stage", Type = MappedType.Text, Owner = FieldOwner.Vendor, Classification = FieldClassification.Internal };
        var told = await AskAsync(Hub(extra: [Acme.Dropped("score", MappedType.Number), vendors, Acme.Dropped("age", MappedType.Number)]));
        Assert.That(
            told.Destinations[0].Fields.Select(field => (field.Field, field.Result, field.Code)),
            Is.EqualTo(new[] { ("id", "key", null), ("town", "sent", (string?)null), ("score", "refused", "number_malformed"), ("stage", "not_ours", null), ("age", "left_out", null) }));
    }

    [Test]
    public async Task Should_say_that_the_person_belongs_to_no_audience()
    {
        await AppendAsync(Profile(_id, "{}"));
        Expect(await AskAsync(), "no", "audience", "not_a_member");
    }

    [Test]
    public async Task Should_say_that_the_person_left()
    {
        await StateAsync(Membership(_id, _audience, false, 9));
        var told = await AskAsync();
        Expect(told, "no", "audience", "not_a_member");
        Assert.That(told.Headline.Sentence, Does.Contain($"left {_audience} "));
    }

    [Test]
    public async Task Should_say_that_the_row_in_the_file_was_refused()
    {
        await AppendAsync(Profile(_id, "{}"));
        await RefuseAsync(61, "EmailAddress", "email_malformed", _id);
        var told = await AskAsync();
        Expect(told, "no", "audience", "email_malformed");
        Assert.That(told.Headline.Sentence, Does.Contain("line 61 of the last list").And.Contain("EmailAddress"));
    }

    [Test]
    public async Task Should_say_that_the_row_was_refused_of_somebody_whom_nobody_knows_otherwise()
    {
        await RefuseAsync(7, "TotalChildren", "column_count", _id);
        var told = await AskAsync();
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "audience", "column_count")));
    }

    [Test]
    public async Task Should_say_that_the_id_is_spelled_otherwise()
    {
        await AppendAsync(Profile(_id.ToUpperInvariant(), "{}"));
        var told = await AskAsync();
        Assert.That((told.Found, told.Headline.Code), Is.EqualTo((false, "key_spelled_otherwise")));
    }

    [Test]
    public async Task Should_say_what_was_looked_for_when_nobody_is_known()
    {
        var told = await AskAsync(key: $"  {_id} ");
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "identity", "nobody_known")));
        Assert.That(told.Tried.Select(tried => tried.Kind), Is.EqualTo(new[] { "external_id", "crm_id", "anonymous_id", "device_id" }));
        Assert.That(told.Tried.Select(tried => tried.Key).Distinct(), Is.EqualTo(new[] { _id }));
        Assert.That(told.Headline.Sentence, Does.Not.Contain(_id));
        Assert.That((await AskAsync(key: " Kim@Example.ORG")).Tried.Single(), Is.EqualTo(new TriedKeyJson("email", "kim@example.org")));
        Assert.That((await AskAsync(key: "account_id:7")).Headline.Code, Is.EqualTo("key_malformed"));
    }

    [Test]
    public async Task Should_say_that_two_people_claim_the_address()
    {
        var address = $"{_id}@example.org";
        await AppendAsync(Profile(_id, "{}", 0, address), Profile($"{_id}-2", "{}", 1, address));
        await AppendAsync(Profile(null, "{}", 2, address));
        var told = await AskAsync(key: address);
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "identity", "identity_contested")));
        Assert.That(told.Headline.Sentence, Does.Not.Contain(_id));
    }

    [Test]
    public async Task Should_show_whose_an_address_is()
    {
        var address = $"{_id}@example.org";
        await StateAsync(Profile(_id, "{}", 0, address), Profile($"{_id}-other", "{}", 1));
        var told = await AskAsync(key: address);
        Assert.That(told.ProfileId, Is.EqualTo(await ProfileAsync(_id)));
        Assert.That(told.Steps.Single(step => step.Step == "identity").Inputs.Select(input => input.Name), Has.Some.EqualTo("stated_together"));
    }

    [Test]
    public async Task Should_say_that_the_person_was_erased()
    {
        var tombstones = Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>();
        await WriteAsync(db => tombstones.AddAsync(db, Guid.NewGuid(), [new PersonKey(KeyKind.ExternalId, _id)], "ticket", Noon, CancellationToken.None));
        var told = await AskAsync();
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "identity", "erased")));
    }

    [Test]
    public async Task Should_say_so_of_an_emptied_profile()
    {
        await StateAsync();
        await SqlAsync("UPDATE profiles SET external_id = NULL, consent = @consent WHERE profile_id = @id", ("consent", StoredConsent.With("{}", Suppression.PurposeOf(Suppression.Erased), Suppression.OfErased)), ("id", _profile));
        Assert.That((await AskAsync(key: $"profile:{_profile}")).Headline.Code, Is.EqualTo("erased"));
    }

    [Test]
    public async Task Should_say_that_another_person_has_the_key_at_the_vendor()
    {
        await StateAsync();
        var other = $"{_id}-other";
        await AppendAsync(Profile(other, "{}"));
        var hub = Hub(descriptor: Acme.Descriptor with { KeysAreCaseInsensitive = true });
        await SqlAsync("INSERT INTO destination_profiles (destination, profile_id, key_hash) VALUES (@name, @id, @hash)", ("name", _name), ("id", await ProfileAsync(other)), ("hash", hub.Destination.KeyHashOf(_id)));
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
        Assert.That(told.Headline.Sentence, Does.StartWith($"IN {_name}: sent, confirmed 1 Mar 2026 12:00 UTC"));
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
            ("name", trouble == "throttled" ? $"{_name}/live" : _name), ("trouble", trouble), ("code", code), ("until", Now.AddMinutes(10)), ("since", Now.AddMinutes(-10)));
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
        var run = await StartRunAsync(_audience, state, _name);
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
        await StartRunAsync(_audience, RunState.Verifying, _name);
        Expect(await AskAsync(hub), "waits", "read_back", "not_read_back");
    }

    [Test]
    public async Task Should_say_that_somebody_took_the_person_off_the_list_at_the_vendor()
    {
        await StateAsync();
        var hub = Hub();
        await DeliverAsync(hub);
        var run = await StartRunAsync(_audience, RunState.Completed, _name);
        await SqlAsync("UPDATE audience_syncs SET finished_at = requested_at, verified_at = requested_at WHERE correlation_id = @run", ("run", run));
        Assert.That((await AskAsync(hub)).Headline.Sentence, Does.Contain("read back"));
        await SqlAsync("INSERT INTO reconciliation_findings (run_id, kind, cause, profile_id) VALUES (@run, 'missing', 'removed_there', @id)", ("run", run), ("id", _profile));
        var told = await AskAsync(hub);
        Expect(told, "no", "read_back", "removed_there");
        Assert.That(told.Headline.Sentence, Does.StartWith($"NOT AS SENT at {_name}"));
    }

    [Test]
    public async Task Should_say_that_it_is_a_dead_letter()
    {
        await StateAsync();
        await SettleAsync(LedgerOutcome.Rejected, "INVALID_EMAIL");
        await SqlAsync(
            "INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) VALUES (@run, @name, @audience, @id, 2, 'rejected', 'INVALID_EMAIL', 1, @at)",
            ("run", Nobody), ("name", _name), ("audience", _audience), ("id", _profile), ("at", Noon));
        var told = await AskAsync();
        Expect(told, "no", "delivery", "INVALID_EMAIL");
        Assert.That(told.Headline.Fix, Does.Contain("sync start"));
        Assert.That(told.Destinations[0].Letters, Has.Count.EqualTo(1));
    }

    [TestCase(LedgerOutcome.Suppressed, LiveGuardrail.AdditionsHeld)]
    [TestCase(LedgerOutcome.Suppressed, "run_canceled")]
    [TestCase(LedgerOutcome.Suppressed, StateDecision.LiveOff)]
    [TestCase(LedgerOutcome.Rejected, "email_malformed")]
    public async Task Should_say_what_became_of_the_last_try(string outcome, string code)
    {
        await StateAsync();
        await SettleAsync(outcome, code);
        Expect(await AskAsync(), "no", "delivery", code);
    }

    [Test]
    public async Task Should_say_that_nobody_ever_tried()
    {
        await StateAsync();
        var told = await AskAsync();
        Expect(told, "no", "delivery", "never_owed");
        Assert.That(told.Headline.Fix, Is.EqualTo($"Start a run: 'sync start {_audience} --destination {_name}'."));
    }

    [Test]
    public async Task Should_say_that_what_is_there_is_older()
    {
        await StateAsync();
        var hub = Hub();
        await DeliverAsync(hub);
        await SettleAsync(LedgerOutcome.Delivered, null);
        await AppendAsync(Profile(_id, """{"city":"Köln"}""", 8));
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
        var other = $"{_id}-old";
        await AppendAsync(Profile(other, "{}"));
        var old = await ProfileAsync(other);
        await SqlAsync("UPDATE profiles SET person_id = @person WHERE profile_id = @id", ("person", _profile), ("id", old));
        Assert.That((await AskAsync(key: $"profile:{old}")).ProfileId, Is.EqualTo(_profile));
    }

    [Test]
    public async Task Should_ask_the_vendor_when_it_is_told_to()
    {
        await StateAsync();
        var vendor = new ToldVendor();
        var hub = Hub(connector: vendor);
        await DeliverAsync(hub);
        Expect(await AskAsync(hub, live: true), "no", "read_back", "deleted_there");
        vendor.Profiles = [new RemoteProfile(_id, "r-1", new Dictionary<string, string> { ["town"] = "\"Berlin\"" })];
        var told = await AskAsync(hub, live: true);
        Expect(told, "no", "read_back", "changed_there");
        Assert.That(told.Destinations[0].Fields.Single(field => field.Field == "town"), Has.Property("IsSame").False.And.Property("AtVendor").EqualTo("B…in"));
        vendor.Profiles = [new RemoteProfile(_id, "r-1", new Dictionary<string, string> { ["town"] = "\"Bonn\"" })];
        Assert.That((await AskAsync(hub, live: true)).Headline.Result, Is.EqualTo("yes"));
        vendor.Trouble = new DestinationCondition(DestinationTrouble.Unavailable, "timeout");
        Assert.That((await AskAsync(hub, live: true)).Destinations[0].Steps[^1].Code, Is.EqualTo("not_asked"));
    }

    [Test]
    public async Task Should_tell_what_held_at_a_time()
    {
        await StateAsync(Consent(_id, "granted"));
        var between = TimeProvider.System.GetUtcNow();
        await AppendAsync(Consent(_id, "denied", 5));
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
        await StateAsync();
        Assert.That((await AskAsync()).Destinations[0].Fields.Single(field => field.Field == "town").Value, Is.EqualTo("B…"));
        var shown = await AskAsync(reveal: true);
        Assert.That(shown.Destinations[0].Fields.Single(field => field.Field == "town").Value, Is.EqualTo("Bonn"));
        Assert.That(shown.Key, Is.EqualTo($"external_id:{_id}"));
    }

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    private static void Expect(ExplanationJson told, string result, string step, string code) =>
        Assert.That((told.Headline.Result, told.Headline.Step, told.Headline.Code), Is.EqualTo((result, step, code)), told.Headline.Sentence);

    /// <summary>A member whose city is known, and what else is stated.</summary>
    private async Task StateAsync(params LedgerFact[] more)
    {
        await AppendAsync([Profile(_id, """{"city":"Bonn"}"""), Membership(_id, _audience, true), .. more]);
        _profile = await ProfileAsync(_id);
    }

    private Task<long> ProfileAsync(string externalId) => CountAsync($"SELECT profile_id FROM profiles WHERE external_id = '{externalId}'");

    private Task SqlAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync(sql, CancellationToken.None, parameters);
    });

    private Task RefuseAsync(long line, string field, string code, string externalId) => WriteAsync(async db =>
    {
        var snapshot = Guid.NewGuid();
        await Snapshots.CreateAsync(db, snapshot, _audience, "full", "file.csv", Noon, CancellationToken.None);
        await Snapshots.StageAsync(db, snapshot, [], [new SnapshotReject(line, field, code, "It is none.") { ExternalIds = [externalId] }], CancellationToken.None);
    });

    private async Task DeliverAsync(ExplainedHub hub)
    {
        var hash = hub.Destination.Mapping.Map(new ProfileView(_id, null, null, """{"city":"Bonn"}""")).ContentHash;
        await SqlAsync("INSERT INTO destination_profiles (destination, profile_id, content_hash, confirmed_at) VALUES (@name, @id, @hash, @at)", ("name", _name), ("id", _profile), ("hash", hash), ("at", Noon));
        await SqlAsync("INSERT INTO destination_members (destination, audience, profile_id, is_member, added_by_hub, confirmed_at) VALUES (@name, @audience, @id, true, true, @at)", ("name", _name), ("audience", _audience), ("id", _profile), ("at", Noon));
    }

    private Task OweAsync(int attempt = 0, string? code = null, DateTimeOffset? due = null) => SqlAsync(
        """
        INSERT INTO deliveries (run_id, destination, lane, partition, operation, profile_id, audience, due_at, attempt, last_code, created_at)
        VALUES (@stream, @name, 'live', 0, 2, @id, @audience, @due, @attempt, @code, @at)
        """,
        ("stream", LiveStream.IdOf(_name, Lane.Live)), ("name", _name), ("id", _profile), ("audience", _audience), ("due", due ?? Now), ("attempt", attempt), ("code", code), ("at", Now));

    private Task SettleAsync(string outcome, string? code) => SqlAsync(
        "INSERT INTO outcomes (run_id, profile_id, destination, audience, operation, outcome, code, attempts, at) VALUES (@stream, @id, @name, @audience, 2, @outcome, @code, 1, @at)",
        ("stream", LiveStream.IdOf(_name, Lane.Live)), ("id", _profile), ("name", _name), ("audience", _audience), ("outcome", outcome), ("code", code), ("at", Noon));

    private ExplainedHub Hub(bool sendsUnknown = true, IReadOnlyList<FieldMapping>? extra = null, ConnectorDescriptor? descriptor = null, bool routed = true, IConnector? connector = null) => new(
        Acme.Destination(
            connector ?? new AcmeConnector { Descriptor = descriptor ?? Acme.Descriptor }, name: routed ? _name : $"{_name}-other", audience: _audience, extra: extra, sendsUnknown: sendsUnknown,
            change: written => written with { Name = _name }),
        Acme.Hub(_name, _audience, extra: extra, sendsUnknown: sendsUnknown));

    private async Task<ExplanationJson> AskAsync(ExplainedHub? hub = null, string? key = null, bool live = false, DateTimeOffset? at = null, bool reveal = false)
    {
        var (destination, configuration) = hub ?? Hub();
        var services = Scopes.CreateScope().ServiceProvider;
        var directory = new DestinationDirectory(new Dictionary<string, Destination> { [_name] = destination });
        var finder = new PersonFinder(configuration, directory, services.GetRequiredService<Tombstones>(), services.GetRequiredService<IdentityDesk>(), services.GetRequiredService<SubjectSearch>());
        var explainer = new PersonExplainer(configuration, directory, Transactions, finder, Deliveries, Runs, Microsoft.Extensions.Options.Options.Create(Options), TimeProvider.System);
        return await explainer.ExplainAsync(key ?? _id, new ExplainQuestionJson(null, null, at, live, reveal), CancellationToken.None);
    }

    private sealed record ExplainedHub(Destination Destination, HubConfiguration Configuration);
}

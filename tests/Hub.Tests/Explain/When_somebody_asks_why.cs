using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Ledger;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Explain;

/// <summary>
/// Questions that people ask about single people, in the forums of vendors and of tools that copy people to them: "why is she (not) in the list, though …". One call answers each, and the first no is the right one.
/// </summary>
public sealed class When_somebody_asks_why : ExplainFixture
{
    [Test]
    public async Task Should_say_that_a_denial_stands()
    {
        await StateAsync(Consent(Id, "denied", 5));
        var told = await AskAsync();
        Expect(told, "no", "consent", "consent_denied");
        Assert.That(told.Headline.Sentence, Is.EqualTo($"NOT SENT to {Name}: consent email_marketing is denied by the rule out, decided 1 Mar 2026 12:05 UTC by form."));
        Assert.That(told.Destinations[0].Steps.Where(step => !step.IsReached).Select(step => step.Step), Is.EqualTo(new[] { "policy", "ownership", "mapping", "diff", "delivery", "read_back" }));
    }

    [Test]
    public async Task Should_say_that_somebody_unsubscribed_at_the_vendor()
    {
        await StateAsync(Consent(Id, "granted"), Consent(Id, "denied", 3) with { Producer = "marketo", Consents = [new FactConsent("email_marketing", "denied", "marketo", Noon.AddMinutes(3))] });
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
        await StateAsync(Consent(Id, "granted"), Consent(Id, "denied", 1) with { Consents = [new FactConsent("suppression:hard_bounce", "denied", "braze", Noon.AddMinutes(1))] });
        var told = await AskAsync();
        Expect(told, "no", "consent", "suppressed");
        Assert.That(told.Headline.Sentence, Does.Contain("hard_bounce, decided 1 Mar 2026 12:01 UTC by braze"));
    }

    [Test]
    public async Task Should_say_whose_a_field_and_its_attribute_are()
    {
        await StateAsync();
        var vendors = new FieldMapping { From = "stage", To = "stage", Type = MappedType.Text, Owner = FieldOwner.Vendor, Classification = FieldClassification.Public };
        var owned = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["city"] = new("crm", ConflictRule.OwnerWins) });
        var destination = Acme.Destination(new AcmeConnector { Descriptor = Acme.Descriptor }, name: Name, audience: Audience, extra: [vendors], change: written => written with { Name = Name }, ownership: owned);
        var told = await AskAsync(new ExplainedHub(destination, Acme.Hub(Name, Audience, extra: [vendors])));
        var step = told.Destinations[0].Steps.Single(one => one.Step == "ownership");
        Assert.That((step.Result, step.Reason), Is.EqualTo(("yes", "1 attributes have a system of record, 1 fields are the vendor's and not written.")));
        Assert.That(
            step.Inputs.Select(input => (input.Name, input.Value)),
            Is.EqualTo(new[]
            {
                ("id", "external_id is a key of the person"), ("town", "city of crm (owner_wins), values of others are not taken"), ("stage", "stage of whoever states it last; the field is the vendor's and not written"),
            }));
    }

    [TestCase("owner_wins", "fill_empty", "city of crm (fill_empty), others fill it while it has given no value")]
    [TestCase("flag", "mutable", "city of crm (flag), values of others are not taken, and counted where they differ")]
    [TestCase("newest", "immutable", "city of crm (newest), the earliest value stays")]
    [TestCase("newest", "append_only", "city of crm (newest), elements are added and never taken out")]
    [TestCase("owner_wins", "write_once", "city of crm (owner_wins), values of others are not taken, the earliest value stays, and none comes after it was taken away")]
    public async Task Should_say_how_an_attribute_may_change(string conflict, string mutability, string told)
    {
        await StateAsync();
        var rules = new OwnershipRules(new Dictionary<string, AttributeOwnership>
        {
            ["city"] = new("crm", Enum.Parse<ConflictRule>(conflict.Replace("_", ""), ignoreCase: true)) { Mutability = Enum.Parse<AttributeMutability>(mutability.Replace("_", ""), ignoreCase: true) },
        });
        var destination = Acme.Destination(new AcmeConnector { Descriptor = Acme.Descriptor }, name: Name, audience: Audience, change: written => written with { Name = Name }, ownership: rules);
        var step = (await AskAsync(new ExplainedHub(destination, Acme.Hub(Name, Audience)))).Destinations[0].Steps.Single(one => one.Step == "ownership");
        Assert.That(step.Inputs.Single(input => input.Name == "town").Value, Is.EqualTo(told));
    }

    [TestCase(Direction.In, "city of crm (newest), only comes in from here and is not written here", "kept_here")]
    [TestCase(Direction.Out, "city of crm (newest), written here, and what is stated here is not taken", "sent")]
    [TestCase(Direction.Both, "city of crm (newest), taken from here and written here", "sent")]
    public async Task Should_say_which_way_an_attribute_goes(object direction, string told, string result)
    {
        await StateAsync(Profile(Id, """{"city":"Bonn"}""", 1));
        var rules = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["city"] = new("crm", ConflictRule.Newest) { Directions = Directions.Unsaid with { Everywhere = (Direction)direction } } });
        var destination = Acme.Destination(new AcmeConnector { Descriptor = Acme.Descriptor }, name: Name, audience: Audience, change: written => written with { Name = Name }, ownership: rules);
        var explained = (await AskAsync(new ExplainedHub(destination, Acme.Hub(Name, Audience)))).Destinations[0];
        Assert.That(explained.Steps.Single(one => one.Step == "ownership").Inputs.Single(input => input.Name == "town").Value, Is.EqualTo(told));
        Assert.That(explained.Fields.Single(field => field.Field == "town").Result, Is.EqualTo(result));
    }

    [Test]
    public async Task Should_say_what_stays_as_it_is_at_the_vendor()
    {
        await StateAsync(Profile(Id, """{"city":"Bonn","code":"A","badge":"B","likes_sports":false}""", 1));
        FieldMapping Of(string from, string to, FieldMutability mutability, MappedType type = MappedType.Text) => new() { From = from, To = to, Type = type, Mutability = mutability, Classification = FieldClassification.Public };
        var hub = Hub(extra:
        [
            Of("code", "code", FieldMutability.WriteOnce), Of("badge", "badge", FieldMutability.WriteOnce), Of("title", "title", FieldMutability.FillEmpty),
            Of("likes_sports", "$.interests[sports]", FieldMutability.AppendOnly, MappedType.Boolean),
        ]);
        var before = (await AskAsync(hub)).Destinations[0];
        Assert.That(before.Steps.Single(one => one.Step == "ownership").Inputs.Single(input => input.Name == "code").Value, Is.EqualTo("code of whoever states it last; written once, and not written yet"));
        Assert.That(before.Fields.Single(field => field.Field == "code").Result, Is.EqualTo("sent"));

        await SqlAsync("INSERT INTO written_fields (destination, profile_id, field, written_at) VALUES (@name, @id, 'code', @at)", ("name", Name), ("id", Person), ("at", Noon));
        await SqlAsync("INSERT INTO written_fields (destination, profile_id, field, offered_hash) VALUES (@name, @id, 'badge', 'another')", ("name", Name), ("id", Person));
        var told = (await AskAsync(hub)).Destinations[0];
        var inputs = told.Steps.Single(one => one.Step == "ownership").Inputs.ToDictionary(input => input.Name, input => input.Value);
        Assert.Multiple(() =>
        {
            Assert.That(inputs["code"], Does.EndWith($"; written once, {DestinationExplanation.Time(Noon)}, and not again"));
            Assert.That(inputs["badge"], Does.EndWith("; written once, and sent without an answer: only the same value is sent again"));
            Assert.That(inputs["title"], Does.EndWith("; written where the vendor has no value"));
            Assert.That(inputs["$.interests[sports]"], Does.EndWith("; only put into the list, never taken out"));
            Assert.That(
                told.Fields.Skip(2).Select(field => (field.Field, field.Result, field.Code)),
                Is.EqualTo(new[] { ("code", "left_out", "written_once"), ("badge", "left_out", "written_once_in_doubt"), ("title", "left_out", (string?)null), ("$.interests[sports]", "left_out", "append_only") }));
        });
    }

    [Test]
    public async Task Should_say_that_a_truth_value_is_held()
    {
        var since = new DateTimeOffset(Now.Date, TimeSpan.Zero);
        await StateAsync(Profile(Id, """{"city":"Bonn","vip":true}""", 1));
        await SqlAsync(
            "UPDATE profiles SET attributes_at = @times WHERE profile_id = @id", ("id", Person),
            ("times", $$"""{"$unrest:vip":{{since.ToUnixTimeMilliseconds()}},"$flip:vip":{{since.ToUnixTimeMilliseconds() + 1}},"$flips:vip":5}"""));
        FieldMapping[] extra = [new FieldMapping { From = "vip", To = "vip", Type = MappedType.Boolean, Classification = FieldClassification.Public }];
        var rules = new OwnershipRules(new Dictionary<string, AttributeOwnership> { ["vip"] = new("crm", ConflictRule.Newest) { Flapping = new FlappingRule(3, TimeSpan.FromDays(2)) } });
        var destination = Acme.Destination(new AcmeConnector { Descriptor = Acme.Descriptor }, name: Name, audience: Audience, extra: extra, change: written => written with { Name = Name }, ownership: rules);
        var step = (await AskAsync(new ExplainedHub(destination, Acme.Hub(Name, Audience, extra: extra)))).Destinations[0].Steps.Single(one => one.Step == "ownership");
        Assert.That((step.Result, step.Code), Is.EqualTo(("yes", "value_flapping")));
        Assert.That(
            step.Inputs.Single(input => input.Name == "vip").Value,
            Is.EqualTo($"vip of crm (newest), changed 5 times since {DestinationExplanation.Time(since)} and is held, steady at {DestinationExplanation.Time(since.AddDays(2))}"));
    }

    [Test]
    public async Task Should_say_that_the_address_is_none()
    {
        await StateAsync(Profile(Id, "{}", 1, "not an address"));
        var told = await AskAsync(Hub(extra: [new FieldMapping { From = "email", To = "mail", Type = MappedType.Email, Classification = FieldClassification.Personal }]));
        Expect(told, "no", "mapping", "email_malformed");
        Assert.That(told.Headline.Sentence, Does.Contain("the field mail"));
        Assert.That(told.Headline.Fix, Is.EqualTo("Correct the address in the source; one address per person."));
    }

    [Test]
    public async Task Should_say_that_a_value_is_missing_without_which_nothing_goes()
    {
        await StateAsync();
        var told = await AskAsync(Hub(extra: [new FieldMapping { From = "plan", To = "plan", Type = MappedType.Text, OnNull = NullRule.Reject, Classification = FieldClassification.Public }]));
        Expect(told, "no", "mapping", "value_missing");
        Assert.That(told.Destinations[0].Fields.Single(field => field.Field == "plan").Result, Is.EqualTo("refused"));
    }

    [Test]
    public async Task Should_say_why_a_single_field_is_not_there()
    {
        await StateAsync(Profile(Id, """{"score":"many","city":"Bonn"}""", 1));
        var vendors = new FieldMapping { From = "stage", To = "stage", Type = MappedType.Text, Owner = FieldOwner.Vendor, Classification = FieldClassification.Public };
        var told = await AskAsync(Hub(extra: [Acme.Dropped("score", MappedType.Number), vendors, Acme.Dropped("age", MappedType.Number)]));
        Assert.That(
            told.Destinations[0].Fields.Select(field => (field.Field, field.Result, field.Code)),
            Is.EqualTo(new[] { ("id", "key", null), ("town", "sent", (string?)null), ("score", "refused", "number_malformed"), ("stage", "not_ours", null), ("age", "left_out", null) }));
    }

    [Test]
    public async Task Should_say_until_when_a_field_is_written_and_that_it_is_no_more()
    {
        await StateAsync();
        var today = DateOnly.FromDateTime(Now.UtcDateTime);
        FieldMapping Old(string to, int days) => new() { From = "city", To = to, Type = MappedType.Text, Until = today.AddDays(days), Classification = FieldClassification.Personal };
        var told = await AskAsync(Hub(extra: [Old("town_ending", 2), Old("town_ended", -2)]), reveal: true);
        Assert.That(
            told.Destinations[0].Fields.Where(field => field.Source == "city").Select(field => (field.Field, field.Result, field.Until, field.Value)),
            Is.EqualTo(new (string, string, DateOnly?, string?)[] { ("town", "sent", null, "Bonn"), ("town_ending", "sent", today.AddDays(2), "Bonn"), ("town_ended", "ended", today.AddDays(-2), null) }));
    }

    [Test]
    public async Task Should_say_that_the_person_belongs_to_no_audience()
    {
        await AppendAsync(Profile(Id, "{}"));
        Expect(await AskAsync(), "no", "audience", "not_a_member");
    }

    [Test]
    public async Task Should_say_that_the_person_left()
    {
        await StateAsync(Membership(Id, Audience, false, 9));
        var told = await AskAsync();
        Expect(told, "no", "audience", "not_a_member");
        Assert.That(told.Headline.Sentence, Does.Contain($"left {Audience} "));
    }

    [Test]
    public async Task Should_say_that_the_row_in_the_file_was_refused()
    {
        await AppendAsync(Profile(Id, "{}"));
        await RefuseAsync(61, "EmailAddress", "email_malformed", Id);
        var told = await AskAsync();
        Expect(told, "no", "audience", "email_malformed");
        Assert.That(told.Headline.Sentence, Does.Contain("line 61 of the last list").And.Contain("EmailAddress"));
    }

    [Test]
    public async Task Should_say_that_the_row_was_refused_of_somebody_whom_nobody_knows_otherwise()
    {
        await RefuseAsync(7, "TotalChildren", "column_count", Id);
        var told = await AskAsync();
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "audience", "column_count")));
    }

    [Test]
    public async Task Should_say_that_the_id_is_spelled_otherwise()
    {
        await AppendAsync(Profile(Id.ToUpperInvariant(), "{}"));
        var told = await AskAsync();
        Assert.That((told.Found, told.Headline.Code), Is.EqualTo((false, "key_spelled_otherwise")));
    }

    [Test]
    public async Task Should_say_what_was_looked_for_when_nobody_is_known()
    {
        var told = await AskAsync(key: $"  {Id} ");
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "identity", "nobody_known")));
        Assert.That(told.Tried.Select(tried => tried.Kind), Is.EqualTo(new[] { "external_id", "crm_id", "anonymous_id", "device_id" }));
        Assert.That(told.Tried.Select(tried => tried.Key).Distinct(), Is.EqualTo(new[] { Id }));
        Assert.That(told.Headline.Sentence, Does.Not.Contain(Id));
        Assert.That((await AskAsync(key: " Kim@Example.ORG")).Tried.Single(), Is.EqualTo(new TriedKeyJson("email", "kim@example.org")));
        Assert.That((await AskAsync(key: "account_id:7")).Headline.Code, Is.EqualTo("key_malformed"));
    }

    [Test]
    public async Task Should_say_that_two_people_claim_the_address()
    {
        var address = $"{Id}@example.org";
        await AppendAsync(Profile(Id, "{}", 0, address), Profile($"{Id}-2", "{}", 1, address));
        await AppendAsync(Profile(null, "{}", 2, address));
        var told = await AskAsync(key: address);
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "identity", "identity_contested")));
        Assert.That(told.Headline.Sentence, Does.Not.Contain(Id));
    }

    [Test]
    public async Task Should_show_whose_an_address_is()
    {
        var address = $"{Id}@example.org";
        await StateAsync(Profile(Id, "{}", 0, address), Profile($"{Id}-other", "{}", 1));
        var told = await AskAsync(key: address);
        Assert.That(told.ProfileId, Is.EqualTo(await ProfileAsync(Id)));
        Assert.That(told.Steps.Single(step => step.Step == "identity").Inputs.Select(input => input.Name), Has.Some.EqualTo("stated_together"));
    }

    [Test]
    public async Task Should_say_that_the_person_was_erased()
    {
        var tombstones = Scopes.CreateScope().ServiceProvider.GetRequiredService<Tombstones>();
        await WriteAsync(db => tombstones.AddAsync(db, Guid.NewGuid(), new ErasurePerson { Keys = [new PersonKey(KeyKind.ExternalId, Id)], ProfileIds = [], RemoteIds = new Dictionary<string, IReadOnlyList<string>>() }, "ticket", Noon, CancellationToken.None));
        var told = await AskAsync();
        Assert.That((told.Found, told.Headline.Step, told.Headline.Code), Is.EqualTo((false, "identity", "erased")));
    }

    [Test]
    public async Task Should_say_so_of_an_emptied_profile()
    {
        await StateAsync();
        await SqlAsync("UPDATE profiles SET external_id = NULL, consent = @consent WHERE profile_id = @id", ("consent", StoredConsent.With("{}", Suppression.PurposeOf(Suppression.Erased), Suppression.OfErased)), ("id", Person));
        Assert.That((await AskAsync(key: $"profile:{Person}")).Headline.Code, Is.EqualTo("erased"));
    }
}

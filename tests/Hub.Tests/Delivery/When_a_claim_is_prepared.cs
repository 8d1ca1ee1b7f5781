using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Tests.Delivery;

public sealed class When_a_claim_is_prepared
{
    private readonly AcmeConnector _connector = new();

    [TestCase(true, new[] { 3, 3 })]
    [TestCase(false, new[] { 3, 3, 1 })]
    public void Should_leave_what_fills_no_batch_for_the_next_claim_only_when_more_follows(bool mayWait, int[] batches)
    {
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), Claim(7), mayWait);
        Assert.That(preparation.Batches.Select(batch => batch.Records.Count), Is.EqualTo(batches));
    }

    [Test]
    public void Should_send_less_than_a_batch_when_there_is_nothing_else_to_send() =>
        Assert.That(ClaimPreparation.For(Acme.Destination(_connector), Claim(2), mayWait: true).Batches.Single().Records, Has.Count.EqualTo(2));

    [Test]
    public void Should_leave_the_second_delivery_of_a_person_for_the_next_claim()
    {
        var claim = Claim(2);
        claim.Add(claim[0] with { DeliveryId = 99 });
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That(preparation.Batches.Single().Records.Select(record => record.Delivery.DeliveryId), Is.EqualTo(new long[] { 1, 2 }));
        Assert.That(preparation.Settled, Is.Empty);
    }

    [Test]
    public void Should_settle_a_person_once_when_nothing_is_sent()
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { ConsentJson = Acme.Denied };
        claim.Add(claim[0] with { DeliveryId = 99 });
        Assert.That(ClaimPreparation.For(Acme.Destination(_connector), claim).Settled.Select(settled => settled.Delivery.DeliveryId), Is.EqualTo(new long[] { 1 }));
    }

    [Test]
    public void Should_decide_by_the_consent_of_now()
    {
        var claim = Claim(2);
        claim[0] = claim[0] with { ConsentJson = Acme.Denied };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That(preparation.Settled.Select(settled => (settled.Delivery.DeliveryId, settled.Outcome, settled.Code)), Is.EqualTo(new[] { (1L, LedgerOutcome.Suppressed, "consent_denied") }));
        Assert.That(preparation.Batches.Single().Records.Single().Delivery.DeliveryId, Is.EqualTo(2));
    }

    [Test]
    public void Should_send_nothing_of_whatever_kind_about_somebody_who_was_erased(
        [Values(Operation.UpsertProfile, Operation.AddMember, Operation.RemoveMember, Operation.SetConsent)] Operation operation, [Values] bool maybeSent)
    {
        var claim = Claim(2, operation);
        claim[0] = claim[0] with { ConsentJson = OwnTable.ErasedConsent, MaybeSent = maybeSent };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That(preparation.Settled.Select(settled => (settled.Delivery.DeliveryId, settled.Outcome, settled.Code)), Is.EqualTo(new[] { (1L, LedgerOutcome.Suppressed, "erased") }));
        Assert.That(preparation.Batches.SelectMany(batch => batch.Records).Select(record => record.Delivery.DeliveryId), Is.EqualTo(new[] { 2L }));
    }

    [Test]
    public void Should_send_a_denial_as_what_the_person_said()
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { ConsentJson = Acme.Denied };
        var record = ClaimPreparation.For(Acme.Destination(_connector), claim).Batches.Single().Records.Single();
        Assert.That(record.Item.Consent!.MarketingEmail, Is.False);
    }

    [Test]
    public void Should_note_everything_that_was_left_out()
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { AttributesJson = """{"city":"Bonn","age":"old","born":"yesterday"}""" };
        var record = ClaimPreparation.For(Acme.Destination(_connector, extra: [Acme.Dropped("age", MappedType.Integer), Acme.Dropped("born", MappedType.Date) with { Formats = ["yyyy-MM-dd"] }]), claim).Batches.Single().Records.Single();
        Assert.That(record.Note, Is.EqualTo("dropped_age+born"));
    }

    [Test]
    public void Should_note_what_no_line_of_policy_lets_leave()
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { AttributesJson = """{"city":"Bonn","age":"old","gender":"f"}""" };
        var gender = new FieldMapping { From = "gender", To = "sex", Type = MappedType.Text, Classification = FieldClassification.Sensitive };
        var record = ClaimPreparation.For(Acme.Destination(_connector, extra: [Acme.Dropped("age", MappedType.Integer), gender]), claim).Batches.Single().Records.Single();
        Assert.That(record.Note, Is.EqualTo("withheld_sex;dropped_age"));
        Assert.That(record.Item.Fields.Select(field => field.Name), Is.EqualTo(new[] { "town" }));
    }

    [TestCase("(202) 555-0147", "+12025550147", null)]
    [TestCase("+44 (0)20 7946 0018", "+442079460018", null)]
    [TestCase("238-555-0100", null, "sms_left_out_phone_not_valid")]
    [TestCase("call me", null, "sms_left_out_phone_malformed")]
    public void Should_send_a_consent_to_text_messages_under_the_number_that_vendors_know(string phone, string? sent, string? note)
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { Phone = phone, ConsentJson = """{"email_marketing":{"s":"denied","t":1700000000000,"src":"form"},"texts":{"s":"denied","t":1700000000000,"src":"form"}}""" };
        var record = ClaimPreparation.For(Acme.Destination(_connector, topics: Acme.Texts, country: "US"), claim).Batches.Single().Records.Single();
        Assert.That((record.Item.Consent!.Phone, record.Item.Consent.MarketingEmail, record.Item.Consent.Topics.Count, record.Note), Is.EqualTo((sent, (bool?)false, sent is null ? 0 : 1, note)));
    }

    [Test]
    public void Should_refuse_a_consent_of_which_nothing_can_be_said()
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { Phone = "call me", ConsentJson = """{"texts":{"s":"denied","t":1700000000000,"src":"form"}}""" };
        var settled = ClaimPreparation.For(Acme.Destination(_connector, topics: Acme.Texts, country: "US"), claim).Settled.Single();
        Assert.That((settled.Outcome, settled.Code), Is.EqualTo((LedgerOutcome.Rejected, "phone_malformed")), "somebody sees it among the dead letters");
    }

    [Test]
    public void Should_call_a_consent_unchanged_that_the_destination_does_not_keep()
    {
        var preparation = ClaimPreparation.For(Acme.Destination(_connector, keepsConsent: false), Claim(1, Operation.SetConsent));
        Assert.That(preparation.Batches, Is.Empty);
        Assert.That((preparation.Settled.Single().Outcome, preparation.Settled.Single().Code), Is.EqualTo((LedgerOutcome.Unchanged, "consent_not_kept")));
    }

    [Test]
    public void Should_note_nothing_when_nothing_was_left_out() => Assert.That(Only(Claim(1)).Note, Is.Null);

    [Test]
    public void Should_say_why_a_person_cannot_be_mapped()
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { AttributesJson = """{"city":"Bonn","age":"old"}""" };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector, extra: [Acme.Dropped("age", MappedType.Integer) with { OnError = ErrorRule.Reject }]), claim);
        Assert.That((preparation.Settled.Single().Outcome, preparation.Settled.Single().Code, preparation.Batches.Count), Is.EqualTo((LedgerOutcome.Rejected, "integer_malformed", 0)));
    }

    [TestCase(true, Acme.Denied, Operation.RemoveMember, "consent_denied")]
    [TestCase(true, Acme.Granted, Operation.AddMember, null)]
    public void Should_take_whoever_may_have_been_added_out_when_they_may_not_be_sent_any_more(bool maybeSent, string consent, Operation sent, string? why)
    {
        var claim = Claim(1);
        claim[0] = claim[0] with { MaybeSent = maybeSent, ConsentJson = consent };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That((preparation.Batches.Single().Operation, preparation.Batches.Single().Records.Single().WhyUndone, preparation.Settled.Count), Is.EqualTo((sent, why, 0)));
    }

    [Test]
    public void Should_end_a_membership_that_was_owed_to_end_without_calling_it_undone()
    {
        var record = Only(Claim(1, Operation.RemoveMember));
        Assert.That((record.WhyUndone, record.Item.Fields.Count), Is.EqualTo(((string?)null, 0)));
    }

    [TestCase("p1", "r1", "p1")]
    [TestCase(null, "r1", "r1")]
    [TestCase(null, null, null)]
    public void Should_name_a_person_without_fields_by_their_key_before_the_vendors_own_id(string? externalId, string? remoteId, string? key)
    {
        var claim = Claim(1, Operation.RemoveMember);
        claim[0] = claim[0] with { ExternalId = externalId, RemoteId = remoteId };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector), claim);
        Assert.That(preparation.Batches.SingleOrDefault()?.Records.Single().Item.Key, Is.EqualTo(key));
        Assert.That(preparation.Settled.Select(settled => (settled.Outcome, settled.Code)), Is.EqualTo(key is null ? new[] { (LedgerOutcome.Rejected, "identity_key_missing") } : []));
    }

    [Test]
    public void Should_refuse_a_consent_once_for_somebody_without_a_key_and_without_a_usable_number()
    {
        var claim = Claim(1, Operation.SetConsent);
        claim[0] = claim[0] with { ExternalId = null, Phone = "call me", ConsentJson = """{"email_marketing":{"s":"denied","t":1,"src":"form"},"texts":{"s":"denied","t":1,"src":"form"}}""" };
        var preparation = ClaimPreparation.For(Acme.Destination(_connector, topics: Acme.Texts, country: "US"), claim);
        Assert.That(preparation.Settled.Select(settled => (settled.Outcome, settled.Code)), Is.EqualTo(new[] { (LedgerOutcome.Rejected, "identity_key_missing") }));
        Assert.That(preparation.Batches, Is.Empty);
    }

    [TestCase(1L, null)]
    [TestCase(2L, "key_collision")]
    public void Should_leave_a_key_to_the_one_whom_the_vendor_has_under_it(long holder, string? code)
    {
        var destination = Acme.Destination(new AcmeConnector { Descriptor = Acme.Descriptor with { KeysAreCaseInsensitive = true } });
        var preparation = ClaimPreparation.For(destination, Claim(1), keyHolders: new Dictionary<Guid, long> { [destination.KeyHashOf("P1")!.Value] = holder });
        Assert.That(preparation.Settled.Select(settled => settled.Code), Is.EqualTo(code is null ? [] : new[] { code }));
        Assert.That(preparation.Batches, Has.Count.EqualTo(code is null ? 1 : 0));
        Assert.That(preparation.Settled.Select(settled => settled.IsTaken), Is.All.True, "who has it may give it up within the run");
    }

    /// <summary>Two records of 160 bytes each, with two bytes per character of the key, and per field 12, its name, and three per character or 24 for a number.</summary>
    [TestCase(Operation.RemoveMember, 2 * (160 + (2 * 2)))]
    [TestCase(Operation.AddMember, 2 * (160 + (2 * 2) + 12 + 4 + (4 * 3) + 12 + 3 + 24))]
    public void Should_cut_by_bytes(Operation operation, int both)
    {
        var claim = Claim(2, operation).ConvertAll(delivery => delivery with { AttributesJson = """{"city":"Bonn","age":7}""" });
        var destination = Acme.Destination(_connector, extra: [Acme.Dropped("age", MappedType.Integer)]);
        Assert.That(Cut(both), Is.EqualTo(new[] { 2 }));
        Assert.That(Cut(both - 1), Is.EqualTo(new[] { 1, 1 }));

        IEnumerable<int> Cut(int bytes) =>
            ClaimPreparation.For(destination, claim, limits: new OperationLimits(10, bytes, RepeatIsHarmless: true)).Batches.Select(batch => batch.Records.Count);
    }

    private PreparedRecord Only(List<ClaimedDelivery> claim) => ClaimPreparation.For(Acme.Destination(_connector), claim).Batches.Single().Records.Single();

    private static List<ClaimedDelivery> Claim(int people, Operation operation = Operation.AddMember) =>
    [
        .. Enumerable.Range(1, people).Select(person => new ClaimedDelivery
        {
            DeliveryId = person,
            RunId = Guid.Empty,
            Audience = "customers",
            Operation = operation,
            Attempt = 0,
            ProfileId = person,
            ExternalId = $"p{person}",
            AttributesJson = """{"city":"Bonn"}""",
            ConsentJson = Acme.Granted,
            ProfileVersion = 1,
        }),
    ];
}

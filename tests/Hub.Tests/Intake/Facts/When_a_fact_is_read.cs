using System.Text;
using System.Text.Json;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;
using IntegrationHub.Storage.Retention;
using static IntegrationHub.Hub.Tests.Intake.Facts.WrittenFact;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Every field of a fact is checked; what is wrong is named by its path.</summary>
public sealed class When_a_fact_is_read
{
    [Test]
    public void Should_become_a_fact_of_the_ledger()
    {
        var fact = Read(Withdrawal).Fact!;

        Assert.Multiple(() =>
        {
            Assert.That((fact.EventType, fact.Producer, fact.CorrelationId, fact.ExternalId, fact.Email), Is.EqualTo(("consent_updated", "shop", "c-1", "p-1", "kai@example.test")));
            Assert.That(fact.Consents.Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { ("email_marketing", "denied") }), "what travels with it decides nothing");
            Assert.That(fact.Consents[0].DecidedAt, Is.EqualTo(fact.OccurredAt));
        });
    }

    [Test]
    public void Should_be_too_old_by_the_class_of_its_type_and_hold_as_a_withdrawal_all_the_same()
    {
        var body = Encoding.UTF8.GetBytes(Withdrawal.Replace("2026-11-20T10:00:00Z", "2025-10-22T11:59:59Z", StringComparison.Ordinal));
        var old = FactReading.Read(body, Now, Authorities.Everybody);
        Assert.That((old.Quarantined?.Code, old.Quarantined?.Path), Is.EqualTo(("too_old", "occurred_at")));
        Assert.That(old.Precautions.SelectMany(fact => fact.Consents).Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { ("email_marketing", "denied") }));

        var classes = new Dictionary<string, FactClass> { ["consent_updated"] = FactClass.Long };
        Assert.That(FactReading.Read(body, Now, Authorities.Everybody, FactRetention.Default with { Classes = classes }).Fact, Is.Not.Null, "its type is kept longer");
        Assert.That(FactReading.Read(body, Now, Authorities.Everybody, FactRetention.Default with { Classes = classes, Long = TimeSpan.FromDays(1) }).Quarantined?.Code, Is.EqualTo("too_old"));
    }

    [TestCase("event_id", null, "event_id", "missing")]
    [TestCase("event_id", "\"\"", "event_id", "uuid_malformed")]
    [TestCase("event_id", "\"00000000-0000-0000-0000-000000000000\"", "event_id", "uuid_malformed")]
    [TestCase("event_id", "17", "event_id", "uuid_malformed")]
    [TestCase("event_type", "\"profile_upgraded\"", "event_type", "event_type_unknown")]
    [TestCase("event_type", null, "event_type", "missing")]
    [TestCase("schema_version", "2", "schema_version", "schema_unknown")]
    [TestCase("schema_version", "\"1\"", "schema_version", "integer_malformed")]
    [TestCase("occurred_at", null, "occurred_at", "missing")]
    [TestCase("occurred_at", "1796000000000", "occurred_at", "time_malformed")]
    [TestCase("occurred_at", "\"2026-11-26T12:00:00+0200\"", "occurred_at", "time_malformed")]
    [TestCase("occurred_at", "\"26.11.2026 12:00\"", "occurred_at", "time_malformed")]
    [TestCase("occurred_at", "\"2026-11-26\"", "occurred_at", "time_malformed")]
    [TestCase("occurred_at", "\"0001-01-01T00:00:00Z\"", "occurred_at", "time_malformed")]
    [TestCase("occurred_at", "\"2999-01-01T00:00:00Z\"", "occurred_at", "in_the_future")]
    [TestCase("occurred_at", "\"2026-11-26T12:05:01Z\"", "occurred_at", "in_the_future")]
    [TestCase("occurred_at", "\"2025-10-22T11:59:59Z\"", "occurred_at", "too_old")]
    [TestCase("producer", null, "producer", "missing")]
    [TestCase("producer", "\" \"", "producer", "missing")]
    [TestCase("producer", "\"a\\u0000b\"", "producer", "nul_character")]
    [TestCase("producer", "\"LONG\"", "producer", "too_long")]
    [TestCase("tenant_id", "\"LONG\"", "tenant_id", "too_long")]
    [TestCase("correlation_id", "\"LONG\"", "correlation_id", "too_long")]
    [TestCase("correlation_id", "\"\\u0000\"", "correlation_id", "nul_character")]
    [TestCase("subject", null, "subject", "missing")]
    [TestCase("subject", "[]", "subject", "not_an_object")]
    [TestCase("subject", "{}", "subject", "keys_missing")]
    [TestCase("subject", "{\"email\":\"\\u00ad \"}", "subject", "keys_missing")]
    [TestCase("subject.external_id", "4711", "subject.external_id", "not_a_text")]
    [TestCase("subject.external_id", "\"LONG\"", "subject.external_id", "too_long")]
    [TestCase("subject.external_id", "\"undefined\"", "subject.external_id", "says_nothing")]
    [TestCase("subject.external_id", "\"1.23457E+15\"", "subject.external_id", "id_rounded")]
    [TestCase("subject.email", "\"null\"", "subject.email", "says_nothing")]
    [TestCase("subject.crm_id", "\"NULL\"", "subject.crm_id", "says_nothing")]
    [TestCase("subject.device_id", "\"undefined\"", "subject.device_id", "says_nothing")]
    [TestCase("subject.email", "\"LONG\"", "subject.email", "too_long")]
    [TestCase("subject.phone", "\"LONG\"", "subject.phone", "too_long")]
    [TestCase("subject.crm_id", "\"LONG\"", "subject.crm_id", "too_long")]
    [TestCase("consent", "\"yes\"", "consent", "not_an_object")]
    [TestCase("consent.source", null, "consent.source", "missing")]
    [TestCase("consent.checked_at", "\"2999-01-01T00:00:00Z\"", "consent.checked_at", "in_the_future")]
    [TestCase("consent.purposes", null, "consent.purposes", "missing")]
    [TestCase("consent.purposes.sms_marketing", "\"Granted\"", "consent.purposes.sms_marketing", "consent_unknown")]
    [TestCase("consent.purposes.sms_marketing", "true", "consent.purposes.sms_marketing", "consent_unknown")]
    [TestCase("payload", null, "payload", "missing")]
    [TestCase("payload", "\"denied\"", "payload", "not_an_object")]
    [TestCase("payload.purpose", null, "payload.purpose", "missing")]
    [TestCase("payload.purpose", "\"LONG\"", "payload.purpose", "too_long")]
    [TestCase("payload.purpose", "\"a\\u0000\"", "payload.purpose", "nul_character")]
    [TestCase("payload.status", null, "payload.status", "missing")]
    [TestCase("payload.status", "\"Granted\"", "payload.status", "consent_unknown")]
    [TestCase("payload.status", "\"withdrawn\"", "payload.status", "consent_unknown")]
    [TestCase("payload.source", null, "payload.source", "missing")]
    [TestCase("payload.source", "\"cut \\ud83d\"", "payload.source", "half_surrogate_pair")]
    [TestCase("payload.source", "\"LONG\"", "payload.source", "too_long")]
    [TestCase("payload.expires_at", "\"tomorrow\"", "payload.expires_at", "time_malformed")]
    [TestCase("payload.channel", "7", "payload.channel", "not_a_text")]
    [TestCase("payload.legal_basis", "\"LONG\"", "payload.legal_basis", "too_long")]
    [TestCase("payload.evidence", "\"form\"", "payload.evidence", "not_an_object")]
    [TestCase("payload.evidence", "{\"language\":\"LONG\"}", "payload.evidence.language", "too_long")]
    [TestCase("event_id", "\"\\ud83d\"", "event_id", "half_surrogate_pair")]
    [TestCase("unknown", "{\"list\":[1,\"\\udc00\"]}", "unknown.list[1]", "half_surrogate_pair")]
    public void Should_be_set_aside_with_the_path_of_what_is_wrong(string field, string? value, string path, string code)
    {
        var verdict = Read(Patched(Withdrawal, field, value));

        Assert.That(verdict.Fact, Is.Null);
        Assert.That((verdict.Quarantined!.Path, verdict.Quarantined.Code), Is.EqualTo((path, code)));
        Assert.That(verdict.Quarantined.Problem, Is.Not.Empty);
    }

    [TestCase("subject", "null")]
    [TestCase("payload", "null")]
    [TestCase("payload.attributes", "null")]
    [TestCase("payload.attributes", "[1]")]
    [TestCase("payload.attributes.nested", "{\"a\":1}")]
    [TestCase("payload.attributes.note", "\"cut \\ud83d\"")]
    [TestCase("payload.attributes.$email", "1")]
    [TestCase("payload.attributes.LONG", "1")]
    public void Should_not_break_over_a_profile(string field, string value)
    {
        const string Profile =
            """{"event_id":"3a00431c-fb7a-58a2-baba-974477f91d63","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"shop","subject":{"external_id":"p-1"},"payload":{"attributes":{"city":"Bonn"}}}""";
        Assert.That(Read(Profile).Fact!.AttributesJson, Is.EqualTo("""{"city":"Bonn"}"""));

        var verdict = Read(Patched(Profile, field, value));

        Assert.That(verdict.Quarantined?.Path, Is.EqualTo(field.Replace("LONG", new string('x', 255), StringComparison.Ordinal)));
    }

    [TestCase("")]
    [TestCase("no json")]
    [TestCase("null")]
    [TestCase("[]")]
    [TestCase("17")]
    [TestCase("{\"event_id\":1,\"event_id\":2}")]
    [TestCase("{\"messageType\":[1],\"message\":null}")]
    [TestCase("{\"messageType\":[\"urn:message:X:ConsentUpdated\"],\"message\":\"text\"}")]
    [TestCase("{\"\\ud83d\":1}")]
    public void Should_be_set_aside_when_it_is_no_fact_at_all(string body) => Assert.That(Read(body).Quarantined?.Code, Is.Not.Null.And.Not.Empty);

    [Test]
    public void Should_be_set_aside_when_it_is_not_UTF8_or_too_large()
    {
        Assert.That(FactReading.Read(new byte[] { 0x7B, 0xFF, 0x7D }, Now, Authorities.Everybody).Quarantined!.Code, Is.EqualTo("not_utf8"));
        var large = FactReading.Read(new byte[FactReading.MaxBytes + 1], Now, Authorities.Everybody).Quarantined!;
        Assert.That((large.Code, large.Body.Length), Is.EqualTo(("too_large", FactReading.MaxBytes)));
    }

    [TestCase("2026-11-20T11:00:00", "2026-11-20T11:00:00Z")]
    [TestCase("2026-11-20T13:30:00+02:00", "2026-11-20T11:30:00Z")]
    [TestCase("2026-11-20T11:00:00.123Z", "2026-11-20T11:00:00.123Z")]
    [TestCase("2026-11-26T12:05:00Z", "2026-11-26T12:05:00Z")]
    public void Should_read_times_in_UTC_whatever_zone_the_machine_is_in(string text, string expected)
    {
        var fact = Read(Patched(Withdrawal, "occurred_at", $"\"{text}\"")).Fact!;

        Assert.That(fact.OccurredAt, Is.EqualTo(DateTimeOffset.Parse(expected)));
        Assert.That(JsonSerializer.Deserialize<ConsentUpdated>(fact.BodyJson)!.OccurredAt, Is.EqualTo(fact.OccurredAt), "as it is kept");
    }

    /// <summary>The body of a fact is read again when it is sent; the envelope of the contracts spells decimals as texts.</summary>
    [Test]
    public void Should_come_in_the_envelope_of_the_contracts_too()
    {
        const string Envelope =
            """
            {"messageId":"0","messageType":["urn:message:IntegrationHub.Contracts.Events:BehaviorTracked","urn:message:IntegrationHub.Contracts.Events:ICanonicalEvent"],
             "message":{"event_id":"3a00431c-fb7a-58a2-baba-974477f91d63","occurred_at":"2026-11-20T10:00:00+00:00","producer":"shop","consent":null,"subject":{"external_id":"p-1","email":null},
                        "payload":{"name":"bought","properties":{},"purchase":{"product_id":"x","currency":"EUR","price":"9.99","quantity":2}}}}
            """;
        var fact = Read(Envelope).Fact!;

        Assert.That((fact.EventType, fact.EventName, fact.ExternalId), Is.EqualTo(("behavior_tracked", "bought", "p-1")));
        Assert.That(JsonSerializer.Deserialize<BehaviorTracked>(fact.BodyJson)!.Payload.Purchase!.Price, Is.EqualTo(9.99m));
        Assert.That(Read(Envelope.Replace("\"event_id\"", "\"event_type\":\"profile_updated\",\"event_id\"", StringComparison.Ordinal)).Quarantined!.Code, Is.EqualTo("event_type_contradicts"));
    }

    [TestCase("Kai Berg <Kai@example.test>", "Kai@example.test")]
    [TestCase("mailto:kai@example.test?subject=stop", "kai@example.test")]
    [TestCase("kai@example.test;", "kai@example.test")]
    [TestCase("'kai@example.test", "kai@example.test")]
    public void Should_be_about_the_person_of_the_address_that_is_written(string text, string address) =>
        Assert.That(Read(Patched(Withdrawal, "subject.email", $"\"{text}\"")).Fact?.Email, Is.EqualTo(address));

    [Test]
    public void Should_forgive_a_byte_order_mark() => Assert.That(FactReading.Read(Encoding.UTF8.GetBytes("\uFEFF" + Withdrawal), Now, Authorities.Everybody).Fact, Is.Not.Null);

    [TestCase("true", 1)]
    [TestCase("false", 0)]
    [TestCase("null", 0)]
    public void Should_take_the_signal_of_a_browser_for_a_denial(string gpc, int denials)
    {
        var signalled = Withdrawal.Replace("\"source\":\"form\"", $"\"signals\":{{\"gpc\":{gpc}}},\"source\":\"form\"", StringComparison.Ordinal);
        var consents = Read(signalled).Fact!.Consents.Where(consent => consent.Purpose == "signal:gpc").ToList();
        Assert.That(consents, Has.Count.EqualTo(denials));
        Assert.That(consents.Select(consent => (consent.Status, consent.Source, consent.DecidedAt)), Is.All.EqualTo(("denied", "gpc", new DateTimeOffset(2026, 11, 20, 9, 0, 0, TimeSpan.Zero))));
    }

    [Test]
    public void Should_say_what_a_decision_rests_on_and_when_it_ends()
    {
        var full = Withdrawal.Replace("\"source\":\"preference-center\"", "\"source\":\"preference-center\",\"channel\":\"email\",\"legal_basis\":\"consent\",\"expires_at\":\"2028-11-20T10:00:00Z\",\"evidence\":{\"method\":\"double_opt_in\",\"notice\":\"n-1\",\"notice_version\":\"3\",\"other\":1}", StringComparison.Ordinal);
        var consent = Read(full).Fact!.Consents.Single();

        Assert.That((consent.Channel, consent.LegalBasis, consent.ExpiresAt), Is.EqualTo(("email", "consent", (DateTimeOffset?)new DateTimeOffset(2028, 11, 20, 10, 0, 0, TimeSpan.Zero))));
        Assert.That(consent.EvidenceJson, Is.EqualTo("""{"method":"double_opt_in","notice":"n-1","notice_version":"3"}"""));
        Assert.That(Read(Withdrawal).Fact!.Consents.Single().EvidenceJson, Is.Null);
    }

    [Test]
    public void Should_be_set_aside_when_its_source_may_not_grant_and_hold_when_it_denies()
    {
        var authority = Authorities.Of(new ConsentSource("signup-form", MayGrant: true, []));
        var granted = Withdrawal.Replace("\"denied\"", "\"granted\"", StringComparison.Ordinal);
        var refused = Read(granted, authority);

        Assert.Multiple(() =>
        {
            Assert.That((refused.Quarantined?.Path, refused.Quarantined?.Code, refused.Precautions.Count), Is.EqualTo(("payload.source", "source_may_not_grant", 0)));
            Assert.That(refused.Quarantined?.Problem, Does.Contain("sources").And.Contain("shop").And.Not.Contain("p-1"));
            Assert.That(Read(Withdrawal, authority).Fact?.Consents.Single().Status, Is.EqualTo("denied"), "a denial counts from everybody");
            Assert.That(Read(granted.Replace("preference-center", "signup-form", StringComparison.Ordinal), authority).Fact?.Consents.Single().Status, Is.EqualTo("granted"));
        });
    }
}

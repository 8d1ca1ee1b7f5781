using System.Text;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using static IntegrationHub.Hub.Tests.Intake.Facts.WrittenFact;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>A withdrawal holds as far as it can be read, also where its fact is set aside.</summary>
public sealed class When_a_withdrawal_is_set_aside
{
    private static readonly ConsentAuthority Known = new(new ConsentRules("v1", [new ConsentPurpose("email_marketing", null, null, null), new ConsentPurpose("sms_marketing", null, null, null)]), []);

    [TestCase("payload.source", null)]
    [TestCase("payload.source", "\"a\\u0000b\"")]
    [TestCase("payload.source", "\"cut \\ud83d\"")]
    [TestCase("payload.status", null)]
    [TestCase("payload.status", "\"Withdrawn\"")]
    [TestCase("producer", null)]
    [TestCase("event_id", null)]
    [TestCase("occurred_at", "\"2999-01-01T00:00:00Z\"")]
    [TestCase("subject.external_id", "4711")]
    [TestCase("consent.purposes.sms_marketing", "\"maybe\"")]
    [TestCase("event_type", "\"ConsentWithdrawn\"")]
    [TestCase("event_type", "\"profile_updated\"")]
    [TestCase("event_type", "null")]
    [TestCase("schema_version", "2")]
    [TestCase("subject.crm_id", "7")]
    [TestCase("occurred_at", "\"yesterday\"")]
    [TestCase("correlation_id", "\"\\ud83d\"")]
    public void Should_hold_as_a_withdrawal_although_it_is_set_aside(string field, string? value)
    {
        var precaution = Read(Patched(Withdrawal, field, value)).Precautions.Single();

        Assert.That(precaution.Consents.Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { ("email_marketing", "denied") }));
        Assert.That((precaution.ExternalId, precaution.Email), Is.EqualTo((field == "subject.external_id" ? "4711" : "p-1", "kai@example.test")));
        Assert.That(precaution.OccurredAt, Is.LessThanOrEqualTo(Now));
        Assert.That(precaution.EventId, Is.Not.EqualTo(Guid.Parse("3a00431c-fb7a-58a2-baba-974477f91d63")), "the producer may send the fact again");
    }

    [TestCase("\"purpose\":", "\"purpose\":\"email_marketing\",\"purpose\":")]
    [TestCase("\"status\":", "\"status\":\"granted\",\"status\":")]
    [TestCase("\"event_type\":", "\"event_type\":\"profile_updated\",\"event_type\":")]
    [TestCase("\"source\":\"preference-center\"}}", "\"source\":\"prefer")]
    [TestCase("\"source\":\"preference-center\"}}", "\"source\":\"\u00e4\"}} trailing")]
    [TestCase("\"status\":\"denied\"", "\"status\":\"denied\",\"\\ud83d\":1")]
    public void Should_hold_as_a_withdrawal_although_it_is_no_JSON_of_ours(string text, string instead)
    {
        var verdict = Read(Withdrawal.Replace(text, instead, StringComparison.Ordinal));

        Assert.That(verdict.Quarantined!.Code, Is.AnyOf("json_malformed", "half_surrogate_pair"));
        Assert.That(verdict.Precautions.Single().Consents.Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { ("email_marketing", "denied") }));
        Assert.That((verdict.Precautions[0].ExternalId, verdict.Precautions[0].Email), Is.EqualTo(("p-1", "kai@example.test")));
    }

    [Test]
    public void Should_hold_as_a_withdrawal_of_everybody_whom_it_names()
    {
        var twice = Read(Withdrawal.Replace("\"external_id\":\"p-1\"", "\"external_id\":\"p-1\",\"external_id\":\"p-2\"", StringComparison.Ordinal)).Precautions;
        Assert.That(twice.Select(precaution => (precaution.ExternalId, precaution.Email)), Is.EqualTo(new[] { ("p-1", "kai@example.test"), ("p-2", (string?)null) }));
        Assert.That(twice.Select(precaution => precaution.EventId).Distinct().Count(), Is.EqualTo(2));

        var list = Read($"[{Withdrawal},{Withdrawal.Replace("p-1", "p-3", StringComparison.Ordinal).Replace("\"denied\"", "\"granted\"", StringComparison.Ordinal)}]");
        Assert.That((list.Quarantined!.Code, list.Precautions.Single().ExternalId), Is.EqualTo(("not_an_object", "p-1")));
    }

    [TestCase("{\"phone\":\"+49 30 901820\"}", "phone:+4930901820")]
    [TestCase("{\"crm_id\":\"c-1\"}", "crm_id:c-1")]
    [TestCase("{\"device_id\":\"d-1\",\"anonymous_id\":\"a-1\"}", "anonymous_id:a-1 device_id:d-1")]
    [TestCase("{\"external_id\":\"undefined\",\"phone\":\"+49 30 901820\"}", "phone:+4930901820")]
    [TestCase("{\"external_id\":\"p-1\",\"crm_id\":\"c-1\",\"account_id\":\"acme\"}", "external_id:p-1 crm_id:c-1")]
    public void Should_hold_as_a_withdrawal_under_every_key_of_a_person(string subject, string keys)
    {
        var precaution = Read(Patched(Patched(Withdrawal, "subject", subject), "payload.source", null)).Precautions.Single();

        Assert.That(string.Join(' ', precaution.Keys), Is.EqualTo(keys));
    }

    [TestCase("\"kai@x.test, zoe@x.test\"", "kai@x.test zoe@x.test")]
    [TestCase("\"Kai <kai@x.test>; mailto:zoe@x.test\"", "kai@x.test zoe@x.test")]
    [TestCase("\"kai at x.test\"", "kai at x.test")]
    public void Should_hold_for_every_address_that_it_names(string email, string addresses)
    {
        var verdict = Read(Patched(Withdrawal, "subject.email", email));

        Assert.That((verdict.Quarantined?.Path, verdict.Quarantined?.Code), Is.EqualTo(("subject.email", "email_malformed")));
        Assert.That(string.Join(' ', verdict.Precautions.Select(precaution => precaution.Email)), Is.EqualTo(addresses));
        Assert.That(verdict.Precautions[0].ExternalId, Is.EqualTo("p-1"));
    }

    [TestCase("\"external_id\":\"p-1\"", "\"externalId\":\"p-1\"")]
    [TestCase("\"external_id\":\"p-1\"", "\"External-ID\":\"p-1\"")]
    [TestCase("\"external_id\":\"p-1\"", "\"external_id\":[\"p-1\"]")]
    [TestCase("\"external_id\":\"p-1\"", "\"external_id\":\"p-1\\u0000\"")]
    [TestCase("\"email\":\"kai@example.test\"", "\"Email\":\"kai@example.test\"")]
    [TestCase("\"email\":\"kai@example.test\"", "\"email\":[\"kai@example.test\"]")]
    [TestCase("\"subject\":", "\"Subject\":")]
    [TestCase("\"payload\":{\"purpose\":\"email_marketing\",\"status\"", "\"Payload\":{\"Purpose\":\"Email_Marketing \",\"Status\"")]
    public void Should_hold_as_a_withdrawal_however_its_names_and_keys_are_written(string text, string instead)
    {
        var precaution = Read(Patched(Withdrawal.Replace(text, instead, StringComparison.Ordinal), "producer", null), Known).Precautions.Single();

        Assert.That((precaution.ExternalId, precaution.Email), Is.EqualTo(("p-1", "kai@example.test")));
        Assert.That(precaution.Consents.Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { ("email_marketing", "denied") }));
    }

    [TestCase("\"Email_Marketing\"", "email_marketing")]
    [TestCase("\" email_marketing\\u00a0\"", "email_marketing")]
    [TestCase("\"SMS_marketing\"", "sms_marketing")]
    [TestCase("\"newsletter\"", "newsletter", Description = "nobody knows it: it is kept as it is")]
    public void Should_mean_a_purpose_that_there_is(string purpose, string meant)
    {
        var fact = Read(Patched(Withdrawal, "payload.purpose", purpose), Known).Fact!;

        Assert.That(fact.Consents.Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { (meant, "denied") }));
    }

    [TestCase("1970-01-01T00:00:00Z")]
    [TestCase("1999-12-31T23:59:59Z")]
    [TestCase("0001-01-01T00:00:00Z")]
    [TestCase("2099-01-01T00:00:00Z")]
    public void Should_hold_from_now_on_when_the_clock_of_a_withdrawal_was_never_set(string time)
    {
        var verdict = Read(Patched(Withdrawal, "occurred_at", $"\"{time}\""));

        Assert.That((verdict.Quarantined!.Path, verdict.Precautions.Single().OccurredAt), Is.EqualTo(("occurred_at", Now)));
    }

    [Test]
    public void Should_hold_as_a_withdrawal_in_an_envelope_of_another_type_and_when_it_is_cut()
    {
        var envelope = $$$"""{"messageType":["urn:message:IntegrationHub.Contracts.Events:ProfileUpdated"],"message":{{{Withdrawal}}}}""";
        Assert.That((Read(envelope).Quarantined!.Code, Read(envelope).Precautions.Single().ExternalId), Is.EqualTo(("event_type_contradicts", "p-1")));

        var large = Withdrawal.TrimEnd()[..^1] + $",\"note\":\"{new string('x', FactReading.MaxBytes)}\"}}";
        Assert.That((Read(large).Quarantined!.Code, Read(large).Precautions.Single().ExternalId), Is.EqualTo(("too_large", "p-1")));
    }

    [Test]
    public void Should_deny_every_purpose_when_a_withdrawal_does_not_say_what_for()
    {
        var verdict = FactReading.Read(Encoding.UTF8.GetBytes(Patched(Withdrawal, "payload.purpose", null)), Now, Known);
        Assert.That(verdict.Precautions.Single().Consents.Select(consent => (consent.Purpose, consent.Status)), Is.EqualTo(new[] { ("email_marketing", "denied"), ("sms_marketing", "denied") }));
    }

    [Test]
    public void Should_deny_nothing_by_what_travels_with_a_fact_that_is_set_aside()
    {
        const string Profile =
            """
            {"event_id":"nil","event_type":"profile_updated","occurred_at":"2026-11-20T10:00:00Z","producer":"shop","subject":{"external_id":"p-1"},
             "consent":{"purposes":{"email_marketing":"denied"},"source":"form","checked_at":"2026-11-20T09:00:00Z"},"payload":{"attributes":{}}}
            """;
        Assert.That((Read(Profile).Quarantined?.Code, Read(Profile).Precautions.Count), Is.EqualTo(("uuid_malformed", 0)));
    }

    [TestCase("payload.status", "\"Granted\"")]
    [TestCase("payload.purpose", null)]
    [TestCase("subject", "{}")]
    public void Should_not_hold_as_a_withdrawal_when_it_is_none_or_of_nobody(string field, string? value) =>
        Assert.That(Read(Patched(Withdrawal, field, value)).Precautions, Is.Empty);

    [TestCase("\"status\":", "\"status\":\"granted\",\"status\":")]
    [TestCase("\"event_type\":", "\"event_type\":\"x\",\"event_type\":")]
    public void Should_never_grant_by_what_is_set_aside(string text, string instead) => Assert.That(
        Read(Withdrawal.Replace(text, instead, StringComparison.Ordinal).Replace("\"denied\"", "\"granted\"", StringComparison.Ordinal)).Precautions, Is.Empty);
}

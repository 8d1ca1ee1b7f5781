using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Tests.Consent;
using IntegrationHub.Storage.Retention;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Tests.Intake.OptOuts;

/// <summary>What a vendor says of people, as facts: denials of what the destination's file names, each under one key.</summary>
public sealed class When_an_opt_out_becomes_facts
{
    private static readonly DateTimeOffset _now = new(2026, 11, 27, 12, 0, 0, TimeSpan.Zero);

    private static readonly OptOutFacts _facts = new("braze", new ConsentSection("email_marketing", new Dictionary<string, TopicSection>
    {
        ["newsletter"] = new("g-news", ConsentChannel.Email), ["texts"] = new("g-sms", ConsentChannel.Sms),
    }));

    private static readonly Dictionary<string, KnownContact> _people = new()
    {
        ["775"] = new KnownContact("c-17", "old@example.test"), ["776"] = new KnownContact(null, "alone@example.test"),
    };

    [TestCase(OptOutKind.MarketingEmail, null, "email_marketing newsletter")]
    [TestCase(OptOutKind.Topic, "g-sms", "texts")]
    [TestCase(OptOutKind.Topic, "g-other", "")]
    [TestCase(OptOutKind.HardBounce, null, "suppression:hard_bounce")]
    [TestCase(OptOutKind.InvalidPhone, null, "suppression:invalid_phone")]
    public void Should_deny_what_the_file_names(OptOutKind kind, string? topic, string purposes)
    {
        var facts = Read(new VendorOptOut("1", kind, _now) { Email = "kim@example.test", Topic = topic });
        Assert.That(string.Join(' ', facts.Select(fact => fact.GetProperty("payload").GetProperty("purpose").GetString())), Is.EqualTo(purposes));
        Assert.That(facts.Select(fact => fact.GetProperty("payload").GetProperty("status").GetString()), Has.All.EqualTo("denied"));
    }

    /// <summary>A vendor's address for an id may be long out of date: together they would tell who is who.</summary>
    [TestCase("775", "kim@example.test", "external_id=c-17 email=kim@example.test")]
    [TestCase("775", null, "external_id=c-17")]
    [TestCase("776", null, "email=alone@example.test")]
    [TestCase("777", "kim@example.test", "email=kim@example.test")]
    [TestCase("777", null, "")]
    public void Should_name_one_key_each(string remoteId, string? email, string keys)
    {
        var facts = Read(new VendorOptOut("1", OptOutKind.HardBounce, _now) { Email = email, RemoteId = remoteId });
        Assert.That(string.Join(' ', facts.Select(fact => fact.GetProperty("subject").EnumerateObject().Single()).Select(key => $"{key.Name}={key.Value}")), Is.EqualTo(keys));
    }

    [Test]
    public void Should_have_one_id_whenever_it_is_read_and_another_for_each_key_and_purpose()
    {
        var optOut = new VendorOptOut("1", OptOutKind.MarketingEmail, _now) { Email = "kim@example.test", RemoteId = "775" };
        string[] ids = [.. Read(optOut).Select(fact => fact.GetProperty("event_id").GetString()!)];
        Assert.That(ids.Distinct().Count(), Is.EqualTo(4));
        Assert.That(Read(optOut).Select(fact => fact.GetProperty("event_id").GetString()), Is.EqualTo(ids));
        Assert.That(Read(optOut with { Id = "2" }).Select(fact => fact.GetProperty("event_id").GetString()), Has.None.AnyOf(ids));
    }

    [Test]
    public void Should_be_taken_in_and_never_lie_ahead()
    {
        var optOut = new VendorOptOut("1", OptOutKind.MarketingEmail, _now.AddHours(3)) { Email = "kim@example.test", RemoteId = "775" };
        foreach (var body in _facts.Of("unsubscribes", optOut, _people, _now))
        {
            var verdict = FactReading.Read(body, _now, Authorities.Of(), FactRetention.Default);
            Assert.That((verdict.Fact?.Producer, verdict.Quarantined?.Code), Is.EqualTo(("vendor:braze", (string?)null)));
            Assert.That(verdict.Fact!.OccurredAt, Is.EqualTo(_now));
            Assert.That(verdict.Fact.Consents.Single().Source, Is.EqualTo("vendor:braze"));
        }
    }

    private static List<JsonElement> Read(VendorOptOut optOut) => [.. _facts.Of("unsubscribes", optOut, _people, _now).Select(body => JsonSerializer.Deserialize<JsonElement>(body))];
}

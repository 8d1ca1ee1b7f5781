using System.Text.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>Notifications with the fields of developers.hubspot.com/docs/api-reference/legacy/webhooks/guide.</summary>
public sealed class When_HubSpot_notifies
{
    private const string Change =
        """{"eventId":1,"subscriptionId":12345,"portalId":62515,"occurredAt":1564113600000,"subscriptionType":"contact.propertyChange","attemptNumber":0,"objectId":123,"changeSource":"CRM","propertyName":"hs_email_optout","propertyValue":"true"}""";

    private static readonly SourceConfiguration Source = Sources.Of(SourceDialect.Hubspot) with
    {
        OptOuts = new Dictionary<string, OptOutProperty> { ["hs_email_optout"] = new("email_marketing", ["true"]) },
    };

    [TestCase(Change)]
    [TestCase("[" + Change + "]")]
    public void Should_deny_when_an_opt_out_is_set(string call)
    {
        var fact = Sources.Facts(Source, call).Single();
        Assert.Multiple(() =>
        {
            Assert.That(fact.GetProperty("event_type").GetString(), Is.EqualTo("consent_updated"));
            Assert.That(fact.GetProperty("occurred_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.FromUnixTimeMilliseconds(1564113600000)));
            Assert.That(fact.GetProperty("subject").GetRawText(), Is.EqualTo("""{"crm_id":"123"}"""));
            Assert.That(fact.GetProperty("payload").GetRawText(), Is.EqualTo("""{"purpose":"email_marketing","status":"denied","source":"web"}"""));
        });
    }

    [TestCase("\"propertyValue\":\"true\"", "\"propertyValue\":\"false\"", "grant_without_authority")]
    [TestCase("\"propertyValue\":\"true\"", "\"propertyValue\":\"\"", "grant_without_authority")]
    [TestCase("hs_email_optout", "firstname", "property_not_listed")]
    [TestCase("contact.propertyChange", "contact.creation", "contact.creation")]
    [TestCase("contact.propertyChange", "deal.propertyChange", "deal.propertyChange")]
    public void Should_never_grant_and_count_what_is_nothing(string old, string replacement, string reason)
    {
        var read = Sources.Read(Source, Change.Replace(old, replacement, StringComparison.Ordinal));
        Assert.That((read.Facts.Count, read.Nothing.GetValueOrDefault(reason)), Is.EqualTo((0, 1)));
    }

    [Test]
    public void Should_tell_changes_apart_and_not_attempts()
    {
        Assert.That(Id(Change.Replace("\"attemptNumber\":0", "\"attemptNumber\":3", StringComparison.Ordinal)), Is.EqualTo(Id(Change)));
        foreach (var (old, other) in new[] { ("\"objectId\":123", "\"objectId\":124"), ("1564113600000", "1564113600001"), ("\"portalId\":62515", "\"portalId\":1"), ("\"eventId\":1", "\"eventId\":2") })
        {
            Assert.That(Id(Change.Replace(old, other, StringComparison.Ordinal)), Is.Not.EqualTo(Id(Change)), other);
        }
    }

    [Test]
    public void Should_keep_a_request_to_be_erased_and_a_merge()
    {
        var erased = Sources.Facts(Source, Change.Replace("contact.propertyChange", "contact.privacyDeletion", StringComparison.Ordinal)).Single();
        Assert.That(erased.GetProperty("event_type").GetString(), Is.EqualTo("profile_deleted"));
        var merged = Sources.Facts(Source, """{"subscriptionType":"contact.merge","occurredAt":1564113600000,"objectId":3,"primaryObjectId":1,"mergedObjectIds":[2,1],"newObjectId":3,"portalId":1,"eventId":1}""");
        Assert.That(merged.ConvertAll(fact => (fact.GetProperty("event_type").GetString(), fact.GetProperty("subject").GetProperty("crm_id").GetString())), Is.All.EqualTo(("profile_merged", "3")));
        Assert.That(merged.Select(fact => fact.GetProperty("event_id").GetGuid()).Distinct().Count(), Is.EqualTo(2));
    }

    [TestCase("""{"subscriptionType":"contact.teleport"}""", "call_unknown")]
    [TestCase("""{"objectId":1}""", "missing")]
    [TestCase("""{"subscriptionType":"contact.merge","objectId":3}""", "missing")]
    [TestCase("7", "call_malformed")]
    public void Should_set_aside_what_it_does_not_know(string call, string code) => Assert.That(Sources.Read(Source, call).Facts.Single().Defect!.Code, Is.EqualTo(code));

    private static Guid Id(string call) => Sources.Facts(Source, call).Single().GetProperty("event_id").GetGuid();
}

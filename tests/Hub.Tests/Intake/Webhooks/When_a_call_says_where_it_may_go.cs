using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>The object <c>integrations</c> of segment.com/docs/guides/filtering-data/#filtering-with-the-integrations-object.</summary>
public sealed class When_a_call_says_where_it_may_go
{
    private static readonly DateTimeOffset Now = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);
    private static readonly ConsentAuthority Authority = new(new ConsentRules("v1", []), ["braze", "braze_us", "crm", "marketo"]);

    private static readonly SourceConfiguration Source = Sources.Of(SourceDialect.Segment) with
    {
        Connectors = new Dictionary<string, string> { ["braze"] = "braze", ["braze_us"] = "braze", ["crm"] = "hubspot", ["marketo"] = "marketo" },
        Integrations = new Dictionary<string, string> { ["Sales CRM"] = "crm" },
        Audiences = new Dictionary<string, string> { ["vip"] = "vips" },
        Consent = new SourceConsent(new Dictionary<string, string> { ["mail"] = "email_marketing", ["sms"] = "sms_marketing" }, MayGrant: true),
    };

    [TestCase("""{"All":true}""", null)]
    [TestCase("""{"All":true,"Google Analytics":false}""", null)]
    [TestCase("""{"Segment.io":true,"Braze":true}""", null)]
    [TestCase("""{"Braze":{"eventType":"x"}}""", null)]
    [TestCase("null", null)]
    [TestCase("""{"All":false}""", """{"*":false}""")]
    [TestCase("""{"all":false}""", """{"*":false}""")]
    [TestCase("false", """{"*":false}""")]
    [TestCase("[]", """{"*":false}""")]
    [TestCase("""{"All":false,"Salesforce":true}""", """{"*":false}""")]
    [TestCase("""{"All":false,"Sales CRM":true}""", """{"*":false,"crm":true}""")]
    [TestCase("""{"All":false,"HubSpot Cloud Mode (Actions)":true}""", """{"*":false}""")]
    [TestCase("""{"Braze Cloud Mode (Actions)":false}""", """{"braze":false,"braze_us":false}""")]
    [TestCase("""{"Marketo V2":false}""", """{"marketo":false}""")]
    [TestCase("""{"Sales CRM":"false"}""", """{"crm":false}""")]
    [TestCase("""{"Sales CRM":null}""", """{"crm":false}""")]
    [TestCase("""{"HubSpot":false,"Sales CRM":true}""", """{"crm":false}""")]
    public void Should_keep_an_event_from_where_it_shall_not_go(string integrations, string? destinations)
    {
        var fact = Sources.Facts(Source, Call("track", integrations, "\"event\":\"x\"")).Single();
        Assert.That(fact.TryGetProperty("consent", out var consent) ? consent.GetProperty("destinations").GetRawText() : null, Is.EqualTo(destinations));
        Assert.That(Judge(fact)?.Code, Is.Null, "an event says it where it is told");
    }

    [TestCase("identify", "\"traits\":{\"plan\":\"a\"}")]
    [TestCase("identify", "\"traits\":{\"vip\":true}")]
    [TestCase("alias", "\"previousId\":\"0190a5d2-7c11-4abc-8def-000000000001\"")]
    [TestCase("track", "\"event\":\"Audience Entered\",\"properties\":{\"audience_key\":\"vip\",\"vip\":true}")]
    [TestCase("track", "\"event\":\"Segment Consent Preference Updated\",\"context\":{\"consent\":{\"categoryPreferences\":{\"mail\":true}}}")]
    public void Should_change_nobody_who_is_told_everywhere(string type, string rest)
    {
        var nowhere = Sources.Read(Source, Call(type, """{"All":false,"Braze":false}""", rest));
        Assert.That((nowhere.Facts.Count, nowhere.Nothing["integrations_off"]), Is.EqualTo((0, rest.Contains("traits\":{\"vip", StringComparison.Ordinal) ? 2 : 1)));
        var elsewhere = Sources.Facts(Source, Call(type, """{"Braze":false}""", rest));
        Assert.That(elsewhere, Is.Not.Empty);
        Assert.That(elsewhere.ConvertAll(fact => (Judge(fact)?.Path, Judge(fact)?.Code)), Is.All.EqualTo(("consent.destinations", "destination_excluded")));
    }

    [TestCase("delete", "\"x\":1", "profile_deleted")]
    [TestCase("track", "\"event\":\"Audience Exited\",\"properties\":{\"audience_key\":\"vip\",\"vip\":false}", "audience_membership_changed")]
    [TestCase("track", "\"event\":\"Segment Consent Preference Updated\",\"context\":{\"consent\":{\"categoryPreferences\":{\"sms\":false}}}", "consent_updated")]
    public void Should_hear_what_takes_away_all_the_same(string type, string rest, string fact)
    {
        foreach (var integrations in new[] { """{"All":false}""", """{"Braze":false}""" })
        {
            var heard = Sources.Facts(Source, Call(type, integrations, rest)).Single();
            Assert.That((heard.GetProperty("event_type").GetString(), Judge(heard)?.Code), Is.EqualTo((fact, (string?)null)));
        }
    }

    /// <summary>A name that is misspelt would exclude nothing.</summary>
    [TestCase("""{"brase":false}""", "consent.destinations.brase", "destination_unknown")]
    [TestCase("""{"braze":"no"}""", "consent.destinations.braze", "not_a_boolean")]
    [TestCase("""["braze"]""", "consent.destinations", "not_an_object")]
    public void Should_set_aside_what_cannot_be_obeyed(string destinations, string path, string code)
    {
        var fact = JsonElement.Parse(
            $$$"""{"event_id":"0190a5d2-7c11-7abc-8def-000000000001","event_type":"behavior_tracked","schema_version":1,"occurred_at":"2026-11-26T10:00:00Z","producer":"web","subject":{"external_id":"u-1"},"consent":{"purposes":{},"source":"web","checked_at":"2026-11-26T10:00:00Z","destinations":{{{destinations}}}},"payload":{"name":"x"}}""");
        Assert.That((Judge(fact)?.Path, Judge(fact)?.Code), Is.EqualTo((path, code)));
    }

    private static string Call(string type, string integrations, string rest) =>
        $$"""{"type":"{{type}}","messageId":"m-1","userId":"u-1","timestamp":"2026-11-26T10:00:00Z","integrations":{{integrations}},{{rest}}}""";

    private static QuarantinedFact? Judge(JsonElement fact) => FactReading.Read(Encoding.UTF8.GetBytes(fact.GetRawText()), Now, Authority, FactRetention.Endless).Quarantined;
}

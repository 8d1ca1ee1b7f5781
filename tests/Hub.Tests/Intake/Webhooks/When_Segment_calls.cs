using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks.Dialects;
using IntegrationHub.Hub.Tests.Consent;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>Calls as segment.com/docs/connections/spec and rudderstack.com/docs/event-spec show them, and the facts that come of them.</summary>
public sealed class When_Segment_calls
{
    private const string Common = "\"messageId\":\"ajs-1\",\"userId\":\"019mr8mf4r\",\"anonymousId\":\"507f191e\",\"timestamp\":\"2012-12-02T00:30:08.276Z\"";

    private static readonly SourceConfiguration Source = Sources.Of(SourceDialect.Segment) with
    {
        Consent = new SourceConsent(new Dictionary<string, string> { ["C0004"] = "partner_sharing", ["marketing"] = "email_marketing", ["news"] = "email_marketing" }, MayGrant: false),
        Audiences = new Dictionary<string, string> { ["first_time_shopper"] = "first_buyers" },
        EventNames = new Dictionary<string, string> { ["Purchased an Item"] = "bought" },
        TraitNames = new Dictionary<string, string> { ["friendCount"] = "friends" },
    };

    /// <summary>The call of segment.com/docs/connections/destinations/catalog/webhooks/#identify, with a message id.</summary>
    [Test]
    public void Should_make_a_profile_of_identify()
    {
        var fact = Good(Sources.Facts(Source, $$$"""{"version":1,"type":"identify",{{{Common}}},"traits":{"email":"achilles@segment.com","name":"Achilles","subscriptionPlan":"Premium","friendCount":29,"address":{"postalCode":"94103"},"tags":["a"]}}""").Single());
        Assert.Multiple(() =>
        {
            Assert.That(fact.GetProperty("event_type").GetString(), Is.EqualTo("profile_updated"));
            Assert.That(fact.GetProperty("producer").GetString(), Is.EqualTo("web"));
            Assert.That(fact.GetProperty("subject").GetRawText(), Is.EqualTo("""{"external_id":"019mr8mf4r","anonymous_id":"507f191e","email":"achilles@segment.com"}"""));
            Assert.That(fact.GetProperty("payload").GetRawText(), Is.EqualTo("""{"attributes":{"address_postal_code":"94103","email":"achilles@segment.com","friends":29,"name":"Achilles","subscription_plan":"Premium"}}"""));
            Assert.That(fact.TryGetProperty("consent", out _), Is.False, "nothing is said");
        });
    }

    [TestCase("Purchased an Item", "bought")]
    [TestCase("Product Viewed", "product_viewed")]
    [TestCase("productViewed", "product_viewed")]
    [TestCase("HTTPError 404", "http_error_404")]
    public void Should_make_an_event_of_track(string theirs, string ours)
    {
        var fact = Good(Sources.Facts(Source, $$$"""{"type":"track",{{{Common}}},"event":"{{{theirs}}}","properties":{"revenue":"39.95","shippingMethod":"2-day"}}""").Single());
        Assert.That(fact.GetProperty("payload").GetRawText(), Is.EqualTo($$$"""{"name":"{{{ours}}}","properties":{"revenue":"39.95","shipping_method":"2-day"}}"""));
    }

    [Test]
    public void Should_give_one_id_to_one_message_however_it_is_composed()
    {
        string[] calls =
        [
            """{"type":"track","event":"x","userId":"u","messageId":"ajs-1","timestamp":"2012-12-02T00:30:08Z"}""",
            """{"messageId":"ajs-1","type":"track","event":"x","userId":"u","timestamp":"2012-12-02T00:30:09Z","sentAt":"2012-12-02T00:30:09Z"}""",
        ];
        Assert.That(calls.Select(call => Id(Sources.Facts(Source, call).Single())).Distinct().Count(), Is.EqualTo(1));
        Assert.That(Id(Sources.Facts(Source, calls[0].Replace("ajs-1", "ajs-2", StringComparison.Ordinal)).Single()), Is.Not.EqualTo(Id(Sources.Facts(Source, calls[0]).Single())));
        Assert.That(Id(Sources.Facts(Source with { Name = "app" }, calls[0]).Single()), Is.Not.EqualTo(Id(Sources.Facts(Source, calls[0]).Single())), "an id is unique only within its source");
        Assert.That(Id(Sources.Facts(Source, calls[0].Replace("ajs-1", "0190a5d2-7c11-7abc-8def-000000000001", StringComparison.Ordinal)).Single()), Is.EqualTo(Guid.Parse("0190a5d2-7c11-7abc-8def-000000000001")));
        Assert.That(Id(Sources.Facts(Source, calls[0]).Single()).Version, Is.EqualTo(8));
        var nameless = """{"type":"track","event":"x","userId":"u","timestamp":"2012-12-02T00:30:08Z"}""";
        Assert.That(Id(Sources.Facts(Source, nameless, "one").Single()), Is.EqualTo(Id(Sources.Facts(Source, $"[{nameless}]", "two").Single())), "without an id the bytes tell");
    }

    /// <summary>segment.com/docs/connections/spec/ecommerce/v2/#order-completed.</summary>
    [Test]
    public void Should_make_a_purchase_of_each_product_of_an_order()
    {
        var facts = Sources.Facts(Source, $$$"""
            {"type":"track",{{{Common}}},"event":"Order Completed","properties":{"order_id":"50314b8e","revenue":25.00,"currency":"usd","products":[
              {"product_id":"507f1f77","sku":"45790-32","name":"Monopoly","price":"19","quantity":1,"category":"Games"},
              {"sku":"46493-32","name":"Uno","price":3,"quantity":2.0,"currency":"EUR"}]}}
            """);
        Assert.Multiple(() =>
        {
            Assert.That(facts.Select(Id).Distinct().Count(), Is.EqualTo(2));
            Assert.That(facts.ConvertAll(fact => Good(fact).GetProperty("payload").GetProperty("purchase").GetRawText()), Is.EqualTo(new[]
            {
                """{"product_id":"507f1f77","currency":"USD","price":"19","quantity":1}""", """{"product_id":"46493-32","currency":"EUR","price":"3","quantity":2}""",
            }));
            Assert.That(facts[0].GetProperty("payload").GetProperty("name").GetString(), Is.EqualTo("order_completed"));
            Assert.That(facts[0].GetProperty("payload").GetProperty("properties").GetProperty("order_id").GetString(), Is.EqualTo("50314b8e"));
        });
    }

    [TestCase("page", "page_viewed")]
    [TestCase("screen", "screen_viewed")]
    public void Should_make_something_of_pages_only_where_that_is_said(string type, string name)
    {
        var call = $$$"""{"type":"{{{type}}}",{{{Common}}},"name":"Main","properties":{"path":"/pricing"}}""";
        var left = Sources.Read(Source, call);
        Assert.That((left.Facts.Count, left.Nothing.GetValueOrDefault(name)), Is.EqualTo((0, 1)));
        var fact = Good(Sources.Facts(Source with { PageViews = true }, call).Single());
        Assert.That(fact.GetProperty("payload").GetRawText(), Is.EqualTo($$$"""{"name":"{{{name}}}","properties":{"name":"Main","path":"/pricing"}}"""));
    }

    /// <summary>Consent that travels with a call is that of its fact: a category that is not said is unknown, and of two that differ the denial counts.</summary>
    [TestCase("""{"consent":{"categoryPreferences":{"C0004":false,"marketing":true,"other":false}}}""", """{"partner_sharing":"denied","email_marketing":"granted"}""")]
    [TestCase("""{"consent":{"categoryPreferences":{"marketing":false,"news":true}}}""", """{"email_marketing":"denied"}""")]
    [TestCase("""{"consent":{"categoryPreferences":{"news":true,"marketing":false}}}""", """{"email_marketing":"denied"}""")]
    [TestCase("""{"consent":{"categoryPreferences":{"marketing":"false"}}}""", null)]
    [TestCase("""{"consent":{}}""", null)]
    [TestCase("""{"consentManagement":{"allowedConsentIds":["marketing"],"deniedConsentIds":["C0004"],"provider":"oneTrust"}}""", """{"email_marketing":"granted","partner_sharing":"denied"}""")]
    [TestCase("""{"consentManagement":{"allowedConsentIds":"marketing","deniedConsentIds":[7,null]}}""", null)]
    public void Should_let_consent_travel_with_its_fact(string context, string? purposes)
    {
        var fact = Good(Sources.Facts(Source, $$$"""{"type":"track",{{{Common}}},"event":"x","context":{{{context}}} }""").Single());
        Assert.That(fact.TryGetProperty("consent", out var consent) ? consent.GetProperty("purposes").GetRawText() : null, Is.EqualTo(purposes));
    }

    [Test]
    public void Should_write_consent_of_the_preference_call_alone_and_a_grant_only_with_authority()
    {
        var call = $$$"""{"type":"track",{{{Common}}},"event":"Segment Consent Preference Updated","context":{"consent":{"categoryPreferences":{"C0004":false,"marketing":true} } } }""";
        var gate = Sources.Read(Source, call);
        Assert.That(gate.Facts.Select(fact => Payload(fact)), Is.EqualTo(new[] { """{"purpose":"partner_sharing","status":"denied","source":"web"}""" }));
        Assert.That(gate.Nothing["grant_without_authority"], Is.EqualTo(1));

        var ledger = Sources.Facts(Source with { Consent = Source.Consent! with { MayGrant = true } }, call);
        Assert.That(ledger.ConvertAll(fact => Good(fact).GetProperty("payload").GetProperty("status").GetString()), Is.EqualTo(new[] { "denied", "granted" }));
        Assert.That(ledger.Select(Id).Distinct().Count(), Is.EqualTo(2));
        Assert.That(ledger, Is.All.Matches<JsonElement>(fact => !fact.TryGetProperty("consent", out _)));
    }

    [Test]
    public void Should_set_a_preference_aside_that_the_table_does_not_know()
    {
        var call = $$$"""{"type":"track",{{{Common}}},"event":"Segment Consent Preference Updated","context":{"consent":{"categoryPreferences":{"C0002":false} } } }""";
        Assert.That(Sources.Read(Source, call).Facts.Single().Defect!.Code, Is.EqualTo("consent_unmapped"));
        Assert.That(Sources.Read(Source with { Consent = null }, call).Facts.Single().Defect!.Code, Is.EqualTo("consent_unmapped"));
    }

    /// <summary>segment.com/docs/engage/audiences/send-audience-data: Audience Entered and Exited, and identify with a boolean trait.</summary>
    [TestCase("""{"type":"track","event":"Audience Entered","properties":{"audience_key":"first_time_shopper","first_time_shopper":true}}""", true)]
    [TestCase("""{"type":"track","event":"Audience Exited","properties":{"audience_key":"first_time_shopper","first_time_shopper":false}}""", false)]
    [TestCase("""{"type":"track","event":"Audience Exited","properties":{"audience_key":"first_time_shopper"}}""", false)]
    [TestCase("""{"type":"track","event":"Audience Entered","properties":{"audience_key":"other","other":true}}""", null)]
    [TestCase("""{"type":"identify","traits":{"first_time_shopper":true,"other":true}}""", true)]
    [TestCase("""{"type":"identify","traits":{"first_time_shopper":false}}""", false)]
    [TestCase("""{"type":"identify","traits":{"other":true}}""", null)]
    public void Should_change_a_membership_of_listed_audiences_only(string call, bool? isMember)
    {
        var facts = Sources.Facts(Source, $$$"""{ {{{Common}}},{{{call[1..]}}}""").Where(fact => fact.GetProperty("event_type").GetString() == "audience_membership_changed").ToList();
        Assert.That(facts.ConvertAll(fact => Good(fact).GetProperty("payload").GetRawText()), Is.EqualTo(isMember is { } member ? new[] { $$$"""{"audience":"first_buyers","is_member":{{{(member ? "true" : "false")}}}""" + "}" } : []));
        Assert.That(Sources.Facts(Source, $$$"""{ {{{Common}}},{{{call[1..]}}}""").Select(Id), Is.Unique);
        Assert.That(Sources.Facts(Source, $$$"""{ {{{Common}}},{{{call[1..]}}}""").Select(fact => fact.GetProperty("payload").GetRawText()), Has.None.Contains("first_time_shopper"));
    }

    [Test]
    public void Should_claim_that_an_anonymous_visitor_is_a_person_and_only_propose_that_two_people_are_one()
    {
        var claim = Good(Sources.Facts(Source, """{"type":"alias","messageId":"m","userId":"u-1","previousId":"0190a5d2-7c11-4abc-8def-000000000001","timestamp":"2012-12-02T00:30:08Z"}""").Single());
        Assert.That(claim.GetProperty("subject").GetRawText(), Is.EqualTo("""{"external_id":"u-1","anonymous_id":"0190a5d2-7c11-4abc-8def-000000000001"}"""));
        var proposal = Sources.Facts(Source, """{"type":"alias","messageId":"m","userId":"u-1","previousId":"u-0","timestamp":"2012-12-02T00:30:08Z"}""").Single();
        Assert.That(proposal.GetProperty("event_type").GetString(), Is.EqualTo("profile_merged"));
    }

    /// <summary>segment.com/docs/connections/destinations/catalog/webhooks/#delete. It must never be lost.</summary>
    [Test]
    public void Should_keep_a_request_to_be_erased()
    {
        var fact = Sources.Facts(Source, """{"type":"delete","userId":"019mr8mf4r","timestamp":"2012-12-02T00:30:08.276Z"}""").Single();
        Assert.That((fact.GetProperty("event_type").GetString(), fact.GetProperty("subject").GetProperty("external_id").GetString()), Is.EqualTo(("profile_deleted", "019mr8mf4r")));
    }

    [Test]
    public void Should_end_a_membership_and_no_profile_when_a_record_is_deleted()
    {
        var source = Source with { Dialect = SourceDialect.Rudderstack, RecordAudience = "first_buyers" };
        var call = """{"type":"record","messageId":"m","action":"insert","identifiers":{"user_id":"u-1","email":"a@example.com"},"fields":{"firstName":"Ada"},"timestamp":"2026-01-02T03:04:05Z"}""";
        Assert.That(Sources.Facts(source, call).ConvertAll(fact => Good(fact).GetProperty("payload").GetRawText()), Is.EqualTo(new[] { """{"attributes":{"first_name":"Ada"}}""", """{"audience":"first_buyers","is_member":true}""" }));
        var deleted = call.Replace("insert", "delete", StringComparison.Ordinal);
        Assert.That(Sources.Facts(source, deleted).ConvertAll(fact => Good(fact).GetProperty("payload").GetRawText()), Is.EqualTo(new[] { """{"audience":"first_buyers","is_member":false}""" }));
        Assert.That(Sources.Read(source with { RecordAudience = null }, deleted).Nothing["record_deleted"], Is.EqualTo(1));
        Assert.That(Sources.Read(Source, call).Facts.Single().Defect!.Code, Is.EqualTo("call_unknown"), "Segment knows no records");
    }

    [TestCase("""{"type":"teleport"}""", "call_unknown")]
    [TestCase("""{}""", "call_unknown")]
    [TestCase("[7]", "call_malformed")]
    [TestCase("[[]]", "call_malformed")]
    [TestCase("""{"type":"track","type":"track"}""", "json_malformed")]
    [TestCase("{", "json_malformed")]
    [TestCase("", "json_malformed")]
    [TestCase("""{"type":"track","event":"\ud800"}""", "half_surrogate_pair")]
    [TestCase("""{"type":"identify","traits":{"\ud800":1}}""", "half_surrogate_pair")]
    [TestCase("""{"type":"identify","traits":{"first_time_shopper":"yes"}}""", "not_a_boolean")]
    public void Should_set_aside_what_is_no_fact(string call, string code) =>
        Assert.That(Sources.Read(Source, call).Facts.Where(fact => fact.Defect is not null).Select(fact => fact.Defect!.Code), Is.EqualTo(new[] { code }));

    [Test]
    public void Should_put_no_letter_in_the_place_of_one_that_it_cannot_read()
    {
        var call = System.Text.Encoding.Latin1.GetBytes($$$"""{"type":"identify",{{{Common}}},"traits":{"city":"K\u00f6ln"}}""".Replace("\\u00f6", "\u00f6", StringComparison.Ordinal));
        Assert.That(Normalisation.Read(Source, "k", call).Facts.Single().Defect!.Code, Is.EqualTo("not_utf8"));
    }

    [Test]
    public void Should_take_the_neighbours_of_a_bad_call()
    {
        var read = Sources.Read(Source, $$$"""[{"type":"track",{{{Common}}},"event":"x"},{"type":"teleport"},{"type":"track",{{{Common}}},"event":"y"}]""");
        Assert.That(read.Facts.ConvertAll(fact => fact.Defect is null), Is.EqualTo(new[] { true, false, true }));
    }

    /// <summary>The reader of facts takes what the dialect makes.</summary>
    private static JsonElement Good(JsonElement fact)
    {
        var verdict = FactReading.Read(System.Text.Encoding.UTF8.GetBytes(fact.GetRawText()), new DateTimeOffset(2026, 11, 27, 0, 0, 0, TimeSpan.Zero), Authorities.Everybody, FactRetention.Endless);
        Assert.That(verdict.Quarantined?.Problem, Is.Null, $"{verdict.Quarantined?.Path} {fact}");
        return fact;
    }

    private static string Payload(DraftedFact fact) => JsonElement.Parse(fact.Body.Span).GetProperty("payload").GetRawText();

    private static Guid Id(JsonElement fact) => fact.GetProperty("event_id").GetGuid();
}

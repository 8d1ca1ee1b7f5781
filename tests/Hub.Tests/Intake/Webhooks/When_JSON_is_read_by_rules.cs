using System.Text.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

public sealed class When_JSON_is_read_by_rules
{
    private static readonly SourceConfiguration Source = Sources.Of() with
    {
        Facts =
        [
            new JsonFactRule
            {
                When = new Dictionary<string, string> { ["/type"] = "customer.updated" },
                EventType = "profile_updated",
                EventId = "/id",
                OccurredAt = "/created",
                Subject = new Dictionary<string, string> { ["external_id"] = "/data/object/metadata/user~1id", ["email"] = "/data/object/email" },
                Payload = new Dictionary<string, string>(),
                Objects = new Dictionary<string, IReadOnlyDictionary<string, string>> { ["attributes"] = new Dictionary<string, string> { ["first_name"] = "/data/object/name", ["is_customer"] = "true", ["from"] = "stripe" } },
            },
            new JsonFactRule
            {
                When = new Dictionary<string, string> { ["/type"] = "unsubscribed" },
                Each = "/people",
                EventType = "consent_updated",
                OccurredAt = "/at",
                Subject = new Dictionary<string, string> { ["external_id"] = "/id" },
                Payload = new Dictionary<string, string> { ["purpose"] = "email_marketing", ["status"] = "/state", ["source"] = "mailer" },
                Objects = new Dictionary<string, IReadOnlyDictionary<string, string>>(),
            },
        ],
        Ignored = [new Dictionary<string, string> { ["/type"] = "ping" }],
    };

    [Test]
    public void Should_follow_pointers_and_take_texts_as_they_are()
    {
        var fact = Sources.Facts(Source, """{"id":"evt_1","type":"customer.updated","created":1735689600,"data":{"object":{"name":"Ada","email":"a@example.com","metadata":{"user/id":"u-1"}}}}""").Single();
        Assert.Multiple(() =>
        {
            Assert.That(fact.GetProperty("occurred_at").GetDateTimeOffset(), Is.EqualTo(DateTimeOffset.FromUnixTimeSeconds(1735689600)));
            Assert.That(fact.GetProperty("subject").GetRawText(), Is.EqualTo("""{"external_id":"u-1","email":"a@example.com"}"""));
            Assert.That(fact.GetProperty("payload").GetRawText(), Is.EqualTo("""{"attributes":{"first_name":"Ada","is_customer":true,"from":"stripe"}}"""));
        });
    }

    [Test]
    public void Should_make_a_fact_of_each_element()
    {
        const string Call = """{"type":"unsubscribed","people":[{"id":"u-1","at":"2026-01-02T03:04:05Z","state":"unsubscribed"},{"id":"u-2","at":1735689600000,"state":"perhaps"}]}""";
        var facts = Sources.Facts(Source, Call);
        Assert.That(facts.ConvertAll(fact => fact.GetProperty("payload").GetProperty("status").GetString()), Is.EqualTo(new[] { "denied", "perhaps" }), "an unknown word is for the reader of facts to set aside");
        Assert.That(facts.Select(Id).Distinct().Count(), Is.EqualTo(2));
        Assert.That(Sources.Facts(Source, Call).ConvertAll(Id), Is.EqualTo(facts.ConvertAll(Id)));
        Assert.That(Sources.Facts(Source, Call, "another delivery").ConvertAll(Id), Is.Not.EqualTo(facts.ConvertAll(Id)), "without an id the delivery tells");
    }

    [TestCase("""{"type":"other"}""", "no_rule_fits")]
    [TestCase("""[{"type":"customer.updated"}]""", "no_rule_fits")]
    [TestCase("""{"type":"unsubscribed"}""", "list_missing")]
    [TestCase("7", "no_rule_fits")]
    [TestCase("{", "json_malformed")]
    public void Should_set_aside_what_no_rule_fits(string call, string code) => Assert.That(Sources.Read(Source, call).Facts.Single().Defect!.Code, Is.EqualTo(code));

    [Test]
    public void Should_count_what_deliberately_is_nothing()
    {
        var read = Sources.Read(Source, """{"type":"ping"}""");
        Assert.That((read.Facts.Count, read.Nothing["ignored"]), Is.EqualTo((0, 1)));
    }

    private static Guid Id(JsonElement fact) => fact.GetProperty("event_id").GetGuid();
}

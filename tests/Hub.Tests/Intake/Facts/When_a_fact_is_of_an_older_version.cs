using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Facts;

/// <summary>Every type has one version so far; here one has three: version 1 called the name of an event <c>event</c>, and version 2 called it <c>title</c>.</summary>
public sealed class When_a_fact_is_of_an_older_version
{
    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    private static readonly FactRules Rules = new()
    {
        Upcasters = new Upcasters(new Dictionary<(string, int), Func<JsonElement, ReadOnlyMemory<byte>>>
        {
            [("behavior_tracked", 1)] = payload => Renamed(payload, "event", "title"),
            [("behavior_tracked", 2)] = payload => Renamed(payload, "title", "name"),
        }),
    };

    [TestCase("event", "1")]
    [TestCase("title", "2")]
    [TestCase("name", "3")]
    public void Should_be_read_as_the_newest(string property, string version)
    {
        var verdict = Read(Fact($$"""{"{{property}}":"bought"}""", version));
        Assert.That((verdict.Fact?.EventName, verdict.Quarantined?.Problem), Is.EqualTo(("bought", (string?)null)));
    }

    [Test]
    public void Should_be_of_version_1_when_it_does_not_say() =>
        Assert.That(Read(Fact("""{"event":"bought"}""", null)).Fact?.EventName, Is.EqualTo("bought"));

    [Test]
    public void Should_be_read_alike_in_the_envelope_of_the_bus()
    {
        var fact = Fact("""{"event":"bought"}""", "1").Replace("\"event_type\":\"behavior_tracked\",", "", StringComparison.Ordinal);
        Assert.That(Read($$$"""{"messageType":["urn:message:IntegrationHub.Contracts.Events:BehaviorTracked"],"message":{{{fact}}}}""").Fact?.EventName, Is.EqualTo("bought"));
    }

    [Test]
    public void Should_be_set_aside_when_what_it_became_is_wrong()
    {
        var wrong = Read(Fact("""{"event":7}""", "1"));
        Assert.That((wrong.Quarantined?.Path, wrong.Quarantined?.Code), Is.EqualTo(("payload.name", "not_a_text")));
    }

    [TestCase("4", "schema_unknown", "is not a version that this hub knows; of this type it knows 1, 2, 3")]
    [TestCase("0", "integer_malformed", "must be a whole number from 1 on")]
    [TestCase("\"1\"", "integer_malformed", "must be a whole number from 1 on")]
    [TestCase("2.5", "integer_malformed", "must be a whole number from 1 on")]
    public void Should_be_set_aside_when_nobody_knows_the_version(string version, string code, string problem)
    {
        var unknown = Read(Fact("""{"name":"bought"}""", version)).Quarantined;
        Assert.That((unknown?.Path, unknown?.Code, unknown?.Problem), Is.EqualTo(("schema_version", code, problem)));
    }

    [Test]
    public void Should_know_one_version_of_every_type_that_ships_and_its_schema() =>
        Assert.That(PayloadReading.Types.Select(type => (Upcasters.Shipped.Newest(type), FactPlan.Of(type).Fields.Count is > 0 and <= 64)), Is.All.EqualTo((1, true)));

    private static ReadOnlyMemory<byte> Renamed(JsonElement payload, string old, string now) =>
        Encoding.UTF8.GetBytes(payload.GetRawText().Replace($"\"{old}\"", $"\"{now}\"", StringComparison.Ordinal));

    private static string Fact(string payload, string? version) =>
        $$$"""{"event_id":"0190a5d2-7c11-7abc-8def-000000000001","event_type":"behavior_tracked",{{{(version is null ? "" : $"\"schema_version\":{version},")}}}"occurred_at":"2026-11-26T10:00:00Z","producer":"shop","subject":{"external_id":"c-1"},"payload":{{{payload}}}}""";

    private static FactVerdict Read(string fact) => FactReading.Read(Encoding.UTF8.GetBytes(fact), Now, Authorities.Everybody, rules: Rules);
}

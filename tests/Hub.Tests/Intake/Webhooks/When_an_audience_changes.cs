using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Census;
using IntegrationHub.Hub.Intake.Changes;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Tests.Consent;

namespace IntegrationHub.Hub.Tests.Intake.Webhooks;

/// <summary>Lines as tools send them, and the facts that come of them.</summary>
public sealed class When_an_audience_changes
{
    private static readonly DateTimeOffset _now = new(2026, 11, 27, 0, 0, 0, TimeSpan.Zero);

    [TestCase("""{"op":"add","external_id":"c-17","attributes":{"city":"Bonn"}}""", "profile_updated,audience_membership_changed")]
    [TestCase("""{"op":"add","external_id":"c-17"}""", "audience_membership_changed")]
    [TestCase("""{"op":"update","external_id":17,"attributes":{"city":null}}""", "profile_updated")]
    [TestCase("""{"op":"remove","external_id":"c-17","attributes":{"city":"Bonn"}}""", "audience_membership_changed")]
    public void Should_be_facts(string line, string types)
    {
        var facts = Facts(line, Call());
        Assert.That(string.Join(',', facts.Select(fact => fact.GetProperty("event_type").GetString())), Is.EqualTo(types));
        Assert.That(facts.ConvertAll(fact => FactReading.Read(Encoding.UTF8.GetBytes(fact.GetRawText()), _now, Authorities.Everybody).Quarantined?.Problem), Is.All.Null);
    }

    [TestCase("""{"op":"join","external_id":"c-17"}""", "op", "operation_unknown")]
    [TestCase("""{"external_id":"c-17"}""", "op", "operation_unknown")]
    [TestCase("""{"op":"update","external_id":"c-17"}""", "attributes", "attributes_missing")]
    [TestCase("[]", "", "not_an_object")]
    [TestCase("add", "", "json_malformed")]
    [TestCase("""{"op":"add","op":"remove"}""", "", "json_malformed")]
    [TestCase("""{"op":"\ud800"}""", "", "half_surrogate_pair")]
    public void Should_say_what_is_wrong(string line, string path, string code)
    {
        var defect = AudienceChange.Read(Encoding.UTF8.GetBytes(line), "customers", Call(), 0).Single().Defect!;
        Assert.That((defect.Path, defect.Code), Is.EqualTo((path, code)));
    }

    [Test]
    public void Should_put_no_letter_in_the_place_of_one_that_it_cannot_read()
    {
        var line = Encoding.Latin1.GetBytes("""{"op":"add","external_id":"c-17","attributes":{"city":"K\u00f6ln"}}""".Replace("\\u00f6", "\u00f6", StringComparison.Ordinal));
        Assert.That(AudienceChange.Read(line, "customers", Call(), 0).Single().Defect!.Code, Is.EqualTo("not_utf8"));
        Assert.Throws<CensusException>(() => CensusRoutes.Parse(line).Dispose());
    }

    /// <summary>Whatever bytes come, what is made of them is a fact or is said to be none.</summary>
    [Test]
    public void Should_break_over_nothing_that_a_line_or_a_record_holds()
    {
        var random = new Random(20261128);
        var good = Encoding.UTF8.GetBytes("""{"op":"add","external_id":"c-17","email":"a@x.org","phone":"+43 664 1234567","at":"2026-11-26T10:00:00Z","id":"\u00e9 7","attributes":{"ci\u0074y":"K\u00f6ln","n":1.5e3,"b":true,"z":null}}""");
        for (var i = 0; i < 20_000; i++)
        {
            var line = good.ToArray();
            for (var hits = random.Next(1, 4); hits > 0; hits--)
            {
                line[random.Next(line.Length)] = (byte)random.Next(256);
            }

            foreach (var fact in AudienceChange.Read(line, "customers", Call(), 0).Concat(OfCensus(line)).Where(fact => fact.Defect is null))
            {
                var verdict = FactReading.Read(fact.Body, _now, Authorities.Everybody);
                Assert.That(verdict.Fact is null ^ verdict.Quarantined is null, Is.True);
            }
        }

        static IReadOnlyList<DraftedFact> OfCensus(byte[] record)
        {
            try
            {
                using var json = CensusRoutes.Parse(record);
                return CensusBatch.Read(json.RootElement, "customers", CensusObjects.Upsert, Call(), 0);
            }
            catch (CensusException)
            {
                return [];
            }
        }
    }

    [Test]
    public void Should_tell_a_resend_from_a_change_that_comes_again()
    {
        const string Bare = """{"op":"add","external_id":"c-17"}""";
        const string Named = """{"op":"add","external_id":"c-17","id":"change-1"}""";
        const string Timed = """{"op":"add","external_id":"c-17","at":"2026-11-26T10:00:00Z"}""";
        Assert.Multiple(() =>
        {
            Assert.That(Id(Named, Call()), Is.EqualTo(Id(Named, Call(key: "other"), place: 5)), "an id of its own counts wherever it stands");
            Assert.That(Id(Timed, Call()), Is.EqualTo(Id(Timed, Call(), place: 5)), "so does a time");
            Assert.That(Id(Timed, Call()), Is.Not.EqualTo(Id(Timed.Replace("10:00", "11:00", StringComparison.Ordinal), Call())));
            Assert.That(Id(Timed, Call()), Is.Not.EqualTo(Id(Timed.Replace("add", "remove", StringComparison.Ordinal), Call())));
            Assert.That(Enumerable.Range(0, 2).Select(_ => Id(Bare, Call(key: "k"))).Distinct().Count(), Is.EqualTo(1), "the same call");
            Assert.That(Id(Bare, Call(key: "k")), Is.Not.EqualTo(Id(Bare, Call(key: "k"), place: 1)));
            Assert.That(Id(Bare, Call(key: "k")), Is.Not.EqualTo(Id(Bare, Call(key: "l"))));
            Assert.That(Enumerable.Range(0, 2).Select(_ => Id(Bare, Call())), Is.Unique, "stated again");
            Assert.That(Id(Named, Call()), Is.Not.EqualTo(Id(Named, Call() with { Producer = "other" })));
        });
    }

    [Test]
    public void Should_be_in_the_order_of_the_call()
    {
        var times = Enumerable.Range(0, 3).Select(place => Facts("""{"op":"add","external_id":"c-17"}""", Call(), place).Single().GetProperty("occurred_at").GetDateTimeOffset()).ToList();
        Assert.That(times, Is.Ordered.And.Unique);
        Assert.That(times[^1] - _now, Is.LessThan(TimeSpan.FromMilliseconds(1)));
    }

    private static Guid Id(string line, ChangeCall call, int place = 0) => Facts(line, call, place).Single().GetProperty("event_id").GetGuid();

    private static ChangeCall Call(string? key = null) => new("hightouch", key, Guid.NewGuid(), _now);

    private static List<JsonElement> Facts(string line, ChangeCall call, int place = 0) =>
        [.. AudienceChange.Read(Encoding.UTF8.GetBytes(line), "customers", call, place).Select(fact => JsonElement.Parse(fact.Body.Span))];
}

using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Hub.Tests.Intake.Webhooks;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Ownership;

/// <summary>Which truth values of a person are held while they go back and forth, what a destination is told meanwhile, and by which words they are read.</summary>
public sealed class When_truth_values_are_held
{
    private const string Person = """{"b":true,"z":1,"a":true}""";

    private static readonly FlappingRule _third = new(3, TimeSpan.FromHours(1));
    private static readonly DateTimeOffset _now = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_be_told_as_they_were_before_the_change_that_was_one_too_many()
    {
        var held = Of(Person, ("b", 10, 4), ("a", 20, 3));
        Assert.That(held.All, Is.EqualTo(new[] { new HeldValue("a", false, UnrestOf(20, 3), _now.AddMinutes(40)), new HeldValue("b", true, UnrestOf(10, 4), _now.AddMinutes(50)) }));
        Assert.That(held.Told(Person), Is.EqualTo("""{"b":true,"z":1,"a":false}"""));
        Assert.That(held.SteadyAt, Is.EqualTo(_now.AddMinutes(50)), "when all of them stand still");
    }

    [TestCase("""{"a":true}""", 3, 59, true)]
    [TestCase("""{"a":true}""", 2, 59, false, Description = "one change fewer")]
    [TestCase("""{"a":true}""", 3, 60, false, Description = "it has stood still")]
    [TestCase("""{"a":"TRUE "}""", 3, 59, true)]
    [TestCase("""{"a":"perhaps"}""", 3, 59, false, Description = "no truth value")]
    [TestCase("""{"a":null}""", 3, 59, false)]
    [TestCase("""{"b":true}""", 3, 59, false, Description = "the person has it no more")]
    [TestCase("sealed:1:a:AAAA", 3, 59, false, Description = "what the person is like does not open")]
    public void Should_be_held_from_one_change_on_until_they_stand_still(string person, int flips, int minutesAgo, bool isHeld) =>
        Assert.That(Of(person, ("a", minutesAgo, flips)).All.Select(value => value.Attribute), Is.EqualTo(isHeld ? new[] { "a" } : []));

    [Test]
    public void Should_be_those_of_which_a_rule_says_so() => Assert.That(Of("""{"z":true}""", ("z", 1, 9)), Is.SameAs(HeldValues.None));

    [Test]
    public void Should_cost_nothing_for_a_person_of_whom_nothing_goes_back_and_forth()
    {
        const string Unread = "not looked at";
        Assert.That(HeldValues.Of(Rules(), Unread, null, _now), Is.SameAs(HeldValues.None));
        Assert.That(HeldValues.Of(new Dictionary<string, FlappingRule>(), Unread, Times(("a", 1, 3)), _now), Is.SameAs(HeldValues.None));
        Assert.That((HeldValues.None.SteadyAt, HeldValues.None.Either(Unread).Count()), Is.EqualTo(((DateTimeOffset?)null, 0)));
        Assert.That(HeldValues.None.Told(Unread), Is.SameAs(Unread));
    }

    /// <summary>Whether a destination lacks anything else is told by what it would have whichever of the values it was told last.</summary>
    [Test]
    public void Should_be_seen_in_every_combination() => Assert.That(Of(Person, ("b", 10, 4), ("a", 20, 3)).Either(Person), Is.EqualTo(new[]
    {
        """{"b":false,"z":1,"a":false}""", """{"b":false,"z":1,"a":true}""", """{"b":true,"z":1,"a":false}""", """{"b":true,"z":1,"a":true}""",
    }));

    [TestCase(4, 16)]
    [TestCase(5, 0)]
    public void Should_be_seen_in_no_combination_where_these_are_too_many(int values, int combinations)
    {
        string[] names = [.. Enumerable.Range(0, values).Select(i => $"v{i}")];
        var person = JsonSerializer.Serialize(names.ToDictionary(name => name, _ => true));
        var held = HeldValues.Of(names.ToDictionary(name => name, _ => _third), person, Times([.. names.Select(name => (name, 1, 3))]), _now);
        Assert.That((held.All.Count, held.Either(person).Distinct().Count()), Is.EqualTo((values, combinations)));
    }

    [TestCase("\"Y\"", true)]
    [TestCase("\"n\"", false)]
    [TestCase("\"yes\"", null, Description = "a word of one mapping alone")]
    [TestCase("\"nein\"", null)]
    [TestCase("\"1\"", null, Description = "a word of a field of text")]
    [TestCase("\"x\"", null, Description = "a word of a field of something else")]
    public void Should_be_read_by_the_words_that_all_mappings_have(string value, bool? truth)
    {
        var mappings = new[]
        {
            Mapping(Truth("vip", ["Y", "yes"], ["N"])),
            Mapping(Truth("vip", ["y", "ja"], ["n", "nein"]), Truth("other", ["x"], ["z"]), Truth("vip", ["1"], ["0"]) with { Type = MappedType.Text }),
        };
        Assert.That(Flapping().FlappingIn(mappings)["vip"].Words.TruthOf(JsonElement.Parse(value)), Is.EqualTo(truth));
    }

    [Test]
    public void Should_be_true_and_false_where_nobody_maps_them()
    {
        var rules = Flapping().FlappingIn([Mapping(Truth("other", ["x"], ["z"]))]);
        Assert.That(rules.Keys, Is.EqualTo(new[] { "vip" }), "the other attribute is not held");
        Assert.That(rules["vip"].Words, Is.SameAs(TruthWords.Usual));
    }

    [Test]
    public void Should_be_known_to_the_ledger_with_the_names_under_which_vendors_speak()
    {
        var source = Sources.Of();
        var hub = Acme.Hub() with { Sources = new Dictionary<string, SourceConfiguration> { ["crm"] = source with { Name = "crm", Destination = Acme.Name }, ["web"] = source } };
        Assert.That(OwnershipRules.InLedgerOf(hub).Vendors, Is.EqualTo(new Dictionary<string, string> { ["vendor:acme"] = Acme.Name, ["crm"] = Acme.Name }));
        Assert.That(OwnershipRules.InLedgerOf(hub).Flapping, Is.Empty, "there is no file");
        Assert.That(OwnershipRules.InLedgerOf(hub with { Ownership = Flapping() }).Flapping.Keys, Is.EqualTo(new[] { "vip" }));
    }

    private static OwnershipRules Flapping() => new(new Dictionary<string, AttributeOwnership>
    {
        ["vip"] = new("crm", ConflictRule.Newest) { Flapping = _third }, ["other"] = new("crm", ConflictRule.Newest),
    });

    private static FieldMapping Truth(string from, string[] yes, string[] no) =>
        new() { From = from, To = from, Type = MappedType.Boolean, TrueWords = yes, FalseWords = no, Classification = FieldClassification.Personal };

    private static MappingFile Mapping(params FieldMapping[] fields) => new() { Name = "acme", Version = "1", EmailAsciiOnly = false, EventAttributes = [], Fields = fields };

    private static Dictionary<string, FlappingRule> Rules() => new() { ["a"] = _third, ["b"] = _third };

    private static HeldValues Of(string person, params (string Name, int MinutesAgo, int Flips)[] unrest) => HeldValues.Of(Rules(), person, Times(unrest), _now);

    private static Unrest UnrestOf(int minutesAgo, int flips) => new(_now.AddDays(-1).ToUnixTimeMilliseconds(), _now.AddMinutes(-minutesAgo).ToUnixTimeMilliseconds(), flips);

    private static string Times(params (string Name, int MinutesAgo, int Flips)[] unrest) => JsonSerializer.Serialize(unrest
        .Select(one => (one.Name, Unrest: UnrestOf(one.MinutesAgo, one.Flips)))
        .SelectMany(one => new[] { ($"$unrest:{one.Name}", one.Unrest.SinceAt), ($"$flip:{one.Name}", one.Unrest.LastAt), ($"$flips:{one.Name}", (long)one.Unrest.Changes) })
        .ToDictionary(time => time.Item1, time => time.Item2));
}

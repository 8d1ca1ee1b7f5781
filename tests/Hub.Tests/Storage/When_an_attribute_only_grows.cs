using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>An attribute that only grows is the union of all that was stated of it: no order, repetition or grouping of statements makes another text.</summary>
public sealed class When_an_attribute_only_grows
{
    private const string Crm = "crm";
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly string[] _separators = [";", ",", "|", "||", "; ", "<>", " "];
    private static readonly string[] _words = ["a", "b", "B", " a ", "", "é", "a;b", "|a", "a|", "<a>", "a b", "😀", "\t", "z,"];

    private static readonly AttributeRules _rules = new(new Dictionary<string, AttributeRule>
    {
        ["tags"] = new(Crm, AttributeMutability.AppendOnly),
        ["flagged"] = new(Crm, AttributeMutability.AppendOnly, IsFlagged: true),
    });

    [FsCheck.NUnit.Property(MaxTest = 2_000)]
    public bool Should_join_to_the_same_in_any_order_and_as_often_as_it_is_joined(Statement one, Statement other, Statement third, byte by)
    {
        var rule = RuleOf(by);
        var (a, b, c) = (StandOf(rule, one), StandOf(rule, other), StandOf(rule, third));
        return rule.Join(rule.Join(a, b), c).IsLike(rule.Join(a, rule.Join(b, c))) && rule.Join(a, b).IsLike(rule.Join(b, a)) && rule.Join(a, a).IsLike(a) && rule.Join(rule.Join(a, b), b).IsLike(rule.Join(a, b));
    }

    [FsCheck.NUnit.Property(MaxTest = 2_000)]
    public bool Should_be_told_apart_again_as_it_was_joined(Statement said, byte by)
    {
        var separator = RuleOf(by).Separator;
        var elements = ElementText.In(said.TextOf(separator), separator);
        return elements.SetEquals(ElementText.In(ElementText.Of(elements, separator), separator)) && elements.All(element => element.Trim() == element && element.Length > 0);
    }

    [FsCheck.NUnit.Property(MaxTest = 500)]
    public bool Should_be_what_was_stated_whatever_came_first_and_under_whichever_keys(Statement[] said, int order)
    {
        ProfileStatement[] statements = [.. said.Select(one => one.About("tags"))];
        var random = new Random(order);
        random.Shuffle(statements);
        var expected = ElementText.Of(said.SelectMany(one => ElementText.In(one.TextOf(";"), ";")), ";")?.GetString();
        var parts = statements.GroupBy(_ => random.Next(3)).Select(part => Merged(part)).ToArray();
        return Tags(Merged(statements)) == expected && Tags(ProfileMerge.Fold(parts, _rules)) == expected && Tags(ProfileMerge.Restate(Merged(statements.Take(statements.Length / 2)), Merged(statements), _rules)) == expected;
    }

    /// <summary>More than is kept, some too long: what is kept does not depend on what came first either.</summary>
    [FsCheck.NUnit.Property(MaxTest = 100)]
    public bool Should_keep_the_same_of_what_is_too_much(int seed)
    {
        var random = new Random(seed);
        string[][] stated = [.. Enumerable.Range(0, 8).Select(_ => Enumerable.Range(0, 120).Select(_ => $"{random.Next(700)}{new string('x', random.Next(70))}").ToArray())];
        var expected = string.Join(';', stated.SelectMany(one => one).Where(element => element.Length <= 64).Distinct().Order(StringComparer.Ordinal).Take(250));
        ProfileStatement[] statements = [.. stated.Select((one, i) => Of("tags", string.Join(';', one), i))];
        random.Shuffle(statements);
        var parts = statements.GroupBy(_ => random.Next(3)).Select(part => Merged(part)).ToArray();
        return Tags(Merged(statements)) == expected && Tags(ProfileMerge.Fold(parts, _rules)) == expected && expected.Split(';').Length == 250;
    }

    [TestCase("\"a; b;;a ;\"", "a;b")]
    [TestCase("7.50", "7.50", Description = "a number is an element, as JSON writes it")]
    [TestCase("true", "true")]
    [TestCase("\"\"", null)]
    [TestCase("\" ; \"", null)]
    [TestCase("null", null)]
    public void Should_read_any_value_as_elements(string json, string? text) =>
        Assert.That(Tags(ProfileMerge.Merge(null, new ProfileStatement(null, null, $$"""{"tags":{{json}}}""", _noon) { Producer = Crm }, _rules).Content), Is.EqualTo(text));

    [TestCase("\"b; a\"", "a;b;c")]
    [TestCase("5", "5;c")]
    [TestCase("false", "c;false")]
    public void Should_read_what_stood_before_the_rule_as_elements(string json, string text)
    {
        var stood = ProfileMerge.Merge(null, new ProfileStatement(null, null, $$"""{"tags":{{json}}}""", _noon)).Content;
        Assert.That(Tags(ProfileMerge.Merge(stood, Of("tags", "c", 1), _rules).Content), Is.EqualTo(text));
        Assert.That(Tags(ProfileMerge.Restate(stood, Merged([Of("tags", "c", -1)]), _rules)), Is.EqualTo(text), "as it is when it is rebuilt from the log");
    }

    [Test]
    public void Should_come_back_in_its_form_when_it_is_rebuilt_though_the_log_adds_nothing()
    {
        var stood = ProfileMerge.Merge(null, Of("tags", "b; a", 0)).Content;
        var rebuilt = ProfileMerge.Restate(stood, Merged([Of("tags", "b; a", 0)]), _rules);
        Assert.That(Tags(rebuilt), Is.EqualTo("a;b"));
        Assert.That(ProfileMerge.Restate(rebuilt, Merged([Of("tags", "b; a", 0)]), _rules), Is.SameAs(rebuilt));
    }

    [Test]
    public void Should_not_be_taken_away_what_was_cleared_before_the_rule_and_stated_since()
    {
        var cleared = ProfileMerge.Merge(ProfileMerge.Merge(null, Of("tags", "a", 0)).Content, new ProfileStatement(null, null, """{"tags":null}""", _noon.AddMinutes(5))).Content;
        Assert.That(Tags(ProfileMerge.Merge(cleared, Of("tags", "b", 1), _rules).Content), Is.EqualTo("b"));
    }

    [TestCase("tags", "crm", "\"a\"", null)]
    [TestCase("tags", "crm", "\"c;a\"", null, Description = "it is added")]
    [TestCase("tags", "crm", "null", "not_mutable")]
    [TestCase("tags", "crm", "\" \"", "not_mutable")]
    [TestCase("tags", "crm", "\"0123456789012345678901234567890123456789012345678901234567890123x\"", "not_mutable", Description = "longer than an element may be")]
    [TestCase("flagged", "shop", "\"b\"", null)]
    [TestCase("flagged", "shop", "\"c\"", "conflict")]
    [TestCase("flagged", "shop", "null", "conflict")]
    [TestCase("flagged", "crm", "null", "not_mutable")]
    public void Should_say_what_is_not_taken(string name, string producer, string value, string? kind)
    {
        var statement = new ProfileStatement(null, null, $$"""{"{{name}}":{{value}}}""", _noon.AddMinutes(2)) { Producer = producer };
        var refused = _rules.RefusedOf(statement, ProfileMerge.Merge(Merged([Of(name, "a;b", 1)]), statement, _rules).Content);
        Assert.That(refused, Is.EqualTo(kind is null ? Array.Empty<RefusedAttribute>() : [new RefusedAttribute(name, kind)]));
    }

    [Test]
    public void Should_refuse_nothing_where_nothing_is_taken_away()
    {
        var statement = new ProfileStatement(null, null, """{"tags":null}""", _noon) { Producer = Crm };
        Assert.That(_rules.RefusedOf(statement, ProfileMerge.Merge(null, statement, _rules).Content), Is.Empty);
    }

    [Test]
    public void Should_count_what_goes_beyond_what_is_kept()
    {
        var full = Of("tags", string.Join(';', Enumerable.Range(1_000, 250)), 1);
        var statement = Of("tags", "z", 2);
        Assert.That(_rules.RefusedOf(statement, ProfileMerge.Merge(Merged([full]), statement, _rules).Content), Is.EqualTo(new[] { new RefusedAttribute("tags", "not_mutable") }));
    }

    [TestCase(";", true)]
    [TestCase("; ", true)]
    [TestCase("|", true)]
    [TestCase("", false)]
    [TestCase(";;;", false)]
    [TestCase("a", false)]
    [TestCase("1,", false)]
    [TestCase("\n", false)]
    [TestCase("😀", false)]
    public void Should_stand_signs_between_elements(string separator, bool isOne) => Assert.That(ElementText.IsSeparator(separator), Is.EqualTo(isOne));

    private static AttributeRule RuleOf(byte by) => new(Crm, AttributeMutability.AppendOnly) { Separator = _separators[by % _separators.Length] };

    private static AttributeStand StandOf(AttributeRule rule, Statement said) => said.IsCleared ? AttributeStand.Cleared(said.Minute)
        : said.StoodBefore ? rule.Kept(new AttributeStand(said.Minute, JsonSerializer.SerializeToElement(said.TextOf(rule.Separator))) { IsFilled = true })
        : rule.Stated(said.Minute, JsonSerializer.SerializeToElement(said.TextOf(rule.Separator)), Crm) ?? AttributeStand.Cleared(AttributeStand.Never);

    private static ProfileStatement Of(string name, string text, int minute) => new(null, null, JsonSerializer.Serialize(new Dictionary<string, string> { [name] = text }), _noon.AddMinutes(minute)) { Producer = Crm };

    private static ProfileContent Merged(IEnumerable<ProfileStatement> statements) =>
        statements.Aggregate((ProfileContent?)null, static (profile, statement) => ProfileMerge.Merge(profile, statement, _rules).Content) ?? ProfileMerge.Fold([]);

    private static string? Tags(ProfileContent profile)
    {
        using var attributes = JsonDocument.Parse(profile.AttributesJson);
        return attributes.RootElement.TryGetProperty("tags", out var tags) ? tags.GetString() : null;
    }

    /// <summary>Something that is stated; few minutes and few words, so that statements meet.</summary>
    public sealed record Statement(byte[] Words, byte Minute, bool IsCleared, bool StoodBefore)
    {
        internal string TextOf(string separator) => string.Join(separator, Words.Select(word => _words[word % _words.Length]));

        internal ProfileStatement About(string name) => Of(name, TextOf(";"), Minute % 6);
    }
}

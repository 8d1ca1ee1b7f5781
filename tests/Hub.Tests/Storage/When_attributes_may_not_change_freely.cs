using System.Text.Json;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Storage;

/// <summary>What counts of statements about attributes that have a rule is what the rule says of all of them, whatever came first and under whichever keys they were filed. A failure shows the fewest statements that differ.</summary>
public sealed class When_attributes_may_not_change_freely
{
    private const string Crm = "crm";
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    private static readonly AttributeRules _rules = new(new Dictionary<string, AttributeRule>
    {
        ["fixed"] = new(Crm, AttributeMutability.Immutable),
        ["once"] = new(Crm, AttributeMutability.WriteOnce),
        ["filled"] = new(Crm, AttributeMutability.FillEmpty),
        ["flagged"] = new(Crm, AttributeMutability.Mutable, IsFlagged: true),
        ["flagged_once"] = new(Crm, AttributeMutability.WriteOnce, IsFlagged: true),
    });

    [FsCheck.NUnit.Property(MaxTest = 2_000, EndSize = 12)]
    public bool Should_be_what_the_rule_says_whatever_came_first(Word[] words, int order)
    {
        ProfileStatement[] statements = [.. words.Select(word => word.Statement)];
        var expected = Expected(statements);
        new Random(order).Shuffle(statements);
        return Shown(Merged(statements)) == expected;
    }

    [FsCheck.NUnit.Property(MaxTest = 2_000, EndSize = 12)]
    public bool Should_be_the_same_of_people_who_are_joined_and_of_each_when_they_are_parted(Word[] words, int order)
    {
        ProfileStatement[] statements = [.. words.Select(word => word.Statement)];
        var random = new Random(order);
        random.Shuffle(statements);
        var parts = statements.GroupBy(_ => random.Next(3)).Select(part => part.ToArray()).ToArray();
        return Shown(ProfileMerge.Fold([.. parts.Select(Merged)], _rules)) == Expected(statements) && Array.TrueForAll(parts, part => Shown(Merged(part)) == Expected(part));
    }

    [FsCheck.NUnit.Property(MaxTest = 2_000, EndSize = 12)]
    public bool Should_be_the_same_when_it_is_rebuilt_from_the_log(Word[] words, int order)
    {
        ProfileStatement[] statements = [.. words.Select(word => word.Statement)];
        new Random(order).Shuffle(statements);
        var standing = Merged(statements.Take(statements.Length / 2));
        var rebuilt = ProfileMerge.Restate(standing, Merged(statements), _rules);
        return Shown(rebuilt) == Expected(statements) && ReferenceEquals(ProfileMerge.Restate(rebuilt, Merged(statements), _rules), rebuilt);
    }

    /// <summary>What is repeated later is no later statement of what is written once: a value between the two does not become the first.</summary>
    [Test]
    public void Should_remember_the_first_time_and_not_the_last()
    {
        var repeated = Merged([Of("fixed", "\"a\"", 1), Of("fixed", "\"a\"", 5)]);
        Assert.That(Shown(ProfileMerge.Merge(repeated, Of("fixed", "\"b\"", 3), _rules).Content), Does.Contain("\"fixed\":\"a\""));
    }

    [Test]
    public void Should_take_what_stood_before_the_rule_for_the_owners()
    {
        var stood = ProfileMerge.Merge(null, Of("filled", "\"a\"", 1) with { Producer = "shop" }).Content;
        var kept = ProfileMerge.Merge(stood, Of("filled", "\"b\"", 0) with { Producer = "shop" }, _rules).Content;
        Assert.That(Shown(kept), Does.Contain("\"filled\":\"a\""));
        Assert.That(Shown(ProfileMerge.Merge(kept, Of("filled", "\"c\"", 2), _rules).Content), Does.Contain("\"filled\":\"c\""));
    }

    [TestCase("fixed", "crm", "\"b\"", "not_mutable")]
    [TestCase("fixed", "crm", "null", "not_mutable")]
    [TestCase("fixed", "crm", "\"a\"", null)]
    [TestCase("once", "crm", "\"b\"", "not_mutable")]
    [TestCase("once", "crm", "null", null)]
    [TestCase("filled", "shop", "\"b\"", "not_mutable")]
    [TestCase("filled", "shop", "null", null)]
    [TestCase("filled", "crm", "\"b\"", null)]
    [TestCase("flagged", "shop", "\"b\"", "conflict")]
    [TestCase("flagged", "shop", "null", "conflict")]
    [TestCase("flagged", "shop", "\"a\"", null)]
    [TestCase("flagged", "crm", "\"b\"", null)]
    [TestCase("flagged_once", "crm", "\"b\"", "not_mutable")]
    [TestCase("free", "shop", "\"b\"", null)]
    public void Should_say_what_is_kept_from_being_changed(string name, string producer, string value, string? kind)
    {
        var stood = Merged([Of(name, "\"a\"", 1)]);
        var statement = Of(name, value, 2) with { Producer = producer };
        var refused = _rules.RefusedOf(statement, ProfileMerge.Merge(stood, statement, _rules).Content);
        Assert.That(refused, Is.EqualTo(kind is null ? Array.Empty<RefusedAttribute>() : [new RefusedAttribute(name, kind)]));
    }

    private static ProfileStatement Of(string name, string value, int minute) => new(null, null, $$"""{"{{name}}":{{value}}}""", _noon.AddMinutes(minute)) { Producer = Crm };

    private static ProfileContent Merged(IEnumerable<ProfileStatement> statements) =>
        statements.Aggregate((ProfileContent?)null, static (profile, statement) => ProfileMerge.Merge(profile, statement, _rules).Content) ?? ProfileMerge.Fold([]);

    private static string Shown(ProfileContent profile)
    {
        using var attributes = JsonDocument.Parse(profile.AttributesJson);
        return string.Join(',', attributes.RootElement.EnumerateObject().Select(attribute => attribute.ToString()).Order(StringComparer.Ordinal));
    }

    /// <summary>The rules once more, as somebody would say them who has all statements before them.</summary>
    private static string Expected(ProfileStatement[] statements)
    {
        var said = statements.Where(statement => statement.AttributesJson is not null).SelectMany(statement => JsonDocument.Parse(statement.AttributesJson!).RootElement.EnumerateObject()
            .Select(attribute => (attribute.Name, Value: attribute.Value.GetString(), statement.OccurredAt, statement.Producer))).ToLookup(one => one.Name);
        return string.Join(',', said.Select(of => (of.Key, Value: Counts(of.Key, [.. of.Select(one => (one.Value, one.OccurredAt, one.Producer == Crm))]))).Where(of => of.Value is not null)
            .Select(of => $"\"{of.Key}\":\"{of.Value}\"").Order(StringComparer.Ordinal));
    }

    private static string? Counts(string name, (string? Value, DateTimeOffset At, bool IsOwners)[] said)
    {
        var owners = said.Where(one => one.IsOwners).ToArray();
        return name switch
        {
            "fixed" => First(said)?.Value,
            "once" => Once(said),
            "filled" => owners.Any(one => one.Value is not null) ? Last(owners) : First(said)?.Value,
            "flagged" => Last(owners),
            "flagged_once" => Once(owners),
            _ => Last(said),
        };

        static (string? Value, DateTimeOffset At, bool IsOwners)? First(IEnumerable<(string? Value, DateTimeOffset At, bool IsOwners)> of) =>
            of.Where(one => one.Value is not null).OrderBy(one => one.At).ThenByDescending(one => one.Value, StringComparer.Ordinal).Cast<(string?, DateTimeOffset, bool)?>().FirstOrDefault();

        static string? Last(IEnumerable<(string? Value, DateTimeOffset At, bool IsOwners)> of) => of.OrderBy(one => one.At).ThenBy(one => one.Value, StringComparer.Ordinal).LastOrDefault().Value;

        static string? Once((string? Value, DateTimeOffset At, bool IsOwners)[] of) => First(of) is { } first && !of.Any(one => one.Value is null && one.At > first.At) ? first.Value : null;
    }

    /// <summary>What is said of one attribute.</summary>
    public enum Said
    {
        Cleared,
        One,
        Other,
    }

    /// <summary>Which attribute.</summary>
    public enum About
    {
        Free,
        Fixed,
        Once,
        Filled,
        Flagged,
        Flagged_once,
    }

    /// <summary>A statement; few minutes, so that several are of one time.</summary>
    public sealed record Word(About About, Said Said, byte Minute, bool IsOwners)
    {
        internal ProfileStatement Statement => Of(About.ToString().ToLowerInvariant(), Said == Said.Cleared ? "null" : $"\"{Said}\"", Minute % 6) with { Producer = IsOwners ? Crm : "shop" };
    }
}

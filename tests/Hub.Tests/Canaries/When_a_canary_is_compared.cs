using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Canaries;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Tests.Canaries;

/// <summary>What a vendor shows of her, held against what policy allows.</summary>
public sealed class When_a_canary_is_compared
{
    private static readonly CanaryExpectation _allowed = new()
    {
        IsAllowed = true, Key = "canary-1", Audience = "birds", Fields = [new Field("last_name", FieldValue.Of("Trip 1")), new Field("email", FieldValue.Of("anna@birds.example"))],
        Known = new HashSet<string> { "last_name", "email", "first_name", "score", "id" }, Written = new HashSet<string> { "last_name", "email", "first_name" },
        Added = new Dictionary<string, char>(), MustNotLeave = ["blood type zero", "canary-1"], MayLeave = ["Trip 1", "anna@birds.example"],
    };

    private static readonly ShownField[] _asAllowed = [new("last_name", "\"Trip 1\"", false), new("email", "\"Anna@birds.example\"", true), new("id", "\"canary-1x\"", true)];

    [Test]
    public void Should_find_nothing_where_all_and_no_more_is_shown() => Assert.That(Compare(Shown("{}")), Is.Empty);

    /// <summary>What is added to what others have there is missing only where it is not among it.</summary>
    [TestCase("\"x;a;b\"", null)]
    [TestCase("\"x;a\"", "different tags")]
    public void Should_find_what_is_missing_of_what_was_added(string tags, string? finding)
    {
        var expected = _allowed with { Fields = [.. _allowed.Fields, new Field("tags", FieldValue.Of(";a;b"))], Added = new Dictionary<string, char> { ["tags"] = ';' }, Known = _allowed.Known.Append("tags").ToHashSet(), MustNotLeave = [] };
        Assert.That(Words(CanaryComparison.Compare(expected, [Person([.. _asAllowed, new("tags", tags, false)])], Of("birds"), Of(), isDue: true)), Is.EqualTo(finding is null ? [] : new[] { finding }));
    }

    [TestCase("last_name", null, "empty last_name")]
    [TestCase("last_name", "\"Trip 0\"", "different last_name", Description = "of an earlier trip")]
    [TestCase("first_name", "\"Bob\"", "different first_name", Description = "she has none")]
    public void Should_find_what_is_not_shown_as_it_was_stated(string field, string? value, string finding) => Assert.That(Compare(Shown(field, value)), Is.EqualTo(new[] { finding }));

    [TestCase("notes", "\"Her Blood Type Zero, says the doctor\"", true)]
    [TestCase("last_name", "\"Trip 1 blood type zero\"", false)]
    [TestCase("anything", "7", false, Description = "nothing of hers, and nobody maps it")]
    public void Should_find_more_than_policy_allows(string field, string value, bool isOwn) => Assert.That(
        CanaryComparison.Compare(_allowed, [Person([.. _asAllowed.Where(known => known.Name is not "id" && known.Name != field), new ShownField(field, value, isOwn)])], Of("birds"), Of(), isDue: true)
            .Where(finding => finding.IsLeak).Select(finding => (finding.Kind, finding.What)),
        Is.EqualTo(new[] { (CanaryFinding.NotAllowed, field) }));

    [TestCase("lifecycle", "\"lead\"", true, Description = "the vendor fills it by itself")]
    [TestCase("score", "12", false, Description = "somebody else owns it, as the mapping says")]
    [TestCase("audience_birds", "true", false, Description = "the audience itself")]
    [TestCase("greeting", "\"Dear Trip 1 of anna@birds.example\"", true, Description = "of what may leave")]
    public void Should_not_take_for_a_leak_what_is_none(string field, string value, bool isOwn) => Assert.That(
        CanaryComparison.Compare(_allowed with { MustNotLeave = ["blood type zero"] }, [Person([.. _asAllowed, new ShownField(field, value, isOwn)])], Of("birds"), Of("audience_birds"), isDue: true), Is.Empty);

    /// <summary>Hers are a property and an element; objects and lists that nobody writes in parts are judged as a whole.</summary>
    [TestCase("$.address.city", "\"Bonn\"", "different $.address.city")]
    [TestCase("$.address.city", null, "empty $.address.city")]
    [TestCase("$.interests[sports]", null, "empty $.interests[sports]", Description = "she is to be in it")]
    [TestCase("$.interests[music]", "true", "different $.interests[music]", Description = "she is not to be in it")]
    [TestCase("$.address.zip", "\"53111\"", "not_allowed $.address.zip")]
    [TestCase("$.interests[chess]", "true", "not_allowed $.interests[chess]")]
    [TestCase("$.score.points", "7", null, Description = "of a field that may have any value")]
    public void Should_be_held_against_what_is_shown_part_by_part(string part, string? value, string? finding)
    {
        var expected = _allowed with
        {
            Fields = [new("$.address.city", FieldValue.Of("Rome")), new("$.interests[sports]", FieldValue.Of(true)), new("$.interests[music]", FieldValue.Of(false))],
            Known = new HashSet<string> { "address", "interests", "score", "$.address.city", "$.interests[sports]", "$.interests[music]" }, Written = new HashSet<string>(),
            InParts = new HashSet<string> { "address", "interests" },
        };
        ShownField[] shown = [new("address", "{}", false), new("interests", "[]", false), new("score", "{}", false), new("$.address.city", "\"Rome\"", false), new("$.interests[sports]", "true", false)];
        var found = CanaryComparison.Compare(expected, [Person([.. shown.Where(field => field.Name != part), .. value is null ? Array.Empty<ShownField>() : [new(part, value, false)]])], Of("birds"), Of(), isDue: true);
        Assert.That(Words(found), Is.EqualTo(finding is null ? [] : new[] { finding }));
    }

    [Test]
    public void Should_not_see_an_id_in_an_address_that_may_leave()
    {
        var hidden = _allowed with { MustNotLeave = ["anna@birds"] };
        Assert.That(CanaryComparison.Compare(hidden, [Person(_asAllowed[..2])], Of("birds"), Of(), isDue: true), Is.Empty);
        Assert.That(CanaryComparison.Compare(hidden, [Person([.. _asAllowed[..2], new("note", "\"anna@birds\"", true)])], Of("birds"), Of(), isDue: true).Single().Kind, Is.EqualTo(CanaryFinding.NotAllowed));
    }

    [Test]
    public void Should_find_memberships_that_are_missing_and_those_that_must_not_be()
    {
        Assert.That(Words(CanaryComparison.Compare(_allowed with { MustNotLeave = [] }, [Person(_asAllowed)], Of("customers"), Of(), isDue: false)), Is.EqualTo(new[] { "not_a_member birds", "must_not_be_a_member customers" }));
    }

    [Test]
    public void Should_find_whoever_denied_and_is_there()
    {
        var denied = _allowed with { IsAllowed = false };
        Assert.That(CanaryComparison.Compare(denied, [], Of(), Of(), isDue: true), Is.Empty, "nobody is there, as policy says");
        Assert.That(Words(CanaryComparison.Compare(denied with { MustNotLeave = [] }, [Person(_asAllowed)], Of("birds"), Of(), isDue: false)), Is.EqualTo(new[] { "must_not_be_there person", "must_not_be_a_member birds" }));
    }

    [TestCase(true, false, true, "must_not_be_subscribed marketing_email")]
    [TestCase(true, false, false, "different marketing_email", Description = "an opt-out takes its time")]
    [TestCase(false, true, true, "opted_out marketing_email")]
    [TestCase(true, true, true, null)]
    [TestCase(true, null, true, null, Description = "the vendor does not say")]
    [TestCase(null, false, true, null)]
    public void Should_hold_the_opt_out_against_what_she_decided(bool? expected, bool? shown, bool isDue, string? finding) => Assert.That(
        Words(CanaryComparison.Compare(_allowed with { MustNotLeave = [], IsOptedOut = expected }, [Person(_asAllowed) with { IsOptedOut = shown }], Of("birds"), Of(), isDue)),
        Is.EqualTo(finding is null ? [] : new[] { finding }));

    [Test]
    public void Should_say_who_is_nobody_or_two_or_cannot_be_mapped()
    {
        Assert.That(Words(CanaryComparison.Compare(_allowed, [], Of(), Of(), isDue: true)), Is.EqualTo(new[] { "not_there person" }));
        Assert.That(Words(CanaryComparison.Compare(_allowed with { MustNotLeave = [] }, [Person(_asAllowed), Person(_asAllowed)], Of("birds"), Of(), isDue: true)), Is.EqualTo(new[] { "doubled person" }));
        Assert.That(Words(CanaryComparison.Compare(_allowed with { Unmappable = "dob:date_malformed" }, [], Of(), Of(), isDue: true)), Is.EqualTo(new[] { "unmappable dob:date_malformed" }));
    }

    private static string[] Compare(ShownPerson shown) => Words(CanaryComparison.Compare(_allowed with { MustNotLeave = [] }, [shown], Of("birds"), Of(), isDue: true));

    private static string[] Words(IReadOnlyList<CanaryFinding> findings) => [.. findings.Select(finding => $"{finding.Kind} {finding.What}")];

    private static ShownPerson Person(IReadOnlyList<ShownField> fields) => new("7", fields);

    private static ShownPerson Shown(string field, string? value = null) =>
        Person([.. _asAllowed.Where(known => known.Name != field), .. value is null ? Array.Empty<ShownField>() : [new ShownField(field, value, false)]]);

    private static HashSet<string> Of(params string[] names) => [.. names];
}

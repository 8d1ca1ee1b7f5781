using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Tests.Delivery;

namespace Hub.Tests.Mapping;

/// <summary>Fields that are made of several attributes, of none, or of another one where the first has no value.</summary>
public sealed class When_a_field_is_made_of_several
{
    [TestCase("""{"first":"Ada","last":"Byron"}""", "Ada, Byron")]
    [TestCase("""{"last":"Byron","first":" Ada "}""", "Ada, Byron", Description = "in the mapping's order, without what is white at the ends")]
    [TestCase("""{"first":"Ada"}""", "Ada", Description = "without a separator that separates nothing")]
    [TestCase("""{"first":"NA","last":"Byron"}""", "Byron")]
    [TestCase("""{"first":" ","last":null}""", "(none)")]
    [TestCase("""{"first":7,"last":true}""", "7, true")]
    [TestCase("""{"first":"Ada","last":["Byron"]}""", "!value_not_scalar")]
    [TestCase("{}", "(none)")]
    public void Should_join_those_that_have_a_value(string json, string expected) =>
        Assert.That(Show(Of(["first", "last"], MappedType.Text) with { Combine = Combination.Concat, Separator = ", ", NullWords = ["NA"] }, json), Is.EqualTo(expected));

    [TestCase("""{"work":"5","home":"6"}""", "5")]
    [TestCase("""{"home":"6","work":"5"}""", "5", Description = "the mapping's order counts, not the person's")]
    [TestCase("""{"home":"6"}""", "6")]
    [TestCase("""{"work":"NA","home":"6"}""", "6")]
    [TestCase("""{"work":null,"home":6.5}""", "6.5", Description = "a number keeps JSON's decimal sign, whatever the field's is")]
    [TestCase("""{"work":"6,5"}""", "6.5")]
    [TestCase("""{"work":"five","home":"6"}""", "!number_malformed", Description = "a wrong value is not passed over")]
    [TestCase("""{"work":{},"home":"6"}""", "!value_not_scalar")]
    [TestCase("{}", "(none)")]
    public void Should_take_the_first_that_has_a_value(string json, string expected) =>
        Assert.That(Show(Of(["work", "home"], MappedType.Number) with { Decimal = DecimalSign.Comma, NullWords = ["NA"] }, json), Is.EqualTo(expected));

    [TestCase("""{"asked":true}""", "true")]
    [TestCase("""{"opted":false,"asked":true}""", "false")]
    [TestCase("""{"opted":null,"asked":true}""", "true")]
    public void Should_take_a_truth_value_for_one_whatever_the_words_are(string json, string expected) =>
        Assert.That(Show(Of(["opted", "asked"], MappedType.Boolean) with { TrueWords = ["Y"], FalseWords = ["N"] }, json), Is.EqualTo(expected));

    [TestCase("""{"mobile":"030 901820","land":"DE"}""", "+4930901820")]
    [TestCase("""{"home":"030 901820","land":"DE"}""", "+4930901820")]
    [TestCase("""{"home":"030 901820"}""", "!phone_country_unknown")]
    public void Should_read_the_first_number_by_the_country_that_stands_beside_it(string json, string expected) =>
        Assert.That(Show(Of(["mobile", "home"], MappedType.Phone) with { CountryFrom = "land" }, json), Is.EqualTo(expected));

    [TestCase("""{"plan":"gold"}""", "GOLD")]
    [TestCase("{}", "none", Description = "as it is: it is the vendor's word")]
    [TestCase("""{"plan":""}""", "none")]
    [TestCase("""{"plan":[]}""", "!value_not_scalar", Description = "a wrong value is no missing one")]
    public void Should_give_whoever_has_none_the_default(string json, string expected) =>
        Assert.That(Show(Mappings.Field("plan", "plan", MappedType.Text) with { Default = FieldValue.Of("none"), Transforms = [TextTransform.Upper], OnNull = NullRule.Clear }, json), Is.EqualTo(expected));

    [TestCase("{}")]
    [TestCase("""{"":"x","constant":"y"}""")]
    public void Should_be_the_same_for_everybody_where_it_is_a_constant(string json) =>
        Assert.That(Show(Always("hub"), json), Is.EqualTo("hub"));

    [Test]
    public void Should_change_the_content_when_any_source_changes()
    {
        var mapping = Mappings.Compile(Of(["first", "last"], MappedType.Text) with { Combine = Combination.Concat, Separator = " " });
        string[] hashes = [.. new[] { """{"first":"A","last":"B"}""", """{"first":"A","last":"C"}""", """{"first":"X","last":"B"}""" }.Select(json => mapping.Map(new ProfileView("1", null, null, json)).ContentHash.ToString()!)];
        Assert.That(hashes, Is.Unique);
    }

    /// <summary>A field leaves as far as the strictest of its sources may.</summary>
    [TestCase(FieldHandling.Send, FieldHandling.Send, FieldHandling.Send)]
    [TestCase(FieldHandling.Send, FieldHandling.Hash, FieldHandling.Hash)]
    [TestCase(FieldHandling.Drop, FieldHandling.Hash, FieldHandling.Drop)]
    public void Should_leave_as_far_as_all_its_sources_may(object first, object last, object expected)
    {
        var decision = Policy(("first", (FieldHandling)first), ("last", (FieldHandling)last)).Decide(Of(["first", "last"], MappedType.Text));
        Assert.That(decision.Handling, Is.EqualTo(expected));
    }

    [Test]
    public void Should_stay_here_when_nobody_decided_about_one_of_its_sources()
    {
        var decision = Policy(("first", FieldHandling.Send)).Decide(Of(["first", "last"], MappedType.Text) with { Combine = Combination.Concat });
        Assert.That((decision.Handling, decision.IsWithheld), Is.EqualTo((FieldHandling.Drop, true)));
    }

    [Test]
    public void Should_be_as_sensitive_as_the_most_sensitive_of_its_sources()
    {
        var policy = Policy(("gender", FieldHandling.Send), ("first", FieldHandling.Hash));
        Assert.That(policy.Decide(Of(["first", "gender"], MappedType.Text)), Is.EqualTo(new FieldDecision(FieldHandling.Hash, PolicyCode.Line, FieldClassification.Sensitive, Acme.Purpose)));
    }

    [Test]
    public void Should_need_no_line_for_a_constant() =>
        Assert.That(Policy().Decide(Always("hub")), Is.EqualTo(new FieldDecision(FieldHandling.Send, PolicyCode.Constant, FieldClassification.Public, null)));

    private static FieldMapping Of(string[] sources, MappedType type) => Mappings.Field(sources[0], "made", type) with { Beside = sources[1..] };

    private static FieldMapping Always(string word) => Mappings.Field("", "made", MappedType.Text) with { Constant = FieldValue.Of(word) };

    private static string Show(FieldMapping field, string json) => Mappings.Show(Mappings.Compile(field).Map(new ProfileView("1", null, null, json)));

    private static FieldPolicy Policy(params (string Attribute, FieldHandling Handling)[] lines)
    {
        var configuration = Acme.Hub();
        return FieldPolicy.For(
            configuration with
            {
                Policy = new PolicyRules(
                    new Dictionary<string, FieldClassification> { ["gender"] = FieldClassification.Sensitive },
                    new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>>
                    {
                        [Acme.Name] = new Dictionary<string, IReadOnlyDictionary<string, FieldHandling>> { [Acme.Purpose] = lines.ToDictionary(line => line.Attribute, line => line.Handling) },
                    }),
            },
            configuration.Destinations[Acme.Name]);
    }
}

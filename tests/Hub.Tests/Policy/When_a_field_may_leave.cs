using FsCheck;
using FsCheck.Fluent;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Policy;

/// <summary>What of a person may leave for a destination, and why.</summary>
public sealed class When_a_field_may_leave
{
    private const string Mail = "email_marketing";
    private const string Share = "partner_sharing";

    [TestCase("plan", nameof(FieldHandling.Send), PolicyCode.Mapped)]
    [TestCase("city", nameof(FieldHandling.Send), PolicyCode.Mapped)]
    [TestCase("unheard_of", nameof(FieldHandling.Send), PolicyCode.Mapped)]
    [TestCase("gender", nameof(FieldHandling.Send), PolicyCode.Mapped)]
    public void Should_leave_as_mapped_where_nobody_wrote_a_policy(string attribute, string handling, string code)
    {
        var decision = FieldPolicy.For(Configuration(null), Destination(Mail)).Decide(attribute);
        Assert.That((decision.Handling.ToString(), decision.Code), Is.EqualTo((handling, code)));
    }

    [TestCase("city", nameof(FieldHandling.Hash), PolicyCode.Line, nameof(FieldClassification.Personal), Mail)]
    [TestCase("plan", nameof(FieldHandling.Send), PolicyCode.Others, nameof(FieldClassification.Public), Mail)]
    [TestCase("unheard_of", nameof(FieldHandling.Send), PolicyCode.Others, nameof(FieldClassification.Personal), Mail)]
    [TestCase("gender", nameof(FieldHandling.Drop), PolicyCode.Sensitive, nameof(FieldClassification.Sensitive), Mail)]
    [TestCase("income", nameof(FieldHandling.Send), PolicyCode.Line, nameof(FieldClassification.Sensitive), Mail)]
    [TestCase("age", nameof(FieldHandling.Drop), PolicyCode.Line, nameof(FieldClassification.Personal), Mail)]
    public void Should_be_decided_by_its_own_line_before_that_of_all_others(string attribute, string handling, string code, string classification, string purpose)
    {
        var configuration = Configuration(Lines((Mail, [("*", FieldHandling.Send), ("city", FieldHandling.Hash), ("income", FieldHandling.Send), ("age", FieldHandling.Drop)])));
        var decision = FieldPolicy.For(configuration, Destination(Mail)).Decide(attribute);
        Assert.That(decision, Is.EqualTo(new FieldDecision(Enum.Parse<FieldHandling>(handling), code, Enum.Parse<FieldClassification>(classification), purpose)));
        Assert.That(decision.IsWithheld, Is.EqualTo(code == PolicyCode.Sensitive), "a line that says drop is a decision");
    }

    [Test]
    public void Should_stay_where_no_line_decides()
    {
        var configuration = Configuration(Lines((Mail, [("city", FieldHandling.Send)])));
        Assert.That(FieldPolicy.For(configuration, Destination(Mail)).Decide("plan"), Is.EqualTo(new FieldDecision(FieldHandling.Drop, PolicyCode.NotNamed, FieldClassification.Public, Mail)));
        Assert.That(FieldPolicy.For(configuration, Destination(Share)).Decide("city").IsWithheld, Is.True, "another purpose");
        Assert.That(FieldPolicy.For(configuration, Destination(Mail) with { Name = "other" }).Decide("city").IsWithheld, Is.True, "another destination");
        Assert.That(FieldPolicy.For(configuration, Destination()).Decide("city").IsWithheld, Is.True, "no purpose at all");
    }

    [TestCase(nameof(FieldHandling.Send), nameof(FieldHandling.Hash), nameof(FieldHandling.Hash))]
    [TestCase(nameof(FieldHandling.Hash), nameof(FieldHandling.Drop), nameof(FieldHandling.Drop))]
    [TestCase(nameof(FieldHandling.Drop), nameof(FieldHandling.Send), nameof(FieldHandling.Drop))]
    [TestCase(nameof(FieldHandling.Send), null, nameof(FieldHandling.Drop))]
    public void Should_leave_as_far_as_every_purpose_lets_it(string first, string? second, string expected)
    {
        var configuration = Configuration(Lines((Mail, [("city", Enum.Parse<FieldHandling>(first))]), (Share, second is { } said ? [("city", Enum.Parse<FieldHandling>(said))] : [])));
        foreach (var purposes in new[] { new[] { Mail, Share }, [Share, Mail] })
        {
            var decision = FieldPolicy.For(configuration, Destination(purposes)).Decide("city");
            Assert.That((decision.Handling.ToString(), decision.IsWithheld), Is.EqualTo((expected, second is null)));
        }
    }

    /// <summary>A further purpose never lets more leave, and what is sensitive leaves only where every purpose has a line for it.</summary>
    [FsCheck.NUnit.Property(MaxTest = 300)]
    public FsCheck.Property Should_never_leave_more_for_one_more_purpose()
    {
        string[] attributes = ["city", "plan", "gender", "*"];
        var lines = Gen.Choose(0, 3).ArrayOf(attributes.Length).Select(said => attributes.Zip(said).Where(line => line.Second < 3).Select(line => (line.First, (FieldHandling)line.Second)).ToArray());
        return Prop.ForAll(Arb.From(lines.Two()), both =>
        {
            var configuration = Configuration(Lines((Mail, both.Item1), (Share, both.Item2)));
            var (one, other, all) = (FieldPolicy.For(configuration, Destination(Mail)), FieldPolicy.For(configuration, Destination(Share)), FieldPolicy.For(configuration, Destination(Mail, Share)));
            return attributes.SkipLast(1).All(attribute => all.Decide(attribute).Handling == (FieldHandling)Math.Max((int)one.Decide(attribute).Handling, (int)other.Decide(attribute).Handling))
                && (all.Decide("gender").Handling == FieldHandling.Drop || new[] { both.Item1, both.Item2 }.All(said => said.Any(line => line.First == "gender")));
        });
    }

    [TestCase("price", nameof(FieldHandling.Send))]
    [TestCase("city", nameof(FieldHandling.Hash))]
    [TestCase("age", nameof(FieldHandling.Drop))]
    [TestCase("gender", nameof(FieldHandling.Drop))]
    public void Should_tell_a_property_of_an_event_that_the_destinations_file_names_unless_it_is_sensitive_or_a_line_says_otherwise(string property, string handling)
    {
        var configuration = Configuration(Lines((Mail, [("city", FieldHandling.Hash), ("age", FieldHandling.Drop)])));
        Assert.That(FieldPolicy.For(configuration, Destination(Mail)).DecideProperty(property).Handling.ToString(), Is.EqualTo(handling));
    }

    [Test]
    public void Should_take_the_most_sensitive_class_where_files_differ() =>
        Assert.That(Classifications.Of(Configuration(Lines()) with { Policy = new PolicyRules(new Dictionary<string, FieldClassification> { ["gender"] = FieldClassification.Public }, Lines()) }).Of("gender"), Is.EqualTo(FieldClassification.Sensitive));

    private static Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>> Lines(params (string Purpose, (string Attribute, FieldHandling Handling)[] Lines)[] purposes) => new()
    {
        [Acme.Name] = purposes.ToDictionary(purpose => purpose.Purpose, purpose => (IReadOnlyDictionary<string, FieldHandling>)purpose.Lines.ToDictionary(line => line.Attribute, line => line.Handling)),
    };

    private static HubConfiguration Configuration(IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>>? lines) => Acme.Hub(extra:
    [
        new FieldMapping { From = "plan", To = "plan", Type = MappedType.Text, Classification = FieldClassification.Public },
        new FieldMapping { From = "gender", To = "sex", Type = MappedType.Text, Classification = FieldClassification.Sensitive },
        new FieldMapping { From = "income", To = "income", Type = MappedType.Text, Classification = FieldClassification.Sensitive },
        new FieldMapping { From = "age", To = "age", Type = MappedType.Text },
    ]) with
    { Policy = lines is null ? null : new PolicyRules(new Dictionary<string, FieldClassification>(), lines) };

    private static DestinationConfiguration Destination(params string[] purposes) => Acme.Hub().Destinations[Acme.Name] with { Purposes = purposes };
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Ownership;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Tests.Policy;

/// <summary>What is said of a policy and of owners that are allowed and may not be meant, word by word, and how single lines decide.</summary>
public sealed class When_lines_may_not_be_meant
{
    private const string Mail = "email_marketing";
    private const string Share = "partner_sharing";

    [Test]
    public void Should_name_what_nobody_classified() => Assert.That(PolicyWarnings.Of(Hub(null, Field("b"), Field("a"), Field("b"))), Is.EqualTo(new[]
    {
        "Nobody classified a, b: taken to be personal. Write public, personal or sensitive for each under attributes of policy.yaml, or as classification in the mapping.",
    }));

    [TestCase("gender", "gender, which is sensitive")]
    [TestCase("income gender", "gender, income, which are sensitive")]
    public void Should_name_what_is_sensitive_and_has_no_policy(string attributes, string said)
    {
        FieldMapping[] fields = [.. attributes.Split(' ').Select(name => Field(name, FieldClassification.Sensitive))];
        Assert.That(PolicyWarnings.Of(Hub(null, fields)), Is.EqualTo(new[] { $"Mappings send {said}, and there is no policy.yaml that says for whom and what for. Write one, with send, hash or drop for each under destinations: NAME: PURPOSE." }));
    }

    [TestCase("external_id", "city would be sent and no line of policy.yaml lets it leave for email_marketing: withheld")]
    [TestCase("none", "external_id, city would be sent and no line of policy.yaml lets them leave for email_marketing: withheld")]
    public void Should_name_what_no_line_lets_leave(string named, string said)
    {
        var vendors = Field("stage", FieldClassification.Public) with { Owner = FieldOwner.Vendor };
        Assert.That(PolicyWarnings.Of(Hub(Lines((Mail, [(named, FieldHandling.Send)])), vendors)), Is.EqualTo(new[]
        {
            $"destinations/acme.yaml: {said}, and every record says so. Write send, hash or drop for each under destinations: acme, or do not map it.",
        }), "the field is the vendor's and not sent");
    }

    [Test]
    public void Should_tell_destination_by_destination()
    {
        var hub = Hub(Lines((Mail, [("*", FieldHandling.Send)])));
        var acme = hub.Destinations[Acme.Name];
        var warnings = PolicyWarnings.Of(hub with { Destinations = new Dictionary<string, DestinationConfiguration> { ["b"] = acme with { Name = "b", Purposes = [Mail, Share] }, [Acme.Name] = acme, ["a"] = acme with { Name = "a" } } });
        Assert.That(warnings.Select(warning => warning.Split(':')[0]), Is.EqualTo(new[] { "destinations/a.yaml", "destinations/b.yaml" }));
        Assert.That(warnings[1], Does.Contain("lets them leave for email_marketing and partner_sharing: withheld"));
    }

    [Test]
    public void Should_name_owners_whom_nobody_knows()
    {
        var warnings = OwnershipWarnings.Of(Owned(("plan", "crm"), ("city", "crm"), ("age", "list:customers"), ("zip", "vendor:acme"), ("sex", "abc"), ("size", "list:custmers")));
        const string Rest = "is no source of sources/*.yaml and no list: its facts have to name it as their producer. ";
        const string End = "Where nobody calls itself so, nobody can change what it owns.";
        Assert.That(warnings, Is.EqualTo(new[]
        {
            $"ownership.yaml: abc, the system of record of sex, {Rest}{End}", $"ownership.yaml: crm, the system of record of city, plan, {Rest}{End}",
            $"ownership.yaml: list:custmers, the system of record of size, {Rest}Did you mean list:customers? {End}",
        }));
    }

    [Test]
    public void Should_name_lists_that_bring_what_is_not_theirs()
    {
        var hub = Owned(("plan", "vendor:acme"), ("city", "list:a"), ("zip", "list:b"));
        AudienceConfiguration List(string key, params string[] attributes) =>
            hub.Audiences["customers"] with { Key = key, Columns = [new SnapshotColumn("Id", ColumnRole.ExternalId, null), .. attributes.Select(name => new SnapshotColumn(name, ColumnRole.Attribute, name))] };
        var warnings = OwnershipWarnings.Of(hub with { Audiences = new Dictionary<string, AudienceConfiguration> { ["b"] = List("b", "plan", "city", "zip", "city"), ["a"] = List("a", "city", "plan", "other") } });
        Assert.That(warnings, Is.EqualTo(new[]
        {
            "audiences/a.yaml: its lists bring plan, which belongs to vendor:acme by ownership.yaml: not taken. Ignore the columns, or write system_of_record: list:a or conflict: newest.",
            "audiences/b.yaml: its lists bring plan, city, which belong to vendor:acme and list:a by ownership.yaml: not taken. Ignore the columns, or write system_of_record: list:b or conflict: newest.",
        }));
    }

    [Test]
    public void Should_pass_over_the_columns_of_what_belongs_to_somebody_else()
    {
        var rules = Owned(("plan", "crm"), ("zip", "list:customers")).Ownership!;
        SnapshotColumn[] columns = [new("Id", ColumnRole.ExternalId, null), new("Plan", ColumnRole.Attribute, "plan"), new("Zip", ColumnRole.Attribute, "zip"), new("City", ColumnRole.Attribute, "city"), new("Yes", ColumnRole.Consent, "plan")];
        Assert.That(rules.OwnedBy(Hub(null).Audiences["customers"] with { Columns = columns }).Columns, Is.EqualTo(new[]
        {
            columns[0], new SnapshotColumn("Plan", ColumnRole.Ignored, null), columns[2], columns[3], columns[4],
        }));
    }

    [TestCase("OwnerWins", "Mutable", "crm", true, true, true)]
    [TestCase("OwnerWins", "Mutable", "shop", false, false, false)]
    [TestCase("OwnerWins", "Mutable", "CRM", false, false, false)]
    [TestCase("Newest", "Mutable", "shop", true, true, true)]
    [TestCase("Flag", "Mutable", "shop", true, false, false)]
    [TestCase("Flag", "Mutable", "crm", true, true, true)]
    [TestCase("OwnerWins", "FillEmpty", "shop", true, true, false)]
    [TestCase("OwnerWins", "FillEmpty", "crm", true, true, true)]
    [TestCase("OwnerWins", "Immutable", "crm", true, true, false)]
    [TestCase("Newest", "WriteOnce", "shop", true, true, false)]
    [TestCase("OwnerWins", "Immutable", "shop", false, false, false)]
    public void Should_let_a_producer_state_take_and_change(string conflict, string mutability, string producer, bool admits, bool takes, bool mayChange)
    {
        var owned = new AttributeOwnership("crm", Enum.Parse<ConflictRule>(conflict)) { Mutability = Enum.Parse<AttributeMutability>(mutability) };
        Assert.That((owned.Admits(producer), owned.Takes(producer), owned.MayChange(producer)), Is.EqualTo((admits, takes, mayChange)));
        Assert.That(owned.IsRuled, Is.EqualTo(mutability != "Mutable" || conflict == "Flag"));
    }

    [Test]
    public void Should_let_a_field_leave_as_far_as_the_strictest_of_its_sources()
    {
        var policy = Of([Mail], Lines((Mail, [("city", FieldHandling.Hash), ("plan", FieldHandling.Send), ("gender", FieldHandling.Send), ("age", FieldHandling.Drop)])));
        FieldMapping Made(params string[] sources) => Field(sources[0]) with { Beside = sources[1..] };
        Assert.That(policy.Decide(Made("plan", "city")).Handling, Is.EqualTo(FieldHandling.Hash));
        Assert.That(policy.Decide(Made("city", "plan")).Handling, Is.EqualTo(FieldHandling.Hash));
        Assert.That(policy.Decide(Made("age", "plan")), Has.Property("Handling").EqualTo(FieldHandling.Drop).And.Property("IsWithheld").False);
        Assert.That(policy.Decide(Made("age", "unheard_of")).IsWithheld, Is.True, "what no line decides stays");
        Assert.That(policy.Decide(Made("unheard_of", "age")).IsWithheld, Is.True);
        Assert.That(policy.Decide(Made("plan", "gender")).Classification, Is.EqualTo(FieldClassification.Sensitive), "the most sensitive of them");
        Assert.That(policy.Decide(Field("") with { Constant = FieldValue.Of("x") }), Is.EqualTo(new FieldDecision(FieldHandling.Send, PolicyCode.Constant, FieldClassification.Public, null)));
    }

    [Test]
    public void Should_name_the_purpose_that_decides()
    {
        var lines = Lines((Mail, [("city", FieldHandling.Send), ("plan", FieldHandling.Send)]), (Share, [("city", FieldHandling.Send), ("plan", FieldHandling.Hash), ("age", FieldHandling.Drop)]));
        Assert.That((Of([Mail, Share], lines).Decide("city").Purpose, Of([Share, Mail], lines).Decide("city").Purpose), Is.EqualTo((Mail, Share)), "the first of those that say the same");
        Assert.That((Of([Mail, Share], lines).Decide("plan").Purpose, Of([Share, Mail], lines).Decide("plan").Purpose), Is.EqualTo((Share, Share)), "the strictest");
        Assert.That((Of([Share, Mail], lines).Decide("age").IsWithheld, Of([Mail, Share], lines).Decide("age").Purpose), Is.EqualTo((true, Mail)), "no line is stricter than one that says drop");
    }

    private static FieldPolicy Of(string[] purposes, Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>> lines)
    {
        var hub = Hub(lines, Field("plan", FieldClassification.Public), Field("gender", FieldClassification.Sensitive), Field("age"));
        return FieldPolicy.For(hub, hub.Destinations[Acme.Name] with { Purposes = purposes });
    }

    private static FieldMapping Field(string from, FieldClassification? classification = null) => new() { From = from, To = from.Length == 0 ? "constant" : from, Type = MappedType.Text, Classification = classification };

    private static HubConfiguration Hub(IReadOnlyDictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>>? lines, params FieldMapping[] fields) =>
        Acme.Hub(extra: fields) with { Policy = lines is null ? null : new PolicyRules(new Dictionary<string, FieldClassification>(), lines) };

    private static HubConfiguration Owned(params (string Attribute, string Owner)[] owned) =>
        Acme.Hub() with { Ownership = new OwnershipRules(owned.ToDictionary(one => one.Attribute, one => new AttributeOwnership(one.Owner, ConflictRule.OwnerWins))) };

    private static Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>> Lines(params (string Purpose, (string Attribute, FieldHandling Handling)[] Lines)[] purposes) => new()
    {
        [Acme.Name] = purposes.ToDictionary(purpose => purpose.Purpose, purpose => (IReadOnlyDictionary<string, FieldHandling>)purpose.Lines.ToDictionary(line => line.Attribute, line => line.Handling)),
    };
}

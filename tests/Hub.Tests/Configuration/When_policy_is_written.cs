using System.Text.Json.Nodes;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Policy;

namespace Hub.Tests.Configuration;

/// <summary><c>policy.yaml</c>, and what holds without it.</summary>
public sealed class When_policy_is_written
{
    private const string Policy = "policy.yaml";
    private const string Braze = "destinations:\n  braze:\n    email_marketing:\n";

    [Test]
    public void Should_let_the_samples_leave_as_they_say()
    {
        using var folder = new ConfigurationFixture();
        var configuration = folder.LoadWell();
        Assert.That(PolicyWarnings.Of(configuration), Is.Empty);
        Assert.That(FieldPolicy.For(configuration, configuration.Destinations["braze"]).Decide("gender"), Is.EqualTo(new FieldDecision(FieldHandling.Send, PolicyCode.Line, FieldClassification.Sensitive, "email_marketing")));
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(folder.Read(Policy))), Is.True);
    }

    [Test]
    public void Should_name_what_is_sensitive_and_leaves_by_a_mapping_alone()
    {
        using var folder = new ConfigurationFixture();
        var warnings = PolicyWarnings.Of(folder.Delete(Policy).LoadWell());
        Assert.That(warnings.Single(), Does.StartWith("Mappings send annual_income, gender, marital_status, total_children, which are sensitive, and there is no policy.yaml"));
    }

    [Test]
    public void Should_name_what_nobody_classified()
    {
        using var folder = new ConfigurationFixture();
        foreach (var mapping in new[] { "braze", "hubspot", "marketo" })
        {
            folder.Replace($"mappings/{mapping}.yaml", "    transforms: [trim]\n    classification: personal\n  - from: home_owner", "    transforms: [trim]\n  - from: home_owner");
        }

        var warnings = PolicyWarnings.Of(folder.LoadWell());
        Assert.That(warnings.Single(), Does.StartWith("Nobody classified occupation: taken to be personal."));
        Assert.That(PolicyWarnings.Of(folder.Replace(Policy, "attributes:\n", "attributes:\n  occupation: personal\n").LoadWell()), Is.Empty);
    }

    [Test]
    public void Should_name_properties_of_events_that_are_sensitive_too()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(PolicyWarnings.Of(folder.Replace(Policy, "category: public", "category: sensitive").LoadWell())[0], Does.StartWith("destinations/braze.yaml: category would be sent"));
    }

    [TestCase("atributes: {}\n", 1, "atributes is not a known key.", "attributes")]
    [TestCase("attributes:\n  gender: secret\n", 2, "attributes.gender cannot be secret.", "public, personal, sensitive")]
    [TestCase("attributes:\n  gendr: sensitive\n", 2, "Nothing reads an attribute gendr", "gender")]
    [TestCase("destinations:\n  brase: {}\n", 2, "There is no destination brase.", "Did you mean braze? Known: braze, hubspot, marketo.")]
    [TestCase("destinations:\n  braze:\n    mail_marketing: {}\n", 3, "The destination braze does not serve the purpose mail_marketing.", "Its purposes are: email_marketing.")]
    [TestCase(Braze + "      \"*\": send\n      gendr: drop\n", 5, "braze has nothing that is made of gendr", "gender")]
    [TestCase(Braze + "      \"*\": send\n      gender: keep\n", 5, "destinations.braze.email_marketing.gender cannot be keep.", "send, hash, drop")]
    [TestCase(Braze + "      \"*\": hash\n", 4, "destinations.braze.email_marketing.* cannot be hash: whether a field can take a hash is said field by field.", "Write send or drop, and hash for the attributes that it is meant for.")]
    [TestCase(Braze + "      \"*\": send\n      date_of_birth: hash\n", 5, "destinations.braze.email_marketing.date_of_birth cannot be hash: only a text, an e-mail address or a phone number that a mapping writes can be sent as a hash.", "map the attribute as text")]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(Policy, text).Load().Errors.First(e => e.File == Policy);
        Assert.That(error.Line, Is.EqualTo(line));
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
    }

    [Test]
    public void Should_say_no_more_of_a_purpose_that_the_destination_does_not_serve()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.Write(Policy, "destinations:\n  braze:\n    mail_marketing: { gendr: drop }\n").Load().Errors.Where(e => e.File == Policy), Has.Exactly(1).Items);
    }

    [Test]
    public void Should_have_lines_for_properties_of_events_too()
    {
        using var folder = new ConfigurationFixture();
        Assert.That(folder.Write(Policy, Braze + "      \"*\": send\n      category: drop\n").Load().Errors.Where(e => e.File == Policy), Is.Empty);
    }

    [Test]
    public void Should_refuse_a_class_that_the_mapping_contradicts()
    {
        using var folder = new ConfigurationFixture();
        folder.Replace("mappings/braze.yaml", "fields:", "event_attributes: [occupation]\nfields:");
        var error = folder.Replace(Policy, "attributes:\n", "attributes:\n  occupation: public\n").Load().Errors.First(e => e.File == "mappings/braze.yaml");
        Assert.That((error.Problem, error.Fix, error.Line), Is.EqualTo(("The attribute occupation is personal here and public in policy.yaml.", "Say it once, under attributes of policy.yaml, or say the same everywhere.", folder.LineOf("mappings/braze.yaml", "fields:"))));
    }

    [TestCase("atributes: {}\n")]
    [TestCase("attributes: { gender: secret }\n")]
    [TestCase("destinations: { braze: { email_marketing: { gender: keep } } }\n")]
    [TestCase("destinations: { braze: { email_marketing: { \"*\": hash } } }\n")]
    public void Should_be_marked_by_an_editor_too(string text)
    {
        using var folder = new ConfigurationFixture();
        Assert.That(JsonSchemas.IsValid(Schema(folder), JsonSchemas.FromYaml(text)), Is.False);
    }

    [TestCase("{ \"*\": drop }", "which does not leave by policy.yaml (email_marketing)")]
    [TestCase("{ \"*\": send, external_id: hash }", "which leaves only as a hash by policy.yaml (email_marketing)")]
    [TestCase("{ email: send }", "which does not leave by policy.yaml (email_marketing)")]
    public void Should_refuse_to_keep_the_key_by_which_people_are_told(string lines, string problem)
    {
        using var folder = new ConfigurationFixture();
        folder.Write(Policy, $"destinations:\n  braze: {{ email_marketing: {lines} }}\n  hubspot: {{ email_marketing: {{ \"*\": send }} }}\n  marketo: {{ email_marketing: {{ \"*\": send }} }}\n");
        var error = folder.LoadBadly();
        Assert.That((error.File, error.Problem), Is.EqualTo(("destinations/braze.yaml", $"The identity key external_id of braze is made of external_id, {problem}.")));
        Assert.That((error.Line, error.Fix), Is.EqualTo((folder.LineOf("destinations/braze.yaml", "mapping: braze"), "Write external_id: send for braze and each of its purposes (email_marketing) in policy.yaml, or take another identity key.")));
    }

    /// <summary>A destination without a purpose has no line that could let anything leave.</summary>
    [Test]
    public void Should_refuse_to_keep_the_key_where_nobody_says_what_for()
    {
        using var folder = new ConfigurationFixture();
        var errors = folder.Replace("destinations/braze.yaml", "purposes: [email_marketing]", "purposes: []").Load().Errors;
        Assert.That(errors.Where(error => error.File == Policy), Is.Empty, "its lines may be of a purpose to come");
        Assert.That(errors.Where(error => error.File == "destinations/braze.yaml").Select(error => error.Problem), Has.One.EqualTo("The identity key external_id of braze is made of external_id, which does not leave by policy.yaml."));
    }

    [Test]
    public void Should_name_every_purpose_of_a_destination()
    {
        using var folder = new ConfigurationFixture();
        var errors = folder.Replace("destinations/braze.yaml", "purposes: [email_marketing]", "purposes: [email_marketing, partner_sharing]")
            .Write(Policy, "destinations:\n  braze: { email_marketing: { \"*\": send }, nothing: {} }\n  hubspot: { email_marketing: { \"*\": send } }\n  marketo: { email_marketing: { \"*\": send } }\n").Load().Errors;
        Assert.That(errors.Select(error => (error.File, error.Fix)), Is.EqualTo(new[]
        {
            ("destinations/braze.yaml", "Write external_id: send for braze and each of its purposes (email_marketing, partner_sharing) in policy.yaml, or take another identity key."),
            (Policy, "Its purposes are: email_marketing, partner_sharing."),
        }));
    }

    /// <summary>A column of a list is an attribute, whoever reads it; one of consent is none.</summary>
    [TestCase("Shoe: shoe_size", "shoe_size", 0)]
    [TestCase("News: consent.email_marketing", "email_marketing", 1)]
    public void Should_know_attributes_that_only_lists_bring(string column, string attribute, int errors)
    {
        using var folder = new ConfigurationFixture();
        var result = folder.Replace("audiences/customers.yaml", "  HomeOwner: home_owner\n", $"  HomeOwner: home_owner\n  {column}\n").Replace(Policy, "attributes:\n", $"attributes:\n  {attribute}: public\n").Load();
        Assert.That(result.Errors.Count(error => error.File == Policy), Is.EqualTo(errors), string.Join('\n', result.Errors));
    }

    [Test]
    public void Should_refuse_one_attribute_of_two_classes_in_one_mapping()
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Replace(
            "mappings/braze.yaml", "fields:\n",
            "event_attributes: [shoe]\nfields:\n  - { from: shoe, to: shoe, type: text, classification: public }\n  - { from: shoe, to: shoe_old, type: text, classification: personal }\n").LoadBadly();
        Assert.That((error.File, error.Problem), Is.EqualTo(("mappings/braze.yaml", "The attribute shoe is public here and personal in mappings/braze.yaml.")));
    }

    [Test]
    public void Should_refuse_one_attribute_of_two_classes()
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Replace("mappings/hubspot.yaml", "to: occupation\n    type: text\n    transforms: [trim]\n    classification: personal", "to: occupation\n    type: text\n    transforms: [trim]\n    classification: public").Load().Errors[0];
        Assert.That((error.File, error.Problem), Is.EqualTo(("mappings/hubspot.yaml", "The attribute occupation is public here and personal in mappings/braze.yaml.")));
    }

    private static JsonNode Schema(ConfigurationFixture folder) => JsonNode.Parse(folder.Read("schemas/policy.schema.json"))!;
}

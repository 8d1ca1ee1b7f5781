using System.Text.Json.Nodes;
using IntegrationHub.Identity;

namespace Hub.Tests.Configuration;

/// <summary><c>identity.yaml</c>.</summary>
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class When_people_shall_be_told_apart : IDisposable
{
    private const string Whole =
        """
        primary: external_id
        keys:
          crm_id: { precedence: 2, per_person: 1 }
          email: { precedence: 3, per_person: 5, normalise: [trim, lower], reuse_after: 90d }
        block: ["email:Info@*", "email:noreply@*"]
        shared_after: 7
        sources: { crm: authoritative }
        """;

    private readonly ConfigurationFixture _fixture = new();

    public void Dispose() => _fixture.Dispose();

    [Test]
    public void Should_take_the_defaults_without_a_file() => Assert.That(_fixture.LoadWell().Identity, Is.SameAs(IdentityRules.Default));

    [Test]
    public void Should_take_the_rules_of_the_file_as_the_schema_does()
    {
        var rules = _fixture.Write("identity.yaml", Whole).LoadWell().Identity;
        Assert.Multiple(() =>
        {
            Assert.That(rules.Keys, Is.EquivalentTo(new Dictionary<KeyKind, KeyRule> { [KeyKind.CrmId] = new(2, 1), [KeyKind.Email] = new(3, 5, 90) }));
            Assert.That(rules.SharedAfter, Is.EqualTo(7));
            Assert.That(rules.Authoritative, Is.EqualTo(new[] { "crm" }));
            Assert.That(rules.Blocks(PersonKey.Of(KeyKind.Email, "info@x.test")!.Value), Is.True, "in the normal form");
            Assert.That(rules.TellsPeople(KeyKind.DeviceId), Is.False);
            Assert.That(JsonSchemas.IsValid(JsonNode.Parse(_fixture.Read("schemas/identity.schema.json"))!, JsonSchemas.FromYaml(Whole)), Is.True);
        });
    }

    [TestCase(1, "primary: external_id", "primary: email", "The primary key cannot be email.", "Write external_id: two of them are two people.")]
    [TestCase(3, "crm_id: {", "crm: {", "There is no key crm.", "Keys with rules: crm_id, email, phone, anonymous_id, device_id.")]
    [TestCase(3, "crm_id: {", "account_id: {", "account_id is a group of people, not a key of one.", "Keys with rules: crm_id")]
    [TestCase(3, "precedence: 2, per", "per", "keys.crm_id.precedence is missing.", "Add precedence with a text.")]
    [TestCase(4, "precedence: 3", "precedence: 2", "keys.email.precedence is that of crm_id too.", "Give every key a precedence of its own")]
    [TestCase(3, "per_person: 1 ", "per_person: 0 ", "keys.crm_id.per_person is not a number from 1 to 1000.", "Write a number")]
    [TestCase(4, "[trim, lower]", "[upper]", "keys.email.normalise cannot be upper.", "Write [trim, lower] or remove it")]
    [TestCase(4, "90d", "3mo", "keys.email.reuse_after is not a number of days.", "Write for example 180d")]
    [TestCase(5, "email:noreply@*", "noreply@*", "block holds noreply@*, which is no kind of key with a text.", "Write for example \"email:noreply@*\"")]
    [TestCase(5, "email:noreply@*", "email:**", "block holds email:**, which is no kind of key with a text.", "Something besides * has to stand behind the colon.")]
    [TestCase(7, "crm: authoritative", "crm: yes", "sources.crm is not authoritative.", "leave it out: its merges are proposals then.")]
    [TestCase(6, "shared_after: 7", "shared_after: many", "shared_after is not a number from 1 to 200.", "Write a number")]
    public void Should_say_where_and_how_to_mend_it(int line, string good, string bad, string problem, string fix)
    {
        var text = Whole.Replace(good, bad, StringComparison.Ordinal);
        var errors = _fixture.Write("identity.yaml", text).Load().Errors;
        Assert.That(errors, Is.Not.Empty);
        Assert.Multiple(() =>
        {
            Assert.That(errors[0].Problem, Is.EqualTo(problem));
            Assert.That(errors[0].Fix, Does.Contain(fix));
            Assert.That((errors[0].File, errors[0].Line), Is.EqualTo(("identity.yaml", line)));
        });
    }
}

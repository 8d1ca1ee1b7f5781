using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Policy;
using IntegrationHub.Hub.Tests.Delivery;

namespace Hub.Tests.Mapping;

/// <summary>What policy makes of mapped values.</summary>
public sealed class When_policy_keeps_a_field
{
    private const string Person = """{"city":"Bonn","gender":"f","born":"2000-01-02"}""";

    [Test]
    public void Should_send_hash_drop_and_withhold_field_by_field()
    {
        var record = Map(("id_of", FieldHandling.Send), ("email", FieldHandling.Hash), ("phone", FieldHandling.Hash), ("city", FieldHandling.Drop));
        Assert.Multiple(() =>
        {
            Assert.That(record.Key, Is.EqualTo("7"), "the key leaves as it is");
            Assert.That(record.Fields.Select(static field => $"{field.Name}={field.Value}"), Is.EqualTo(new[]
            {
                $"mail={HashedValue.Of("jon@example.test")}", $"phone={HashedValue.Of("+12025550147")}",
            }), "normalised before it is hashed: trimmed and lower case, E.164");
            Assert.That(record.Withheld, Is.EqualTo(new[] { "sex", "dob" }), "what is dropped is decided, and said nowhere");
            Assert.That(record.Dropped, Is.Empty);
        });
    }

    [Test]
    public void Should_say_nothing_of_what_the_person_does_not_have() =>
        Assert.That(Map("{}", ("email", FieldHandling.Send), ("phone", FieldHandling.Send), ("city", FieldHandling.Send)).Withheld, Is.Empty);

    [Test]
    public void Should_be_another_content_and_another_version()
    {
        var (sent, hashed) = (Mapping(("email", FieldHandling.Send)), Mapping(("email", FieldHandling.Hash)));
        Assert.That(hashed.Version, Is.Not.EqualTo(sent.Version));
        Assert.That(hashed.Map(View(Person)).ContentHash, Is.Not.EqualTo(sent.Map(View(Person)).ContentHash));
        Assert.That(Mapping(("email", FieldHandling.Drop)).Version, Is.Not.EqualTo(Mapping().Version), "dropped is another thing than withheld");
    }

    /// <summary>A value that is not sent rejects nobody, whether it is missing or cannot be turned.</summary>
    [TestCase("{}")]
    [TestCase("""{"born":"yesterday"}""")]
    public void Should_reject_nobody_for_what_is_not_sent(string json) =>
        Assert.That(Map(json, ("email", FieldHandling.Send), ("born", FieldHandling.Drop)).Rejection, Is.Null);

    [Test]
    public void Should_clear_a_hashed_field_like_any_other()
    {
        var record = Map("{}", ("city", FieldHandling.Hash));
        Assert.That(record.Fields.Single().Value.Kind, Is.EqualTo(IntegrationHub.Connectors.Abstractions.FieldKind.Null));
    }

    [Test]
    public void Should_still_know_the_number_under_which_an_opt_out_of_text_messages_is_told()
    {
        Assert.That(Mapping(("phone", FieldHandling.Drop)).PhoneOf(View(Person), out var phone), Is.EqualTo(MappingFailure.None));
        Assert.That(phone, Is.EqualTo("+12025550147"));
    }

    private static MappedRecord Map(params (string, FieldHandling)[] lines) => Map(Person, lines);

    private static MappedRecord Map(string json, params (string, FieldHandling)[] lines) => Mapping(lines).Map(View(json));

    private static ProfileView View(string json) => new("7", " Jon@Example.TEST ", "(202) 555-0147", json);

    private static DestinationMapping Mapping(params (string Attribute, FieldHandling Handling)[] lines)
    {
        var said = lines.Where(line => line.Attribute != "id_of").Append((Attribute: CanonicalSource.ExternalId, Handling: FieldHandling.Send)).ToDictionary(line => line.Attribute, line => line.Handling);
        var configuration = Acme.Hub();
        var policy = FieldPolicy.For(
            configuration with
            {
                Policy = new PolicyRules(
                    new Dictionary<string, FieldClassification>(),
                    new Dictionary<string, IReadOnlyDictionary<string, IReadOnlyDictionary<string, FieldHandling>>> { [Acme.Name] = new Dictionary<string, IReadOnlyDictionary<string, FieldHandling>> { [Acme.Purpose] = said } }),
            },
            configuration.Destinations[Acme.Name]);
        return DestinationMapping.Compile(
            Mappings.File(
                false,
                Mappings.Identity,
                Mappings.Field(CanonicalSource.Email, "mail", MappedType.Email),
                Mappings.Field(CanonicalSource.Phone, "phone", MappedType.Phone) with { DefaultCountry = "US" },
                Mappings.Field("city", "town", MappedType.Text) with { OnNull = NullRule.Clear },
                Mappings.Field("gender", "sex", MappedType.Text),
                Mappings.Field("born", "dob", MappedType.Date) with { Formats = ["yyyy-MM-dd"], OnNull = NullRule.Reject }),
            Mappings.Connector(), "id", policy);
    }
}

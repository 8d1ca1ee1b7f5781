using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

namespace Hub.Tests.Mapping;

public sealed class When_a_profile_is_mapped
{
    private static readonly FieldMapping Email = Mappings.Field(CanonicalSource.Email, "email", MappedType.Email);
    private static readonly FieldMapping Phone = Mappings.Field(CanonicalSource.Phone, "phone", MappedType.Phone) with { DefaultCountry = "US" };

    [Test]
    public void Should_keep_the_identity_key_out_of_the_fields()
    {
        var record = Mappings.Compile(Email).Map(new ProfileView(" 11000 ", "jon@x.com", null, "{}"));

        Assert.Multiple(() =>
        {
            Assert.That(record.Key, Is.EqualTo("11000"));
            Assert.That(record.Fields.Select(static f => f.Name), Is.EqualTo(new[] { "email" }));
            Assert.That(record.Rejection, Is.Null);
            Assert.That(record.Dropped, Is.Empty);
        });
    }

    [TestCase(null)]
    [TestCase("")]
    [TestCase("  ")]
    public void Should_reject_a_profile_without_its_identity_key(string? externalId)
    {
        var record = Mappings.Compile(Email).Map(new ProfileView(externalId, "jon@x.com", null, "{}"));

        Assert.Multiple(() =>
        {
            Assert.That(record.Rejection, Is.EqualTo(new MappingIssue("identity_key_missing", "id")));
            Assert.That(record.Key, Is.Null);
            Assert.That(record.Fields, Is.Empty);
        });
    }

    [Test]
    public void Should_send_the_key_as_the_company_spells_it([Values] bool keysAreCaseInsensitive)
    {
        var mapping = DestinationMapping.Compile(Mappings.File(false, Mappings.Identity), Mappings.Connector(keysAreCaseInsensitive), "id", FieldPolicy.OfMappingAlone);

        Assert.That(mapping.Map(new ProfileView("AbÉ", null, null, "{}")).Key, Is.EqualTo("AbÉ"));
    }

    [TestCase(" 11000 ", null, "11000")]
    [TestCase("\u200b11000\u00a0", null, "11000")]
    [TestCase("Jose\u0301", null, "José")]
    [TestCase("Ab C", null, "Ab C")]
    [TestCase("  ", null, null)]
    [TestCase(null, null, null)]
    public void Should_remove_and_look_up_under_the_key_that_it_writes(string? externalId, string? email, string? expected)
    {
        var mapping = Mappings.Compile(Email);

        Assert.That(mapping.KeyOf(externalId, email), Is.EqualTo(expected));
        Assert.That(mapping.Map(new ProfileView(externalId, email, null, "{}")).Key, Is.EqualTo(expected));
    }

    [TestCase(" Jon@X.com", "jon@x.com")]
    [TestCase("ju\u0308rgen@x.com", "jürgen@x.com")]
    [TestCase("\u200bzora@x.com", "zora@x.com")]
    [TestCase("nobody", null)]
    public void Should_have_one_key_of_an_address_too(string email, string? expected)
    {
        var mapping = DestinationMapping.Compile(Mappings.File(false, Email), Mappings.Connector(), "email", FieldPolicy.OfMappingAlone);

        Assert.That(mapping.KeyOf("1", email), Is.EqualTo(expected));
        Assert.That(mapping.Map(new ProfileView("1", email, null, "{}")).Key, Is.EqualTo(expected));
    }

    [TestCase("""{"country":"de"}""", "030 901820", "+4930901820")]
    [TestCase("""{"country":"UK"}""", "020 7946 0018", "+442079460018")]
    [TestCase("""{"country":""}""", "202-555-0147", "+12025550147")]
    [TestCase("{}", "202-555-0147", "+12025550147")]
    [TestCase("""{"country":"Atlantis"}""", "202-555-0147", null)]
    [TestCase("""{"country":"Atlantis"}""", "+1 202-555-0147", "+12025550147")]
    [TestCase("""{"country":"de"}""", null, null)]
    public void Should_take_the_country_of_a_phone_from_the_column_that_holds_it(string attributes, string? phone, string? expected)
    {
        var mapping = Mappings.Compile(Phone with { CountryFrom = "country", OnError = ErrorRule.Drop }, Mappings.Field("country", "land", MappedType.Text));
        var record = mapping.Map(new ProfileView("1", null, phone, attributes));

        Assert.That(record.Fields.Where(static f => f.Name == "phone").Select(static f => f.Value.Text).SingleOrDefault(), Is.EqualTo(expected));
        Assert.That(mapping.PhoneOf(new ProfileView("1", null, phone, attributes), out var same) == MappingFailure.None ? same : null, Is.EqualTo(expected));
    }

    [TestCase("N/A")]
    [TestCase(" \u200b ")]
    public void Should_take_no_number_for_missing_whatever_the_country(string phone)
    {
        var mapping = Mappings.Compile(Phone with { CountryFrom = "country", NullWords = ["N/A"], OnNull = NullRule.Reject }, Mappings.Field("country", "land", MappedType.Text));
        Assert.That(mapping.Map(new ProfileView("1", null, phone, """{"country":"de"}""")).Rejection, Is.EqualTo(new MappingIssue("value_missing", "phone")));
        Assert.That(mapping.PhoneOf(new ProfileView("1", null, phone, """{"country":"de"}"""), out _), Is.EqualTo(MappingFailure.Missing));
    }

    [Test]
    public void Should_take_each_number_with_its_own_country()
    {
        var other = Mappings.Field("work_phone", "work", MappedType.Phone) with { CountryFrom = "work_country" };
        var third = Mappings.Field("home_phone", "home", MappedType.Phone) with { CountryFrom = "home_country" };
        var record = Mappings.Compile(Phone with { CountryFrom = "country" }, other, third).Map(new ProfileView(
            "1", null, "202-555-0147", """{"work_phone":"030 901820","work_country":"de","home_phone":"020 7946 0018","home_country":"gb","country":"us"}"""));
        Assert.That(record.Fields.Select(static field => $"{field.Name}={field.Value}"), Is.EqualTo(new[] { "phone=+12025550147", "work=+4930901820", "home=+442079460018" }));
    }

    [TestCase("true")]
    [TestCase("null")]
    [TestCase("[1]")]
    [TestCase("49")]
    public void Should_take_the_default_country_where_the_column_holds_no_name(string country)
    {
        var mapping = Mappings.Compile(Phone with { CountryFrom = "country", OnError = ErrorRule.Drop });
        Assert.That(mapping.Map(new ProfileView("1", null, "+1 202-555-0147", $$"""{"country":{{country}}}""")).Fields.Single().Value.Text, Is.EqualTo("+12025550147"));
    }

    [TestCase("+1 202-555-0147", "+12025550147")]
    [TestCase(" ", null)]
    [TestCase(null, null)]
    public void Should_read_a_phone_that_is_mapped_nowhere_or_first_of_all(string? phone, string? expected)
    {
        var (nowhere, first) = (Mappings.Compile(Email), DestinationMapping.Compile(Mappings.File(false, Phone, Mappings.Identity), Mappings.Connector(), "id", FieldPolicy.OfMappingAlone));
        foreach (var mapping in new[] { nowhere, first })
        {
            Assert.That(mapping.PhoneOf(new ProfileView("1", null, phone, "{}"), out var read), Is.EqualTo(expected is null ? MappingFailure.Missing : MappingFailure.None));
            Assert.That(read, Is.EqualTo(expected));
        }
    }

    [Test]
    public void Should_read_no_phone_of_a_person_whose_attributes_cannot_be_read()
    {
        Assert.That(Mappings.Compile(Phone).PhoneOf(new ProfileView("1", null, "202-555-0147", "[]"), out var phone), Is.EqualTo(MappingFailure.NotScalar));
        Assert.That(phone, Is.Null);
    }

    [TestCase(63)]
    [TestCase(64)]
    [TestCase(100)]
    public void Should_map_any_number_of_fields(int fields)
    {
        var mapping = Mappings.Compile([.. Enumerable.Range(1, fields).Select(field => Mappings.Field($"a{field}", $"b{field}", MappedType.Integer) with { OnError = ErrorRule.Drop })]);
        var record = mapping.Map(new ProfileView("1", null, null, $$"""{{{string.Join(',', Enumerable.Range(1, fields).Select(field => $"\"a{field}\":{(field == 7 ? "\"x\"" : field)}"))}}}"""));
        Assert.That(record.Fields.Select(static field => field.Value.Number), Is.EqualTo(Enumerable.Range(1, fields).Where(field => field != 7).Select(field => (decimal)field)));
        Assert.That(record.Dropped.Single(), Is.EqualTo(new MappingIssue("integer_malformed", "b7")));
    }

    [Test]
    public void Should_take_the_country_of_the_field_before_that_of_the_destination()
    {
        var mapping = DestinationMapping.Compile(Mappings.File(false, Mappings.Identity, Phone), Mappings.Connector(), "id", FieldPolicy.OfMappingAlone, "DE");
        Assert.That(Mappings.Show(mapping.Map(new ProfileView("1", null, "202-555-0147", "{}"))), Is.EqualTo("+12025550147"));
    }

    [Test]
    public void Should_pass_by_attributes_that_no_field_is_mapped_from() => Assert.That(
        Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text), "\"x\",\"\":\"nameless\",\"aa\":1,\"A\":[]")), Is.EqualTo("x"));

    [Test]
    public void Should_take_the_country_of_the_destination_where_the_mapping_names_none()
    {
        var file = Mappings.File(false, Mappings.Identity, Phone with { DefaultCountry = null });
        var (german, nobodys) = (DestinationMapping.Compile(file, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone, "DE"), DestinationMapping.Compile(file, Mappings.Connector(), "id", FieldPolicy.OfMappingAlone));
        var profile = new ProfileView("1", null, "030 901820", "{}");

        Assert.That(Mappings.Show(german.Map(profile)), Is.EqualTo("+4930901820"));
        Assert.That(Mappings.Show(nobodys.Map(profile)), Is.EqualTo("!phone_country_unknown"));
        Assert.That(german.Version, Is.Not.EqualTo(nobodys.Version));
    }

    [Test]
    public void Should_always_reject_when_the_identity_key_cannot_be_turned()
    {
        var key = Email with { OnError = ErrorRule.Drop };
        var mapping = DestinationMapping.Compile(Mappings.File(false, key), Mappings.Connector(), "email", FieldPolicy.OfMappingAlone);

        Assert.That(mapping.Map(new ProfileView("1", "nobody", null, "{}")).Rejection, Is.EqualTo(new MappingIssue("email_malformed", "email")));
    }

    [Test]
    public void Should_reject_letters_beyond_ascii_where_the_vendor_refuses_them()
    {
        var profile = new ProfileView("1", "andrés18@adventure-works.com", null, "{}");
        var strict = DestinationMapping.Compile(Mappings.File(true, Mappings.Identity, Email), Mappings.Connector(), "id", FieldPolicy.OfMappingAlone);

        Assert.Multiple(() =>
        {
            Assert.That(strict.Map(profile).Rejection, Is.EqualTo(new MappingIssue("email_not_ascii", "email")));
            Assert.That(Mappings.Compile(Email).Map(profile).Rejection, Is.Null);
        });
    }

    [TestCase(NullRule.Omit, "(none)")]
    [TestCase(NullRule.Clear, "(null)")]
    [TestCase(NullRule.Reject, "!value_missing")]
    public void Should_follow_the_rule_for_absent_values(object rule, string expected)
    {
        var field = Mappings.Field("gender", "gender", MappedType.Text) with { OnNull = (NullRule)rule, NullWords = ["NA"] };

        Assert.Multiple(() =>
        {
            Assert.That(Mappings.Show(Mappings.MapAttribute(field, "null")), Is.EqualTo(expected));
            Assert.That(Mappings.Show(Mappings.MapAttribute(field, "\" \"")), Is.EqualTo(expected));
            Assert.That(Mappings.Show(Mappings.MapAttribute(field, "\"NA\"")), Is.EqualTo(expected));
            Assert.That(Mappings.Show(Mappings.Compile(field).Map(new ProfileView("1", null, null, "{}"))), Is.EqualTo(expected));
        });
    }

    [Test]
    public void Should_take_null_words_for_their_field_only() =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("last_name", "lastname", MappedType.Text), "\"NA\"")), Is.EqualTo("NA"));

    [Test]
    public void Should_drop_a_field_that_may_be_dropped_and_say_so()
    {
        var record = Mappings.Compile(Phone with { OnError = ErrorRule.Drop }, Email)
            .Map(new ProfileView("1", "jon@x.com", "1 (11) 500 555-0162", "{}"));

        Assert.Multiple(() =>
        {
            Assert.That(record.Rejection, Is.Null);
            Assert.That(record.Dropped, Is.EqualTo(new[] { new MappingIssue("phone_country_unknown", "phone") }));
            Assert.That(record.Fields.Select(static f => f.Name), Is.EqualTo(new[] { "email" }));
        });
    }

    [Test]
    public void Should_never_send_a_field_that_the_vendor_owns() =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text) with { Owner = FieldOwner.Vendor }, "\"x\"")), Is.EqualTo("(none)"));

    [Test]
    public void Should_fill_two_fields_from_one_attribute()
    {
        var record = Mappings.Compile(
                Mappings.Field("a", "b", MappedType.Text),
                Mappings.Field("a", "c", MappedType.Integer))
            .Map(new ProfileView("1", null, null, """{"a":"7","other":{"x":[1,2]}}"""));

        Assert.That(record.Fields, Is.EqualTo(new[] { new Field("b", FieldValue.Of("7")), new Field("c", FieldValue.Of(7m)) }));
    }

    [Test]
    public void Should_find_attributes_by_names_that_resemble_each_other()
    {
        string[] names = ["ab", "ba", "aa", "bb", "abc", "aac", "abb", "aab", "émile", "a_b_c_d_e", "a_c_b_d_e"];
        var mapping = Mappings.Compile([.. names.Select(static n => Mappings.Field(n, n, MappedType.Text))]);
        var json = $"{{{string.Join(',', names.Reverse().Select(static n => $"\"{n}\":\"v_{n}\""))}}}";

        var record = mapping.Map(new ProfileView("1", null, null, json));

        Assert.That(record.Fields.Select(static f => (f.Name, f.Value.Text)), Is.EqualTo(names.Select(static n => (n, $"v_{n}"))));
    }

    [TestCase("{\"\\u0061\":\"x\"}", "x")]
    [TestCase("{\"a\":\"x\",\"a\":\"y\"}", "y")]
    [TestCase("{\"a\":\"\\u00e9\"}", "é")]
    public void Should_read_json_in_every_spelling(string json, string expected) =>
        Assert.That(Mappings.Show(Mappings.Compile(Mappings.Field("a", "b", MappedType.Text)).Map(new ProfileView("1", null, null, json))), Is.EqualTo(expected));

    [TestCase("")]
    [TestCase("[]")]
    [TestCase("{\"a\":")]
    [TestCase("null")]
    [TestCase("sealed:1:a:AAAA")]
    public void Should_reject_attributes_that_are_no_object(string json) =>
        Assert.That(
            Mappings.Compile(Mappings.Field("a", "b", MappedType.Text)).Map(new ProfileView("1", null, null, json)).Rejection,
            Is.EqualTo(new MappingIssue("attributes_malformed", "attributes")));

    [Test]
    public void Should_refuse_a_mapping_without_the_identity_key() =>
        Assert.That(
            static () => DestinationMapping.Compile(Mappings.File(false, Email), Mappings.Connector(), "id", FieldPolicy.OfMappingAlone),
            Throws.ArgumentException.With.Message.Contains("identity key"));

    [Test]
    public void Should_never_put_a_value_into_an_issue()
    {
        var record = Mappings.MapAttribute(Mappings.Field("income", "income", MappedType.Number), "\"canary-value\"");

        Assert.That(record.Rejection!.ToString(), Does.Not.Contain("canary"));
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Mapping;

public sealed class When_a_value_is_turned_into_a_type
{
    [TestCase("\"$90,000 \"", "90000")]
    [TestCase("\"$100,000 \"", "100000")]
    [TestCase("\"$1,234,567.89\"", "1234567.89")]
    [TestCase("\"90000\"", "90000")]
    [TestCase("\"-$5\"", "-5")]
    [TestCase("\"-12,345.5\"", "-12345.5")]
    [TestCase("\"€ 7\"", "7")]
    [TestCase("90000", "90000")]
    [TestCase("1.5", "1.5")]
    [TestCase("\"1,5\"", "!number_malformed")]
    [TestCase("\"1.000,50\"", "!number_malformed")]
    [TestCase("\"12,34,567\"", "!number_malformed")]
    [TestCase("\",500\"", "!number_malformed")]
    [TestCase("\"1,000,\"", "!number_malformed")]
    [TestCase("\"$\"", "!number_malformed")]
    [TestCase("\"90 000\"", "!number_malformed")]
    [TestCase("\"about 90000\"", "!number_malformed")]
    [TestCase("\"$ 90,000 per year\"", "!number_malformed")]
    public void Should_read_money(string json, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Number) with { Transforms = [TextTransform.Money] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, json)), Is.EqualTo(expected));
    }

    [TestCase("1e3", "1000")]
    [TestCase("\"12.5\"", "12.5")]
    [TestCase("\"1,000\"", "!number_malformed")]
    [TestCase("true", "!number_malformed")]
    [TestCase("\"NaN\"", "!number_malformed")]
    [TestCase("1e400", "!number_malformed")]
    public void Should_read_numbers(string json, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Number), json)), Is.EqualTo(expected));

    [TestCase("\"5\"", "5")]
    [TestCase("0", "0")]
    [TestCase("\" 3 \"", "3")]
    [TestCase("\"2.0\"", "!integer_malformed")]
    [TestCase("2.5", "!integer_malformed")]
    [TestCase("\"two\"", "!integer_malformed")]
    [TestCase("99999999999999999999", "!integer_malformed")]
    public void Should_read_integers(string json, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Integer), json)), Is.EqualTo(expected));

    [TestCase("04/08/1966", "1966-04-08")]
    [TestCase("5/14/1965", "1965-05-14")]
    [TestCase("12/1/1970", "1970-12-01")]
    [TestCase("2/29/2000", "2000-02-29")]
    [TestCase(" 2/15/1968 ", "1968-02-15")]
    [TestCase("2/29/1999", "!date_malformed")]
    [TestCase("14/05/1965", "!date_malformed")]
    [TestCase("1966-04-08", "!date_malformed")]
    [TestCase("4/8/66", "!date_malformed")]
    [TestCase("April 8 1966", "!date_malformed")]
    public void Should_read_days_month_first(string text, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Date) with { Formats = ["MM/dd/yyyy", "M/d/yyyy"] };
        var record = Mappings.MapAttribute(field, $"\"{text}\"");

        Assert.That(Mappings.Show(record), Is.EqualTo(expected));
        Assert.That(record.Fields.All(static f => f.Value.Kind == FieldKind.Date));
    }

    [TestCase("\"Y\"", "true")]
    [TestCase("\"n\"", "false")]
    [TestCase("true", "true")]
    [TestCase("false", "false")]
    [TestCase("\"yes\"", "!boolean_malformed")]
    [TestCase("\"true\"", "!boolean_malformed")]
    [TestCase("1", "!boolean_malformed")]
    public void Should_read_only_the_words_for_true_and_false(string json, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Boolean) with { TrueWords = ["Y"], FalseWords = ["N"] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, json)), Is.EqualTo(expected));
    }

    [TestCase("238-555-0100", "+12385550100")]
    [TestCase("(238) 555.0100", "+12385550100")]
    [TestCase("1-238-555-0100", "+12385550100")]
    [TestCase("+1 238 555 0100", "+12385550100")]
    [TestCase("+49 30 901820", "+4930901820")]
    [TestCase("1 (11) 500 555-0162", "!phone_country_unknown")]
    [TestCase("011 49 30 901820", "!phone_country_unknown")]
    [TestCase("555-0100", "!phone_malformed")]
    [TestCase("138-555-0100", "!phone_malformed")]
    [TestCase("238-155-0100", "!phone_malformed")]
    [TestCase("238-555-0100 x12", "!phone_malformed")]
    [TestCase("+1 138 555 0100", "!phone_malformed")]
    [TestCase("+0 238 555 0100", "!phone_malformed")]
    [TestCase("+49", "!phone_malformed")]
    [TestCase("+4930901820901820901820", "!phone_malformed")]
    [TestCase("none", "!phone_malformed")]
    public void Should_read_phones_that_say_enough(string text, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Phone) with { DefaultCountry = "US" };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, $"\"{text}\"")), Is.EqualTo(expected));
    }

    [Test]
    public void Should_not_assume_a_country_that_nobody_configured() =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Phone), "\"238-555-0100\"")), Is.EqualTo("!phone_country_unknown"));

    [TestCase("jon24@adventure-works.com", "jon24@adventure-works.com")]
    [TestCase(" Jon@Adventure-Works.COM ", "jon@adventure-works.com")]
    [TestCase("andrés18@adventure-works.com", "andrés18@adventure-works.com")]
    [TestCase("a.b+c@x.co", "a.b+c@x.co")]
    [TestCase("jon", "!email_malformed")]
    [TestCase("@x.com", "!email_malformed")]
    [TestCase("a@x", "!email_malformed")]
    [TestCase("a@x..com", "!email_malformed")]
    [TestCase("a..b@x.com", "!email_malformed")]
    [TestCase(".a@x.com", "!email_malformed")]
    [TestCase("a.@x.com", "!email_malformed")]
    [TestCase("a b@x.com", "!email_malformed")]
    [TestCase("a@b@x.com", "!email_malformed")]
    [TestCase("a@-x.com", "!email_malformed")]
    [TestCase("a@x_y.com", "!email_malformed")]
    [TestCase("a,b@x.com", "!email_malformed")]
    public void Should_read_emails(string text, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Email), $"\"{text}\"")), Is.EqualTo(expected));

    [Test]
    public void Should_refuse_an_email_that_is_too_long() =>
        Assert.That(
            Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Email), $"\"{new string('a', 65)}@x.com\"")),
            Is.EqualTo("!email_malformed"));
}

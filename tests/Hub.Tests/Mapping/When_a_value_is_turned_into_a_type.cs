using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

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
    [TestCase("2.5e3", "2500")]
    [TestCase("-2.5E-1", "-0.25")]
    [TestCase("\"90,000 €\"", "90000")]
    [TestCase("\"1\u00a0234.5\"", "1234.5")]
    [TestCase("\"1'234.5\"", "1234.5")]
    [TestCase("\"1,5\"", "!number_malformed")]
    [TestCase("\"0,500\"", "!number_malformed", Description = "a half, where the sign is a comma")]
    [TestCase("\"$0,125\"", "!number_malformed")]
    [TestCase("\"000,123\"", "!number_malformed")]
    [TestCase("\"0.500\"", "0.500")]
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

    [TestCase("$1,000", "1000")]
    [TestCase("about 90000", "!number_malformed")]
    [TestCase("1,5", "!number_malformed")]
    public void Should_refuse_an_amount_that_is_none_where_a_text_is_asked_for(string text, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text) with { Transforms = [TextTransform.Money] }, $"\"{text}\"")), Is.EqualTo(expected));

    [TestCase("\"1.234,50 €\"", true, "1234.50")]
    [TestCase("\"€ 1.234.567,8\"", true, "1234567.8")]
    [TestCase("\"1 234,5\"", true, "1234.5")]
    [TestCase("\"1\u202f234,5\"", true, "1234.5")]
    [TestCase("\"1.5\"", true, "!number_malformed")]
    [TestCase("\"1.234\"", true, "1234")]
    [TestCase("\"0.500\"", true, "!number_malformed")]
    [TestCase("\"1.234 567,8\"", true, "!number_malformed")]
    [TestCase("\"1234,5\"", false, "1234.5")]
    [TestCase("\"-0,5\"", false, "-0.5")]
    [TestCase("\"1.234,5\"", false, "!number_malformed")]
    [TestCase("\"1234.5\"", false, "!number_malformed")]
    [TestCase("1234.5", false, "1234.5", Description = "JSON has its own sign")]
    [TestCase("1234.5", true, "1234.5")]
    public void Should_read_a_decimal_comma_where_the_mapping_says_so(string json, bool isMoney, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Number) with { Decimal = DecimalSign.Comma, Transforms = isMoney ? [TextTransform.Money] : [] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, json)), Is.EqualTo(expected));
    }

    [TestCase("1980-04-03T00:00:00Z", "1980-04-03")]
    [TestCase("1980-04-03T00:00:00.000Z", "1980-04-03")]
    [TestCase("1980-04-03T00:00:00+02:00", "1980-04-03")]
    [TestCase("1980-04-03 00:00:00", "1980-04-03")]
    [TestCase("1980-04-03 00:00", "1980-04-03")]
    [TestCase("1980-04-03 12:00:00 AM", "1980-04-03")]
    [TestCase("03.04.1980 0:00:00", "1980-04-03")]
    [TestCase("1980-04-03T22:00:00Z", "!date_has_time")]
    [TestCase("1980-04-03 12:00:00 PM", "!date_has_time")]
    [TestCase("1980-04-03 12:00:00", "!date_has_time")]
    [TestCase("1980-04-03 00:00:01", "!date_has_time")]
    [TestCase("1980-04-33T00:00:00Z", "!date_malformed")]
    [TestCase("1980-04-03T00:00Z", "1980-04-03")]
    [TestCase("1980-04-03T00:00:00.000000000Z", "1980-04-03")]
    [TestCase("1980-04-03 00:00:00.000 UTC", "1980-04-03")]
    [TestCase("1980-04-03T00:00:00-05:00", "1980-04-03")]
    [TestCase("1980-04-03 00:00:00+00", "1980-04-03", Description = "a database's offset")]
    [TestCase("1980-04-03 00:00:00.123+00", "!date_has_time")]
    [TestCase("1980-04-03 00:00:00 +0000 UTC", "1980-04-03")]
    [TestCase("1980-04-03T00:00Z[Europe/Paris]", "1980-04-03")]
    [TestCase("03.04.1980, 12:00:00\u202FAM", "1980-04-03", Description = "as browsers write it")]
    [TestCase("03.04.1980,\u00A012:00:00 PM", "!date_has_time")]
    [TestCase("1980-04-03 00:00:00+0", "!date_malformed")]
    [TestCase("1980-04-03T24:00:00Z", "!date_has_time")]
    [TestCase("0001-01-01T00:00:00", "!date_malformed", Description = "a database's word for no day")]
    [TestCase("0000-00-00", "!date_malformed")]
    [TestCase("03.04.0045", "!date_malformed")]
    [TestCase("1980-04-03T", "!date_malformed")]
    [TestCase("323568000000", "!date_malformed")]
    public void Should_take_a_time_of_midnight_for_its_day(string text, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Date) with { Formats = ["yyyy-MM-dd", "dd.MM.yyyy"] };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, $"\"{text}\"")), Is.EqualTo(expected));
    }

    [TestCase("03.04.45", "1945-04-03")]
    [TestCase("03.04.26", "2026-04-03")]
    [TestCase("03.04.27", "1927-04-03")]
    [TestCase("03.04.99", "1999-04-03")]
    public void Should_read_years_of_two_digits_as_far_as_the_mapping_says(string text, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Date) with { Formats = ["dd.MM.yy"], TwoDigitYearsTo = 2026 };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, $"\"{text}\"")), Is.EqualTo(expected));
    }

    [TestCase("1e3", "1000")]
    [TestCase("2.5E3", "2500")]
    [TestCase("2.5e+3", "2500")]
    [TestCase("\"2.5e3\"", "2500")]
    [TestCase("\"+7\"", "7")]
    [TestCase("\"1 000\"", "!number_malformed")]
    [TestCase("\"5-\"", "!number_malformed")]
    [TestCase("\"(5)\"", "!number_malformed")]
    [TestCase("\"50%\"", "!number_malformed")]
    [TestCase("\"\u0663\"", "!number_malformed")]
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
    [TestCase("\"2.0\"", "2")]
    [TestCase("2.0", "2")]
    [TestCase("2.5e3", "2500")]
    [TestCase("\"-3.000\"", "-3")]
    [TestCase("\"\u22123\"", "-3")]
    [TestCase("\"2.\"", "2")]
    [TestCase("\"2e0\"", "2")]
    [TestCase("\"2.00000\u00a0\"", "2")]
    [TestCase("2.50e1", "25")]
    [TestCase("9223372036854775807", "9223372036854775807")]
    [TestCase("9223372036854775808", "!integer_malformed")]
    [TestCase("\"9223372036854775808\"", "!integer_malformed")]
    [TestCase("2.5", "!integer_malformed")]
    [TestCase("\"2,0\"", "!integer_malformed")]
    [TestCase("1e30", "!integer_malformed")]
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

    [Test]
    public void Should_refuse_a_number_that_is_longer_than_any() => Assert.That(
        Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Number), new string('9', 400))), Is.EqualTo("!number_malformed"));

    [TestCase(10)]
    [TestCase(256)]
    [TestCase(400)]
    public void Should_read_a_text_as_a_text_however_long_it_is(int length)
    {
        var field = Mappings.Field("a", "b", MappedType.Number) with { Decimal = DecimalSign.Comma };
        Assert.That(Mappings.Show(Mappings.MapAttribute(field, $"\"{"1,5".PadLeft(length)}\"")), Is.EqualTo("1.5"));
    }

    [Test]
    public void Should_read_what_every_person_has_as_a_text()
    {
        var mapping = Mappings.Compile(Mappings.Field(CanonicalSource.Phone, "b", MappedType.Number) with { Decimal = DecimalSign.Comma });
        Assert.That(Mappings.Show(mapping.Map(new ProfileView("1", null, "1,5", "{}"))), Is.EqualTo("1.5"));
    }

    [TestCase("true", "true")]
    [TestCase("false", "false")]
    public void Should_spell_a_truth_value_out_where_a_text_is_asked_for(string json, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Text), json)), Is.EqualTo(expected));

    [TestCase("-9223372036854775808", "-9223372036854775808")]
    [TestCase("9223372036854775807", "9223372036854775807")]
    [TestCase("-9223372036854775809", "!integer_malformed")]
    [TestCase("9223372036854775808", "!integer_malformed")]
    public void Should_take_whole_numbers_of_64_bits(string json, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Integer), json)), Is.EqualTo(expected));

    [TestCase("202-555-0147", "+12025550147")]
    [TestCase("(202) 555.0147", "+12025550147")]
    [TestCase("1-202-555-0147", "+12025550147")]
    [TestCase("+1 202 555 0147", "+12025550147")]
    [TestCase("tel:+1-202-555-0147", "+12025550147")]
    [TestCase("+49 30 901820", "+4930901820")]
    [TestCase("011 49 30 901820", "+4930901820")]
    [TestCase("+44 (0)20 7946 0018", "+442079460018")]
    [TestCase("(+44) (0) 20 7946 0018", "+442079460018")]
    [TestCase("+44 [0]20 7946 0018", "+442079460018")]
    [TestCase("+31 (0)20 794 0000", "+31207940000")]
    [TestCase("+7 (8) 495 123 45 67", "+74951234567")]
    [TestCase("+39 06 1234 5678", "+390612345678")]
    [TestCase("+33\u00a01\u00a099\u00a000\u00a012\u00a034", "+33199001234")]
    [TestCase("+33\u202f1\u202f99\u202f00\u202f12\u202f34", "+33199001234")]
    [TestCase("\u202a+1 202\u2011555\u20130147\u202c", "+12025550147")]
    [TestCase("\u200b+1\u00ad 202 555 0147", "+12025550147")]
    [TestCase("\uff0b\uff11 202 555 0147", "+12025550147")]
    [TestCase("+\u0664\u0664 \u0662\u0660 \u0667\u0669\u0664\u0666 \u0660\u0660\u0661\u0668", "+442079460018")]
    [TestCase("1 (11) 500 555-0162", "!phone_country_unknown")]
    [TestCase("238-555-0100", "!phone_not_valid")]
    [TestCase("0049 30 901820", "!phone_not_valid")]
    [TestCase("555-0100", "!phone_not_valid")]
    [TestCase("+1 138 555 0100", "!phone_not_valid")]
    [TestCase("'+49 30 901820", "+4930901820", Description = "an export that fears formulas")]
    [TestCase("'202-555-0147", "+12025550147")]
    [TestCase("+49 (0) 30/901820", "+4930901820")]
    [TestCase("+49 (0)30 / 90 18 20", "+4930901820")]
    [TestCase("+44(0)2079460018", "+442079460018")]
    [TestCase("+39 (06) 1234 5678", "+390612345678")]
    [TestCase("+61 (0)2 9374 4000", "+61293744000")]
    [TestCase("+353 (0)1 234 5678", "+35312345678")]
    [TestCase("+36 (06) 1 234 5678", "+3612345678")]
    [TestCase("+ 44 20 7946 0018", "+442079460018")]
    [TestCase("+33.1.99.00.12.34", "+33199001234")]
    [TestCase("+33\u20091\u200999\u200900\u200912\u200934", "+33199001234")]
    [TestCase("+1\\t202\\t555\\t0147", "+12025550147")]
    [TestCase("+49 30 901820/21", "!phone_malformed", Description = "two numbers in short")]
    [TestCase("+49 30 901820 / 21", "!phone_malformed")]
    [TestCase("+49 30 901820/821", "!phone_malformed")]
    [TestCase("+33/1/99/00/12/34", "+33199001234", Description = "slashes between the groups")]
    [TestCase("+1 202 555 0147 #12", "!phone_malformed")]
    [TestCase("+1 202 555 0147;ext=4", "!phone_malformed")]
    [TestCase("+52 1 55 1234 5678 9", "!phone_not_valid")]
    [TestCase("202-555-0147 x12", "!phone_malformed")]
    [TestCase("202-555-0147 ext. 4", "!phone_malformed")]
    [TestCase("202-555-0147, 202-555-0148", "!phone_malformed")]
    [TestCase("2.02556E+09", "!phone_malformed")]
    [TestCase("+0 238 555 0100", "!phone_malformed")]
    [TestCase("+49", "!phone_malformed")]
    [TestCase("+4930901820901820901820", "!phone_malformed")]
    [TestCase("none", "!phone_malformed")]
    [TestCase("\uff0b\uff18\uff11\uff08\uff13\uff09\uff11\uff12\uff13\uff14\uff0d\uff15\uff16\uff17\uff18", "+81312345678", Description = "wide letters")]
    [TestCase("+81\u30fc3\u30fc1234\u30fc5678", "+81312345678", Description = "the mark of a long vowel for a dash")]
    [TestCase("+4930123456.0", "+4930123456", Description = "a program took it for an amount")]
    [TestCase("+4930123456.00", "+4930123456")]
    [TestCase("12025550147.0", "+12025550147")]
    [TestCase("+49 30 123456.0", "+49301234560", Description = "groups: somebody wrote it so")]
    public void Should_read_phones_by_the_plans_of_their_countries(string text, string expected)
    {
        var field = Mappings.Field("a", "b", MappedType.Phone) with { DefaultCountry = "US" };

        Assert.That(Mappings.Show(Mappings.MapAttribute(field, $"\"{text}\"")), Is.EqualTo(expected));
    }

    [TestCase("DE", "030 901820", "+4930901820")]
    [TestCase("DE", "0049 30 901820", "+4930901820")]
    [TestCase("DE", "49 30 901820", "+4930901820")]
    [TestCase("FR", "01 99 00 12 34", "+33199001234")]
    [TestCase("GB", "020 7946 0018", "+442079460018")]
    [TestCase("IT", "06 1234 5678", "+390612345678")]
    [TestCase("BR", "(11) 96123-4567", "+5511961234567")]
    [TestCase("DE", "+1 202 555 0147", "+12025550147")]
    [TestCase("AR", "011 15-8765-4321", "+5491187654321", Description = "what is dialled within the country is another number than from abroad")]
    public void Should_read_national_numbers_of_the_country(string country, string text, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Phone) with { DefaultCountry = country }, $"\"{text}\"")), Is.EqualTo(expected));

    [Test]
    public void Should_not_assume_a_country_that_nobody_configured() =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Phone), "\"202-555-0147\"")), Is.EqualTo("!phone_country_unknown"));

    [TestCase("jon24@adventure-works.com", "jon24@adventure-works.com")]
    [TestCase(" Jon@Adventure-Works.COM ", "jon@adventure-works.com")]
    [TestCase("andrés18@adventure-works.com", "andrés18@adventure-works.com")]
    [TestCase("a.b+c@x.co", "a.b+c@x.co")]
    [TestCase("Kai <kai@x.com>", "!email_malformed")]
    [TestCase("mailto:kai@x.com", "!email_malformed")]
    [TestCase("kai@x.com.", "!email_malformed")]
    [TestCase("kai@x.com;", "!email_malformed")]
    [TestCase("kai\uFF20x.com", "!email_malformed")]
    [TestCase("k\uFFFDi@x.com", "!email_malformed")]
    [TestCase("\u202Dkai@x.com\u202C", "kai@x.com")]
    [TestCase("kai@x\u00AD.com", "kai@x.com")]
    [TestCase("KAI@BU\u0308CHER.DE", "kai@xn--bcher-kva.de")]
    [TestCase("ZOE\u0308@x.com", "zo\u00EB@x.com")]
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
    [TestCase("a\uDB40\uDD00b@x.com", "!email_malformed", TestName = "{m}(a variation selector)")]
    [TestCase("a\u17B4@x.com", "!email_malformed", TestName = "{m}(a vowel that nobody sees)")]
    [TestCase("o\uFB03ce@x.com", "!email_malformed", Description = "a ligature")]
    [TestCase("\uFF4Bai@x.com", "!email_malformed", Description = "a wide letter")]
    [TestCase("kai\u00B2@x.com", "!email_malformed")]
    [TestCase("kai@x.123", "!email_malformed")]
    [TestCase("kai@127.0.0.1", "!email_malformed")]
    [TestCase("kai@163.com", "kai@163.com")]
    [TestCase("\u03C3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2@x.com", "\u03C3\u03AF\u03C3\u03C5\u03C6\u03BF\u03C2@x.com")]
    public void Should_read_emails(string text, string expected) =>
        Assert.That(Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Email), $"\"{text}\"")), Is.EqualTo(expected));

    [Test]
    public void Should_refuse_an_email_that_is_too_long() =>
        Assert.That(
            Mappings.Show(Mappings.MapAttribute(Mappings.Field("a", "b", MappedType.Email), $"\"{new string('a', 65)}@x.com\"")),
            Is.EqualTo("!email_malformed"));
}

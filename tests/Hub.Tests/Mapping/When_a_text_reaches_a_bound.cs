using Hub.Tests.Mapping;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Mapping;

namespace IntegrationHub.Hub.Tests.Mapping;

/// <summary>The last character that is taken, and the first that is not.</summary>
public sealed class When_a_text_reaches_a_bound
{
    private static readonly string _domain = $"{new string('d', 63)}.{new string('e', 63)}.{new string('f', 58)}.de";

    private static IEnumerable<TestCaseData> Addresses()
    {
        yield return Case($"{new string('l', 64)}@example.com", true, "64 characters before the at sign");
        yield return Case($"{new string('l', 65)}@example.com", false, "65 characters before the at sign");
        yield return Case($"l@{new string('d', 63)}.com", true, "a label of 63");
        yield return Case($"l@{new string('d', 64)}.com", false, "a label of 64");
        yield return Case($"{new string('l', 64)}@{_domain}", true, "254 characters");
        yield return Case($"{new string('l', 64)}@d{_domain[64..]}x{new string('d', 63)}.de", false, "more than 254 characters");
        yield return Case("@example.com", false, "nothing before the at sign");
        yield return Case("\u007F@example.com", false, "a control character");
        yield return Case("\u0080@example.com", false, "a control character beyond ASCII");
        yield return Case("ü@example.com", true, "a letter beyond ASCII");
        yield return Case("l\uFFFDtz@example.com", false, "what a broken encoding leaves behind");
        yield return Case("l\uE000@example.com", false, "a character of private use");
        yield return Case("l\u115F@example.com", false, "a filler of Hangul");
        yield return Case("l\u1160@example.com", false, "another filler of Hangul");
        yield return Case("l\u2800@example.com", false, "the empty cell of Braille");
        yield return Case("l\u3164@example.com", false, "a letter that is blank");
        yield return Case("l\uFFA0@example.com", false, "a narrow letter that is blank");
        yield return Case("l\U000E0041@example.com", false, "an invisible tag");
        yield return Case("l\uD83D@example.com", false, "half a surrogate pair");
        yield return Case("\U00020000@example.com", true, "a letter beyond the first plane");
        yield return Case("'l@example.com", false, "a spreadsheet's mark of a text");
        yield return Case("l'a@example.com", true, "an apostrophe inside");
        yield return Case("l@exämple.com", true, "a letter beyond ASCII in the domain");
        yield return Case("l@ex\u00A7mple.com", false, "a sign beyond ASCII in the domain");
        yield return Case("l@ex_mple.com", false, "an underscore in the domain");
        yield return Case("l@ex\u007Fmple.com", false, "a control character in the domain");
        yield return Case("l@a-b.com", true, "a hyphen within a label");

        static TestCaseData Case(string address, bool good, string what) => new TestCaseData(address, good).SetArgDisplayNames(what);
    }

    [TestCaseSource(nameof(Addresses))]
    public void Should_know_an_address_from_what_is_none(string address, bool good) =>
        Assert.That(EmailAddress.Check(address, asciiOnly: false), Is.EqualTo(good ? MappingFailure.None : MappingFailure.EmailMalformed));

    [Test]
    public void Should_count_the_longest_address_as_it_says() => Assert.That($"{new string('l', 64)}@{_domain}", Has.Length.EqualTo(254));

    // The letters of Georgian at either end of their alphabets, and the Croatian and African ones that are two letters in one.
    [TestCase("\u1C90\u1CBF", "\u10D0\u10FF")]
    [TestCase("\u10D0\u10FF", "\u10D0\u10FF")]
    [TestCase("\u10D0 \u10FF", "\u10D0 \u10FF")]
    [TestCase("\u1CBF\u1C90", "\u10FF\u10D0")]
    [TestCase("\u01C4A", "\u01C5a")]
    [TestCase("\u01C6a", "\u01C5a")]
    [TestCase("\u01C7A", "\u01C8a")]
    [TestCase("\u01C9a", "\u01C8a")]
    [TestCase("\u01CAA", "\u01CBa")]
    [TestCase("\u01CCa", "\u01CBa")]
    [TestCase("\u01F1A", "\u01F2a")]
    [TestCase("\u01F3a", "\u01F2a")]
    [TestCase("ANNA.BELL", "Anna.Bell")]
    [TestCase("ANNA-BELL", "Anna-Bell")]
    [TestCase("O'NO", "O'No")]
    [TestCase("ANNA'S", "Anna's")]
    [TestCase("O\u2019NO", "O\u2019No")]
    [TestCase("ANNA,BELL", "Anna,Bell")]
    public void Should_write_a_name_with_its_capitals(string name, string expected)
    {
        var written = name.ToCharArray();
        NameCase.Apply(written);
        Assert.That(new string(written), Is.EqualTo(expected));
    }

    [TestCase('\u13A0', '\u13A0')]
    [TestCase('\u13F5', '\u13F5')]
    [TestCase('\u1C90', '\u10D0')]
    [TestCase('\u1CBF', '\u10FF')]
    [TestCase('\u0130', 'i')]
    public void Should_know_the_small_letters_of_alphabets_to_their_ends(char letter, char small) => Assert.That(NameCase.Lower(letter), Is.EqualTo(small), $"U+{(int)letter:X4}");

    [Test]
    public void Should_read_a_number_of_128_characters_and_no_longer_one()
    {
        var longest = new string('0', 127) + "7";
        Assert.That((NumberText.TryRead(longest, '.', out var number), number), Is.EqualTo((true, 7m)));
        Assert.That(NumberText.TryRead("0" + longest, '.', out _), Is.False);
    }

    [TestCase(64, true)]
    [TestCase(65, false)]
    public void Should_read_a_phone_of_64_characters_and_no_longer_one(int length, bool good)
    {
        var text = $"+44 20 7946{new string(' ', length - 16)}00 18";
        Assert.That(text, Has.Length.EqualTo(length));
        Assert.That(PhoneNumber.ToE164(text, null, out _), Is.EqualTo(good ? MappingFailure.None : MappingFailure.PhoneMalformed));
    }

    [TestCase("TEL:+44 20 7946 0018", "+442079460018")]
    [TestCase("\u2019+44 20 7946 0018", "+442079460018")]
    [TestCase("+44\u00B720\u22127946~00.18", "+442079460018", Description = "dots and dashes of every kind")]
    [TestCase("[+44] 20 7946 0018", "+442079460018")]
    [TestCase("011 44 (0)20 7946 0018", "+442079460018", Description = "dialled from abroad, with the zone's zero")]
    [TestCase("011 (44) 20 7946 0018", "+442079460018")]
    [TestCase("", "")]
    [TestCase("tel:", "")]
    [TestCase("'", "")]
    [TestCase("/202-555-0147", "+12025550147")]
    [TestCase("202-555-0147/", "")]
    public void Should_read_a_phone_whatever_stands_between_its_digits(string text, string expected)
    {
        var failure = PhoneNumber.ToE164(text, "US", out var number);
        Assert.That((number, failure == MappingFailure.None), Is.EqualTo((expected, expected.Length > 0)));
    }

    [TestCase("1000-01-01", null)]
    [TestCase("0999-12-31", "date_malformed")]
    [TestCase("1980-04-03 00:00:00 AM", "date_has_time")]
    [TestCase("1980-04-03 12:00 a.m.", null)]
    [TestCase("1980-04-03 12:30 AM", "date_has_time")]
    [TestCase("1980-04-03 12:00:00am", null)]
    [TestCase("1980-04-03 0:00", null)]
    [TestCase("1980-04-03 00:00:00,000", null)]
    [TestCase("1980-04-03 00:00:00.0000000000", "date_malformed")]
    [TestCase("1980-04-03 00:00 GMT", null)]
    [TestCase("1980-04-03 00:00:00 CET", "date_malformed")]
    [TestCase("1980-04-03  00:00", "date_malformed")]
    [TestCase("", "date_malformed")]
    public void Should_take_a_day_from_the_year_1000_on_and_midnight_for_no_time(string text, string? expected)
    {
        var failure = new DayText(Mappings.Field("a", "b", MappedType.Date) with { Formats = ["yyyy-MM-dd"] }).Read(text, out _);
        Assert.That(failure == MappingFailure.None ? null : MappingFailures.CodeOf(failure), Is.EqualTo(expected));
    }

    [TestCase("1.000,5", ',', true)]
    [TestCase("1.00,5", ',', false)]
    [TestCase("1000,5", ',', true)]
    [TestCase("1,0,5", ',', false)]
    [TestCase("1'000'000.5", '.', true)]
    [TestCase("1'000,000.5", '.', false)]
    [TestCase("5x", '.', false)]
    [TestCase("1,00.5", '.', false)]
    public void Should_strip_an_amount_whose_groups_are_groups(string text, char decimalSign, bool good) =>
        Assert.That(MoneyText.TryStrip(text.ToCharArray(), decimalSign, out _), Is.EqualTo(good));
}

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
    [TestCase("ANNA,BELL", "Anna,bell")]
    public void Should_write_a_name_with_its_capitals(string name, string expected)
    {
        var written = name.ToCharArray();
        NameCase.Apply(written);
        Assert.That(new string(written), Is.EqualTo(expected));
    }

    [Test]
    public void Should_read_a_number_of_128_characters_and_no_longer_one()
    {
        var longest = new string('0', 127) + "7";
        Assert.That((NumberText.TryRead(longest, '.', out var number), number), Is.EqualTo((true, 7m)));
        Assert.That(NumberText.TryRead("0" + longest, '.', out _), Is.False);
    }

    [TestCase("1.000,5", ',', true)]
    [TestCase("1.00,5", ',', false)]
    [TestCase("1000,5", ',', true)]
    [TestCase("1,0,5", ',', false)]
    [TestCase("1'000'000.5", '.', true)]
    [TestCase("1'000,000.5", '.', false)]
    public void Should_strip_an_amount_whose_groups_are_groups(string text, char decimalSign, bool good) =>
        Assert.That(MoneyText.TryStrip(text.ToCharArray(), decimalSign, out _), Is.EqualTo(good));
}

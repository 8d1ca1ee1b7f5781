using IntegrationHub.Identity;

namespace Hub.Tests.Identity;

public sealed class When_a_key_is_brought_into_its_normal_form
{
    [TestCase("kai@example.test", "kai@example.test")]
    [TestCase("Mixed.Case+Tag@Example.TEST", "mixed.case+tag@example.test")]
    [TestCase("\u200Bzora@example.test", "zora@example.test", TestName = "zero width space before")]
    [TestCase("so\u00ADfia@example.test", "sofia@example.test", TestName = "soft hyphen inside")]
    [TestCase("nora@exa\u200Dmple.test\u00A0", "nora@example.test", TestName = "joiner inside, no-break space behind")]
    [TestCase("\uFEFF\u202Akai@example.test\u202C\r\n", "kai@example.test", TestName = "byte order mark and marks of direction")]
    [TestCase("\u3000\u2007kai@example.test\u202F\u2800", "kai@example.test", TestName = "wide and narrow blanks")]
    [TestCase("ju\u0308rgen.c@example.test", "j\u00FCrgen.c@example.test", TestName = "decomposed letter")]
    [TestCase("J\u00DCRGEN@example.test", "j\u00FCrgen@example.test", TestName = "capital beyond ASCII")]
    [TestCase("\u212Aai@example.test", "kai@example.test", TestName = "the sign for Kelvin is a K")]
    [TestCase("kai@B\u00FCcher.example", "kai@xn--bcher-kva.example", TestName = "domain beyond ASCII")]
    [TestCase("kai@bu\u0308cher.example", "kai@xn--bcher-kva.example", TestName = "domain decomposed")]
    [TestCase("KAI@XN--BCHER-KVA.example", "kai@xn--bcher-kva.example", TestName = "domain as A-label")]
    [TestCase("kai@stra\u00DFe.example", "kai@xn--strae-oqa.example", TestName = "sharp s is a letter of its own")]
    [TestCase("kai@\uFF45x\u3002example", "kai@ex.example", TestName = "wide letters and dots")]
    [TestCase("no address", "no address")]
    [TestCase("kai@-\u00FC-.example", "kai@-\u00FC-.example", TestName = "no domain")]
    [TestCase("kai@b\u00FC_cher.example", "kai@b\u00FC_cher.example", TestName = "an underscore is in no domain")]
    [TestCase("@B\u00FCcher.example", "@xn--bcher-kva.example", TestName = "nobody before the domain")]
    [TestCase("kai\uD83D@example.test", "kai\uD83D@example.test", TestName = "half a surrogate pair")]
    [TestCase(" \u200B ", null, TestName = "nothing to see")]
    [TestCase("", null, TestName = "empty")]
    [TestCase(null, null, TestName = "null")]
    public void Should_know_every_spelling_of_an_address(string? spelled, string? normal) => Assert.That(NormalKey.OfEmail(spelled), Is.EqualTo(normal));

    [TestCase("CK2 ", "CK2")]
    [TestCase("\u00A0CK2\u200B", "CK2", TestName = "no-break and zero width")]
    [TestCase("C\u00ADK\uFEFF2", "CK2", TestName = "invisible inside")]
    [TestCase("c-kx7Q", "c-kx7Q")]
    [TestCase("a b\u00A0c", "a b\u00A0c", TestName = "blanks inside stay")]
    [TestCase("0042", "0042")]
    [TestCase("E\u0301mile", "\u00C9mile", TestName = "composed")]
    [TestCase("\U0001F469\u200D\U0001F680-1", "\U0001F469\u200D\U0001F680-1", TestName = "emoji keeps its joiner")]
    [TestCase("\t", null, TestName = "blank")]
    [TestCase(null, null, TestName = "no id")]
    public void Should_keep_what_tells_ids_apart(string? spelled, string? normal) => Assert.That(NormalKey.OfId(spelled), Is.EqualTo(normal));

    [Test]
    public void Should_take_plain_keys_without_a_copy()
    {
        const string Address = "kai@example.test";
        const string Id = "c-kx7Q";

        Assert.That(NormalKey.OfEmail(Address), Is.SameAs(Address));
        Assert.That(NormalKey.OfId(Id), Is.SameAs(Id));
    }
}

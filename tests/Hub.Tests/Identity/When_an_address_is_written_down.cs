using IntegrationHub.Identity;

namespace Hub.Tests.Identity;

/// <summary>Whoever is named by an address in quotes, with a name or as a link is the person of the address in it.</summary>
public sealed class When_an_address_is_written_down
{
    [TestCase("kai@x.test", "kai@x.test")]
    [TestCase(" Kai@x.test\u200B", "Kai@x.test")]
    [TestCase("<kai@x.test>", "kai@x.test")]
    [TestCase("Kai Berg <kai@x.test>", "kai@x.test")]
    [TestCase("\"Berg, Kai\" <kai@x.test>;", "kai@x.test")]
    [TestCase("MAILTO:kai@x.test", "kai@x.test")]
    [TestCase("<mailto:kai@x.test?subject=a>", "kai@x.test")]
    [TestCase("'kai@x.test'", "kai@x.test")]
    [TestCase("\u2019kai@x.test", "kai@x.test")]
    [TestCase("\u201Ckai@x.test\u201D", "kai@x.test")]
    [TestCase("\u2018kai@x.test\u2019", "kai@x.test")]
    [TestCase("\"kai@x.test\"", "kai@x.test")]
    [TestCase("(kai@x.test)", "kai@x.test")]
    [TestCase("[kai@x.test]", "kai@x.test")]
    [TestCase("kai@x.test.", "kai@x.test")]
    [TestCase("kai@x.test ,", "kai@x.test")]
    [TestCase("o'kai@x.test", "o'kai@x.test")]
    [TestCase("kai@x.test, zoe@x.test", "kai@x.test, zoe@x.test", Description = "two people: no single address")]
    [TestCase("Kai <kai@x.test>, Zoe <zoe@x.test>", "Kai <kai@x.test>, Zoe <zoe@x.test>")]
    [TestCase("\"kai@x.test\" <kai@x.test>", "kai@x.test")]
    [TestCase("\uFF4Bai\uFF20x.test", "kai@x.test", Description = "wide letters")]
    [TestCase("kai@x\u3002test", "kai@x.test")]
    [TestCase("o\uFB03ce@x.test", "office@x.test", Description = "a ligature")]
    [TestCase("\uFB06ig@x.test", "stig@x.test")]
    [TestCase("\u0130nfo@x.test", "info@x.test", Description = "Turkish capitals")]
    [TestCase("k\uDB40\uDD00a\u17B4i@x.test", "kai@x.test", TestName = "{m}(what nobody sees)")]
    [TestCase("kai%40x.test", "kai@x.test", Description = "as it stands in a link")]
    [TestCase("mailto:kai%2Bnews%40x.test", "kai+news@x.test")]
    [TestCase("kai%40zoe@x.test", "kai%40zoe@x.test")]
    [TestCase("z\u00F6e@x.test", "z\u00F6e@x.test")]
    [TestCase("\uD83D\uDE00@x.test", "\uD83D\uDE00@x.test", TestName = "{m}(an emoji)")]
    [TestCase("kai>", "kai>")]
    [TestCase("nobody.", "nobody.", Description = "nothing of it is an address")]
    [TestCase("\"", "\"")]
    [TestCase("mailto:", "mailto:")]
    [TestCase("mailto:?to=kai@x.test", "mailto:?to=kai@x.test", Description = "a link to nobody")]
    [TestCase(" ", "")]
    [TestCase("", "")]
    [TestCase(null, null)]
    public void Should_be_found(string? text, string? address) => Assert.That(AddressText.Bare(text), Is.EqualTo(address));

    [Test]
    public void Should_be_taken_without_a_copy_where_nothing_stands_around_it()
    {
        const string Address = "kai@x.test";

        Assert.That(AddressText.Bare(Address), Is.SameAs(Address));
    }

    [TestCase("kai@x.test", "kai@x.test")]
    [TestCase("kai@x.test, zoe@x.test", "kai@x.test zoe@x.test")]
    [TestCase("Kai Berg <kai@x.test>, Zoe <zoe@x.test>", "kai@x.test zoe@x.test")]
    [TestCase("kai@x.test|mailto:zoe@x.test;", "kai@x.test zoe@x.test")]
    [TestCase("nobody", "nobody")]
    [TestCase("kai|a@x.test", "kai|a@x.test", Description = "a bar may stand in an address")]
    public void Should_be_found_each_where_there_are_several(string text, string addresses) => Assert.That(string.Join(' ', AddressText.AllOf(text)), Is.EqualTo(addresses));

    [TestCase("kai@x.test", true)]
    [TestCase("j\u00FCrgen+a@x", true)]
    [TestCase("a..b@x.test", true, Description = "some mail systems gave such addresses away")]
    [TestCase("kai@x.test,zoe@x.test", false)]
    [TestCase("kai@zoe@x.test", false)]
    [TestCase("kai berg@x.test", false)]
    [TestCase("kai\u0003@x.test", false, TestName = "{m}(a control character)")]
    [TestCase("kai\u00A0berg@x.test", false)]
    [TestCase("\"kai\"@x.test", false)]
    [TestCase("@x.test", false)]
    [TestCase("kai@", false)]
    [TestCase("kai", false)]
    [TestCase("", false)]
    public void Should_be_told_from_what_is_none(string normal, bool mayBe) => Assert.That(AddressText.MayBeOne(normal), Is.EqualTo(mayBe));
}

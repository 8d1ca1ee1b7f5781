using IntegrationHub.Identity;

namespace Hub.Tests.Identity;

/// <summary>The first and the last letter of every range of what draws nothing, and its neighbours; and words that say that there is no id.</summary>
public sealed class When_a_text_holds_what_nobody_sees
{
    [Test]
    public void Should_lose_it_wherever_it_stands() => Assert.Multiple(() =>
    {
        foreach (var letter in "\u00AD\u034F\u061C\u180E\u200B\u200E\u200F\u202A\u202E\u2060\u206F\uFEFF")
        {
            Assert.That((InvisibleText.Strip($"a{letter}b", joinersMean: true), InvisibleText.Strip($"a{letter}b", joinersMean: false)), Is.EqualTo(("ab", "ab")), Code(letter));
        }

        foreach (var letter in "\u00AC\u00AE\u2027\u202F\u205F\u2070\u180A\u1810\uFE10\uFDFF\u200A")
        {
            Assert.That((InvisibleText.Strip($"a{letter}b", joinersMean: true), InvisibleText.Strip($"a{letter}b", joinersMean: false)), Is.EqualTo(($"a{letter}b", $"a{letter}b")), Code(letter));
        }
    });

    [Test]
    public void Should_keep_in_the_middle_what_shapes_letters_where_that_means_something() => Assert.Multiple(() =>
    {
        foreach (var letter in "\u180B\u180D\u180F\uFE00\uFE0F\u200C\u200D")
        {
            Assert.That((InvisibleText.Strip($"a{letter}b", joinersMean: true), InvisibleText.Strip($"a{letter}b", joinersMean: false)), Is.EqualTo(($"a{letter}b", "ab")), Code(letter));
        }
    });

    [Test]
    public void Should_lose_a_blank_at_the_ends_and_keep_it_in_the_middle() => Assert.Multiple(() =>
    {
        foreach (var blank in " \0\u007F\u0085\u00A0\u115F\u1160\u2800\u3164\uFFA0\u200C\u200D\u200B")
        {
            Assert.That((InvisibleText.Trim($"{blank}a{blank}b{blank}").ToString(), InvisibleText.Trim($"{blank}{blank}").ToString()), Is.EqualTo(($"a{blank}b", "")), Code(blank));
        }
    });

    [Test]
    public void Should_keep_what_is_seen() => Assert.Multiple(() =>
    {
        foreach (var letter in "!~\u115E\u1161\u27FF\u2801\u3163\u3165\uFF9F\uFFA1")
        {
            Assert.That(InvisibleText.Trim($"{letter}a{letter}").ToString(), Is.EqualTo($"{letter}a{letter}"), Code(letter));
        }
    });

    [TestCase(255)]
    [TestCase(256)]
    [TestCase(257)]
    [TestCase(5_000)]
    public void Should_take_a_text_of_any_length(int length) => Assert.That(InvisibleText.Strip(new string('a', length - 1) + '\u200B', joinersMean: true), Is.EqualTo(new string('a', length - 1)));

    [Test]
    public void Should_give_back_the_same_text_where_nothing_is_lost()
    {
        var text = new string(['a', '\u00FC']);
        Assert.That(InvisibleText.Strip(text, joinersMean: true), Is.SameAs(text));
    }

    [TestCase("null")]
    [TestCase("(null)")]
    [TestCase("<null>")]
    [TestCase("[null]")]
    [TestCase("nil")]
    [TestCase("none")]
    [TestCase("nan")]
    [TestCase("na")]
    [TestCase("n/a")]
    [TestCase("undefined")]
    [TestCase("[object object]")]
    [TestCase("#n/a")]
    [TestCase("#null!")]
    [TestCase("#ref!")]
    [TestCase("#value!")]
    [TestCase("#name?")]
    [TestCase("#num!")]
    [TestCase("#div/0!")]
    public void Should_be_nobodys_id(string word)
    {
        Assert.That((SpoiltId.SaysNothing(word), SpoiltId.SaysNothing($" {word.ToUpperInvariant()}\u00A0"), SpoiltId.IsOne(word), SpoiltId.IsRounded(word)), Is.EqualTo((true, true, true, false)));
        Assert.That((SpoiltId.SaysNothing($"{word}1"), SpoiltId.SaysNothing("")), Is.EqualTo((false, false)), "the word and nothing else");
    }

    [TestCase("1.23457E+15", true)]
    [TestCase(" 1,2e+5 ", true)]
    [TestCase("1E+5", true)]
    [TestCase("1.23457E-15", false)]
    [TestCase("12.3E+15", false)]
    [TestCase("1.23457E+1500", false)]
    [TestCase("a1E+5", false)]
    [TestCase("c-17", false)]
    public void Should_be_nobodys_id_where_a_spreadsheet_rounded_it(string text, bool isRounded) => Assert.That((SpoiltId.IsRounded(text), SpoiltId.IsOne(text), SpoiltId.SaysNothing(text)), Is.EqualTo((isRounded, isRounded, false)));

    private static string Code(char letter) => $"U+{(int)letter:X4}";
}

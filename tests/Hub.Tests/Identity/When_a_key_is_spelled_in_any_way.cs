using System.Globalization;
using System.Text;
using FsCheck;
using FsCheck.Fluent;
using IntegrationHub.Identity;

namespace Hub.Tests.Identity;

/// <summary>What holds for every text, tried with the characters that made trouble. A failure shows the shortest such text.</summary>
public sealed class When_a_key_is_spelled_in_any_way
{
    private const int Tries = 3_000;

    /// <summary>Letters that fold, compose or widen, blanks, what nobody sees, and halves of surrogate pairs.</summary>
    private const string Alphabet = "aZ0.@- \u00A0\u200B\u00AD\u200D\u0301\u0308u\u00FC\u0130\u03A3\u03C2\u00DF\u1E9E\u212A\uFF21\u3002\u115F\u2800\uD83D\uDE00\uFE0F";

    public static Arbitrary<Spelling> Spellings() => Arb.From(
        Gen.Elements(Alphabet.ToCharArray()).ArrayOf().Select(letters => new Spelling(new string(letters))),
        spelling => Enumerable.Range(0, spelling.Text.Length).Select(at => new Spelling(spelling.Text.Remove(at, 1))));

    [FsCheck.NUnit.Property(MaxTest = Tries, EndSize = 20, Arbitrary = new[] { typeof(When_a_key_is_spelled_in_any_way) })]
    public bool Should_leave_a_normal_form_as_it_is(Spelling spelling) =>
        NormalKey.OfEmail(NormalKey.OfEmail(spelling.Text)) == NormalKey.OfEmail(spelling.Text) && NormalKey.OfId(NormalKey.OfId(spelling.Text)) == NormalKey.OfId(spelling.Text);

    [FsCheck.NUnit.Property(MaxTest = Tries, EndSize = 20, Arbitrary = new[] { typeof(When_a_key_is_spelled_in_any_way) })]
    public bool Should_not_mind_what_nobody_sees(Spelling spelling, NonNegativeInt where)
    {
        var marked = spelling.Text.Insert(where.Get % (spelling.Text.Length + 1), "\u200B");
        return NormalKey.OfEmail(marked) == NormalKey.OfEmail(spelling.Text) && NormalKey.OfId(marked) == NormalKey.OfId(spelling.Text);
    }

    [FsCheck.NUnit.Property(MaxTest = Tries, EndSize = 20, Arbitrary = new[] { typeof(When_a_key_is_spelled_in_any_way) })]
    public bool Should_not_mind_how_letters_are_composed(Spelling spelling)
    {
        if (!spelling.IsWellFormed)
        {
            return true;
        }

        var decomposed = spelling.Text.Normalize(NormalizationForm.FormD);
        return NormalKey.OfEmail(decomposed) == NormalKey.OfEmail(spelling.Text) && NormalKey.OfId(decomposed) == NormalKey.OfId(spelling.Text);
    }

    /// <summary>A text that shows in a failure what it is made of.</summary>
    public sealed record Spelling(string Text)
    {
        public bool IsWellFormed => !Text.EnumerateRunes().Any(static rune => rune == Rune.ReplacementChar);

        public override string ToString() =>
            string.Concat(Text.Select(static letter => letter is > ' ' and < '\u007F' ? letter.ToString() : string.Create(CultureInfo.InvariantCulture, $"\\u{(int)letter:X4}")));
    }
}

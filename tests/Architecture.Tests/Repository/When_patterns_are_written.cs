using System.Text.RegularExpressions;

namespace Architecture.Tests.Repository;

/// <summary>What a dollar sign ends may go on with a line break: a name, a code or a key that ends so would pass.</summary>
public sealed partial class When_patterns_are_written
{
    [Test]
    public void Should_end_where_the_text_ends() =>
        Assert.That(
            from path in Tree.Sources()
            where !path.StartsWith("tests/", StringComparison.Ordinal)
            from line in Tree.Lines(path)
            where EndsBeforeALineBreak().IsMatch(line)
            select $"{path}: {line.Trim()}",
            Is.Empty,
            @"write \z");

    [TestCase("""[GeneratedRegex("^[a-z]+$")]""", true)]
    [TestCase("""[GeneratedRegex("^[a-z]+$", RegexOptions.None)]""", true)]
    [TestCase("""[GeneratedRegex(@"^[a-z]+\z")]""", false)]
    [TestCase("""[GeneratedRegex(@"^[$]\z")]""", false)]
    public void Should_be_found_where_they_do_not(string line, bool isFound) => Assert.That(EndsBeforeALineBreak().IsMatch(line), Is.EqualTo(isFound));

    [GeneratedRegex(@"(GeneratedRegex|new Regex|Regex\.\w+)\(.*\$""[,)]")]
    private static partial Regex EndsBeforeALineBreak();
}

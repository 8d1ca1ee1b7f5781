using System.Text.RegularExpressions;

namespace Architecture.Tests.Repository;

/// <summary>In a class that is cut for length another type is hiding. Only what is generated may be the second part of one.</summary>
public sealed partial class When_types_are_spread_over_files
{
    [Test]
    public void Should_lie_in_one_file_each() =>
        Assert.That(
            from path in Tree.Sources()
            where !path.StartsWith("tests/", StringComparison.Ordinal) && !path.Contains("/Migrations/", StringComparison.Ordinal)
            from Match part in Partial().Matches(Tree.Read(path))
            where part.Groups[1].Length == 0
            group path by $"{Path.GetDirectoryName(path)}: {part.Groups[2].Value}" into parts
            where parts.Distinct().Count() > 1
            select parts.Key,
            Is.Empty);

    [Test]
    public void Should_be_called_like_their_file() =>
        Assert.That(
            Tree.Sources().Where(path => !path.StartsWith("tests/", StringComparison.Ordinal) && !path.Contains("/Migrations/", StringComparison.Ordinal) && Path.GetFileName(path).Count(c => c == '.') > 1),
            Is.Empty);

    [GeneratedRegex(@"^( *)[a-z ]*\bpartial (?:class|record|struct|interface) (\w+)", RegexOptions.Multiline)]
    private static partial Regex Partial();
}

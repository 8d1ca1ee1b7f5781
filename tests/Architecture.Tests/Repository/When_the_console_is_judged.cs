using System.Text.RegularExpressions;

namespace Architecture.Tests.Repository;

/// <summary>The page that says how the console stands against its thirty checks names tests that there are, and leaves out no check.</summary>
public sealed partial class When_the_console_is_judged
{
    private const string Page = "Hub/Docs/console-checks.md";

    [Test]
    public void Should_say_of_every_check_what_holds_it()
    {
        var rows = Row().Matches(Tree.Read(Page)).Select(row => (Number: row.Groups[1].Value, Cells: row.Groups[2].Value)).ToList();
        Assert.That(rows.Select(row => row.Number), Is.EqualTo(Enumerable.Range(1, 30).Select(number => $"{number}")));
        Assert.That(rows.Where(row => !Name().IsMatch(row.Cells) && !row.Cells.Contains("Looked at", StringComparison.Ordinal)).Select(row => row.Number), Is.Empty, "checks that neither a test nor a person has looked at");
    }

    [Test]
    public void Should_name_tests_that_there_are()
    {
        var tests = Tree.Sources("tests/").Where(path => Path.GetFileName(path).StartsWith("When_", StringComparison.Ordinal)).ToLookup(path => Path.GetFileName(path).Split('.')[0], Tree.Read);
        var names = Name().Matches(Tree.Read(Page)).Select(name => (Class: name.Groups[1].Value, Method: name.Groups[2].Value)).ToList();
        Assert.That(names, Has.Count.GreaterThan(30), "the look itself");
        Assert.That(names.Where(name => !tests[name.Class].Any(text => text.Contains($" {name.Method}(", StringComparison.Ordinal))), Is.Empty);
    }

    [GeneratedRegex(@"^\| ([0-9]+) \|(.*)$", RegexOptions.Multiline)]
    private static partial Regex Row();

    [GeneratedRegex(@"`(When_[A-Za-z_0-9]+)\.(Should_[A-Za-z_0-9]+)`")]
    private static partial Regex Name();
}

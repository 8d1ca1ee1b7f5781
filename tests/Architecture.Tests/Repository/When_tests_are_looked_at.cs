using System.Text.RegularExpressions;

namespace Architecture.Tests.Repository;

/// <summary>Tests wait for conditions, are never skipped, and are all found by <c>tests/run</c>.</summary>
public sealed partial class When_tests_are_looked_at
{
    // Each word is put together here, so that this file does not hold it.
    private static readonly string[] _waits = ["Thread." + "Sleep", "Task." + "Delay", "SpinWait." + "SpinUntil"];
    private static readonly string[] _skips = ["Assert." + "Ignore", "Assert." + "Inconclusive", "Assert." + "Pass(", "[Ign" + "ore", "[Expl" + "icit"];

    private static readonly string[] _limits = ["WaitAsync(" + "TimeSpan", "Cancel" + "After(", "CancellationTokenSource(" + "TimeSpan", "[Max" + "Time("];

    [Test]
    public void Should_wait_for_something_as_long_as_every_other_test() => Assert.That(Lines(_limits), Is.Empty, "a machine may be slow: Poll.Patience is the limit of every wait");

    [Test]
    public void Should_not_wait_for_a_time() => Assert.That(Lines(_waits), Is.Empty);

    [Test]
    public void Should_not_be_skipped() => Assert.That(Lines(_skips), Is.Empty);

    [Test]
    public void Should_lie_where_they_are_found() =>
        Assert.That(Tree.Sources("tests/").Where(path => Tree.Read(path).Contains("[Te" + "st]", StringComparison.Ordinal)).Where(path => !path.Split('/')[1].EndsWith(".Tests", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Should_be_named_by_situation_and_outcome() =>
        Assert.That(
            from path in Tree.Sources("tests/")
            let text = Tree.Read(path)
            where text.Contains("[Te" + "st]", StringComparison.Ordinal) && text.Contains("public sealed class", StringComparison.Ordinal)
            where !Path.GetFileName(path).StartsWith("When_", StringComparison.Ordinal)
            select path,
            Is.Empty);

    /// <summary>A control character or half a surrogate pair in the name of a case: the name that is shown is another one, so that a run that selects cases by their names passes over it.</summary>
    [Test]
    public void Should_have_names_by_which_they_are_found() => Assert.That(
        Tree.Sources("tests/").SelectMany(Tree.Lines).Where(line => UnspeakableCase().IsMatch(line) && !line.Contains("TestName = ", StringComparison.Ordinal)), Is.Empty, "say TestName = \"{m}(what it is)\"");

    [GeneratedRegex("""^\s*\[TestCase\((?!\"\"\").*(?<!\\)(\\\\)*\\u(00(0[1-68BCEFbcef]|1[0-9A-Fa-f])|[Dd][89ABab][0-9A-Fa-f]{2}(?!\\u[Dd][C-Fc-f]))""", RegexOptions.CultureInvariant)]
    private static partial Regex UnspeakableCase();

    private static IEnumerable<string> Lines(string[] words) =>
        from path in Tree.Sources("tests/")
        where !path.StartsWith("tests/Benchmarks/", StringComparison.Ordinal)
        from line in Tree.Lines(path)
        from word in words
        where line.Contains(word, StringComparison.Ordinal)
        select $"{path}: {line.Trim()}";
}

namespace Architecture.Tests.Repository;

/// <summary>Tests wait for conditions, are never skipped, and are all found by <c>tests/run</c>.</summary>
public sealed class When_tests_are_looked_at
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

    private static IEnumerable<string> Lines(string[] words) =>
        from path in Tree.Sources("tests/")
        where !path.StartsWith("tests/Benchmarks/", StringComparison.Ordinal)
        from line in Tree.Lines(path)
        from word in words
        where line.Contains(word, StringComparison.Ordinal)
        select $"{path}: {line.Trim()}";
}

using System.Text.RegularExpressions;

namespace Architecture.Tests.Repository;

/// <summary>
/// A driver, a bus or a timeout may cancel what nobody else canceled. Who takes every such exception for the end lets a loop, a lease or what a vendor told go; the token says
/// whether the end is meant.
/// </summary>
public sealed partial class When_exceptions_are_caught
{
    [TestCase("catch (Exception e) when (e is not OperationCanceledException)", true)]
    [TestCase("catch (Exception e) when (e is not OperationCanceledException and not TimeoutException)", true)]
    [TestCase("catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)", false)]
    [TestCase("catch (Exception e) when (!cancellationToken.IsCancellationRequested)", false)]
    public void Should_be_found_where_only_the_exception_is_asked(string line, bool isFound) => Assert.That(AsksTheException(line), Is.EqualTo(isFound));

    [Test]
    public void Should_ask_the_token_whether_the_end_is_meant()
    {
        var sources = Tree.Sources().Where(path => !path.StartsWith("tests/", StringComparison.Ordinal)).ToList();
        Assert.That(sources, Has.Count.GreaterThan(500), "the look itself");
        Assert.That(sources.Where(path => Tree.Lines(path).Any(AsksTheException)), Is.Empty);
    }

    private static bool AsksTheException(string line) => Filter().IsMatch(line) && !line.Contains("IsCancellationRequested", StringComparison.Ordinal);

    [GeneratedRegex(@"\bcatch\b.*\bwhen\b.*\bis not OperationCanceledException\b")]
    private static partial Regex Filter();
}

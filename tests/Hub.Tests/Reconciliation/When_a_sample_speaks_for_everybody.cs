using IntegrationHub.Hub.Reconciliation;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>The bound holds: of the populations that it excludes, less than one in twenty would give such a sample.</summary>
public sealed class When_a_sample_speaks_for_everybody
{
    [TestCase(0, 400, 0.0075)]
    [TestCase(0, 1, 1)]
    [TestCase(4, 400, 0.0224)]
    [TestCase(400, 400, 1)]
    public void Should_tell_how_large_the_share_may_be(long different, long sampled, double bound) => Assert.That(DifferenceBound.Upper95(different, sampled), Is.EqualTo(bound).Within(0.0005));

    [Test]
    public void Should_be_right_about_samples_of_which_nobody_differs() =>
        Assert.That(Enumerable.Range(1, 1_000), Has.All.Matches<int>(n => Math.Pow(1 - DifferenceBound.Upper95(0, n), n) <= 0.05));
}

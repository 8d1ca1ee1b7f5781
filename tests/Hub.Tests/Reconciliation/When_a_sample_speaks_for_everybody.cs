using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>The bound holds: of the populations that it excludes, less than one in twenty would give such a sample.</summary>
public sealed class When_a_sample_speaks_for_everybody
{
    [TestCase(0, 400, 0.0075)]
    [TestCase(0, 1, 1)]
    [TestCase(4, 400, 0.0224)]
    [TestCase(400, 400, 1)]
    public void Should_tell_how_large_the_share_may_be(long different, long sampled, double bound) => Assert.That(DifferenceBound.Upper95(different, sampled), Is.EqualTo(bound).Within(0.0005));

    [TestCase(0.01, 300)]
    [TestCase(0.0075, 400)]
    [TestCase(0.5, 6)]
    [TestCase(0.00001, 300_000)]
    public void Should_be_as_large_as_what_is_to_be_said_of_all_needs(double fewerThan, int people)
    {
        Assert.That(ReconcileSectionParser.SampleFor(fewerThan), Is.EqualTo(people));
        Assert.That(DifferenceBound.Upper95(0, people), Is.LessThanOrEqualTo(fewerThan));
    }

    [TestCase(400, 2, false, "sample", 0.018, "The fields of 400 people were read, a sample of 1,000,000; 2 differ. With 95 % confidence fewer than 1.", "% of all differ.")]
    [TestCase(1_000_000, 2, true, "whole", null, "The fields of all 1,000,000 people were read; 2 differ.", "")]
    [TestCase(0, 0, false, "sample", null, "The fields of nobody were read.", "")]
    public void Should_say_so_in_words_and_numbers(long read, long different, bool whole, string kind, double? bound, string begins, string ends)
    {
        var check = FieldCheckJson.From(new ComparisonState
        {
            RunId = default, Audience = "a", Destination = "d", Heal = "report", WholeFields = whole, Sample = 400, RequestedBy = "x", RequestedAt = default, Expected = 1_000_000, Checked = read, Different = different + 1_000, FieldsDiffer = different,
        });
        Assert.That((check.Read, check.Checked, check.Different), Is.EqualTo((kind, read, different)));
        Assert.That(check.UpperBound, bound is null ? Is.Null : Is.EqualTo(bound).Within(0.004));
        Assert.That(check.Says, Does.StartWith(begins).And.EndWith(ends));
    }

    [Test]
    public void Should_be_right_about_samples_of_which_nobody_differs() =>
        Assert.That(Enumerable.Range(1, 1_000), Has.All.Matches<int>(n => Math.Pow(1 - DifferenceBound.Upper95(0, n), n) <= 0.05));
}

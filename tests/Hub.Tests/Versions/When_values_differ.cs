using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Versions.Effects;

namespace IntegrationHub.Hub.Tests.Versions;

/// <summary>What is told of values that nobody may read, and of numbers that a sample gives.</summary>
public sealed class When_values_differ
{
    [TestCase("Bern", "BERN", ValueDifference.Case)]
    [TestCase(" Bern  Town", "Bern Town", ValueDifference.Spaces)]
    [TestCase("0791234567", "+410791234567", ValueDifference.Begin)]
    [TestCase("3000", "3000 Bern", ValueDifference.End)]
    [TestCase("2001-02-03", "2001/02/03", ValueDifference.Punctuation)]
    [TestCase("3000 Bern", "3000", ValueDifference.Cut)]
    [TestCase("Bern", "Basel", ValueDifference.Other)]
    public void Should_say_how(string before, string after, string difference) => Assert.That(ValueDifference.Of(FieldValue.Of(before), FieldValue.Of(after)), Is.EqualTo(difference));

    [Test]
    public void Should_say_of_what_is_no_text() => Assert.That(
        new[] { ValueDifference.Of(FieldValue.Of("5"), FieldValue.Of(5)), ValueDifference.Of(FieldValue.Null, FieldValue.Of(5)), ValueDifference.Of(FieldValue.Of(5), FieldValue.Null), ValueDifference.Of(FieldValue.Of(5), FieldValue.Of(7)) },
        Is.EqualTo(new[] { ValueDifference.Type, ValueDifference.Filled, ValueDifference.Cleared, ValueDifference.Other }));

    [TestCase(604, 20_000, 1_000_000, 30_200, 2_349)]
    [TestCase(0, 20_000, 1_000_000, 0, 150)]
    [TestCase(20_000, 20_000, 1_000_000, 1_000_000, 150)]
    [TestCase(7, 500, 500, 7, 0)]
    [TestCase(0, 0, 0, 0, 0)]
    public void Should_say_how_far_a_number_may_be_off(long found, long lookedAt, long people, long count, long plusMinus) =>
        Assert.That(EstimateJson.Of(found, lookedAt, people), Is.EqualTo(new EstimateJson(count, plusMinus)));
}

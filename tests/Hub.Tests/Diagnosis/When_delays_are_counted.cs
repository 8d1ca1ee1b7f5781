using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

public sealed class When_delays_are_counted
{
    [Test]
    public void Should_find_the_share_that_was_done_in_time()
    {
        var lag = new LagHistogram();
        foreach (var seconds in Enumerable.Repeat(0.5, 90).Concat(Enumerable.Repeat(30.0, 9)).Append(200_000))
        {
            lag.Add(TimeSpan.FromSeconds(seconds));
        }

        Assert.That(lag.Quantile(0.5), Is.LessThanOrEqualTo(TimeSpan.FromSeconds(1)));
        Assert.That(lag.Quantile(0.95)!.Value.TotalSeconds, Is.InRange(15, 60));
        Assert.That(lag.Quantile(1), Is.EqualTo(TimeSpan.FromDays(1)), "the last bound: it took longer");
        Assert.That(new LagHistogram().Quantile(0.5), Is.Null);
    }

    [TestCase(1, 0)]
    [TestCase(1.1, 1)]
    [TestCase(86_400, 8)]
    [TestCase(86_401, 9)]
    public void Should_take_a_bound_into_its_bucket(double seconds, int bucket)
    {
        var lag = new LagHistogram();
        lag.Add(TimeSpan.FromSeconds(seconds));
        Assert.That(lag.Counts[bucket], Is.EqualTo(1));
    }
}

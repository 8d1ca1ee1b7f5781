using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>Calls bring 750 records a second, as at Marketo: 45,000 in a minute.</summary>
public sealed class When_jobs_are_measured
{
    private static readonly DateTimeOffset Noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly BulkLimits Limits = new(45_000, 50_000, 10_000_000, TimeSpan.FromSeconds(15)) { CallsPace = 750 };

    private readonly StoppedClock _clock = new(Noon);
    private BulkExperience _experience = null!;

    [SetUp]
    public void Forget()
    {
        _clock.Now = Noon;
        _experience = new BulkExperience(_clock);
    }

    [TestCase(60, 45_000, 45_000, true)]
    [TestCase(61, 45_000, 45_000, false)]
    [TestCase(61, 45_000, 50_000, false, Description = "a larger one takes longer in proportion")]
    [TestCase(30, 20_000, 50_000, false)]
    [TestCase(60, 50_000, 45_000, true, Description = "a smaller one takes as long, for most of it is waiting")]
    [TestCase(61, 50_000, 45_000, false)]
    [TestCase(360, 59_100, 50_000, false, Description = "as it was seen: six minutes, 80 seconds by calls")]
    public void Should_choose_what_brings_the_records_sooner(int seconds, int before, int records, bool job)
    {
        Measure(seconds, before);
        Assert.That(_experience.IsWorth("marketo", Operation.AddMember, records, Limits), Is.EqualTo(job));
    }

    [Test]
    public void Should_judge_each_destination_and_operation_by_its_own()
    {
        Measure(600, 45_000);
        Assert.That(_experience.IsWorth("another", Operation.AddMember, 45_000, Limits), Is.True);
        Assert.That(_experience.IsWorth("marketo", Operation.UpsertProfile, 45_000, Limits), Is.True);
        Assert.That(_experience.IsWorth("marketo", Operation.AddMember, 45_000, Limits with { CallsPace = 0 }), Is.True, "wanted for another reason");
    }

    [Test]
    public void Should_try_again_after_a_week_and_believe_the_latest_job()
    {
        Measure(600, 45_000);
        _clock.Now += TimeSpan.FromDays(7);
        Assert.That(_experience.IsWorth("marketo", Operation.AddMember, 45_000, Limits), Is.False);
        _clock.Now += TimeSpan.FromSeconds(1);
        Assert.That(_experience.IsWorth("marketo", Operation.AddMember, 45_000, Limits), Is.True);
        Measure(59, 45_000);
        Assert.That(_experience.IsWorth("marketo", Operation.AddMember, 45_000, Limits), Is.True);
    }

    private void Measure(int seconds, int records) => _experience.Note(
        new BulkJob(1, "marketo", Lane.Bulk, 0, Guid.NewGuid(), "vip", Operation.AddMember, "4321", "v1", _clock.GetUtcNow() - TimeSpan.FromSeconds(seconds), _clock.GetUtcNow()), records);
}

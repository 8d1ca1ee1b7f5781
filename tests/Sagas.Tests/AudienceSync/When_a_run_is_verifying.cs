using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Sagas.AudienceSync.Messages;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_run_is_verifying : RunFixture
{
    [Test]
    [Edge("Verifying", "AudienceSyncVerified", "Completed")]
    public async Task Should_complete_when_everybody_is_there()
    {
        await Run.SendAsync(Run.Verified());

        Assert.That(Run.State, Is.EqualTo("Completed"));
    }

    [Test]
    [Edge("Verifying", "AudienceSyncVerified", "CompletedWithIssues")]
    public async Task Should_complete_with_issues_when_records_were_rejected()
    {
        await Run.SendAsync(Run.Verified(withIssues: 1));

        Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
    }

    [TestCase(1, 0)]
    [TestCase(0, 1)]
    [Edge("Verifying", "AudienceSyncVerified", "Verifying")]
    [Edge("Verifying", "VerificationDelayElapsed", "Verifying")]
    public async Task Should_read_back_again_while_the_vendor_differs(long missing, long unexpected)
    {
        await Run.SendAsync(Run.Verified(missing: missing, unexpected: unexpected));
        var askedAtOnce = Run.Said<VerifyAudienceSync>().Count;
        await Run.ElapseAsync<VerificationDelayElapsed>();

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Verifying"));
            Assert.That(askedAtOnce, Is.EqualTo(1), "the vendor is given time");
            Assert.That(Run.Said<VerifyAudienceSync>().Select(asked => asked.Round), Is.EqualTo([1, 2]));
            Assert.That((Run.Row.Missing, Run.Row.Unexpected), Is.EqualTo((missing, unexpected)));
        });
    }

    [Test]
    public async Task Should_double_the_pauses_and_give_up_after_ten_rounds()
    {
        var pauses = new List<double>();
        for (var round = 1; round < 10; round++)
        {
            await Run.SendAsync(Run.Verified(round, missing: 5));
            pauses.Add((Run.Timeouts.Single<VerificationDelayElapsed>().Due - Run.Clock.Now.UtcDateTime).TotalSeconds);
            await Run.ElapseAsync<VerificationDelayElapsed>();
        }

        await Run.SendAsync(Run.Verified(10, missing: 5));

        Assert.Multiple(() =>
        {
            Assert.That(pauses, Is.EqualTo([1.0, 2, 4, 8, 16, 32, 60, 60, 60]));
            Assert.That(Run.Said<VerifyAudienceSync>().Select(asked => asked.IsLastRound), Is.EqualTo([.. Enumerable.Repeat(false, 9), true]));
            Assert.That(Run.State, Is.EqualTo("CompletedWithIssues"));
            Assert.That(Run.Said<AudienceSyncCompleted>().Single().Missing, Is.EqualTo(5));
        });
    }

    [Test]
    public async Task Should_complete_when_a_later_round_shows_everybody()
    {
        await Run.SendAsync(Run.Verified(missing: 5));
        await Run.ElapseAsync<VerificationDelayElapsed>();
        await Run.SendAsync(Run.Verified(round: 2));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Completed"));
            Assert.That(Run.Row.Missing, Is.Zero);
        });
    }

    [Test]
    public async Task Should_ignore_the_answer_of_an_old_round()
    {
        await Run.SendAsync(Run.Verified(missing: 5));
        await Run.SendAsync(Run.Verified(round: 1));

        Assert.Multiple(() =>
        {
            Assert.That(Run.State, Is.EqualTo("Verifying"));
            Assert.That(Run.Row.Missing, Is.EqualTo(5));
            Assert.That(Run.Timeouts.Pending.Count(timeout => timeout.Message is VerificationDelayElapsed), Is.EqualTo(1));
        });
    }

    [Test]
    [Edge("Verifying", "AudienceSyncProgressed", "Verifying")]
    public async Task Should_take_late_progress_as_a_sign_of_life()
    {
        Run.Clock.Advance(TimeSpan.FromSeconds(1));
        await Run.SendAsync(Run.Progressed());

        Assert.That(Run.Row.LastProgressAt, Is.EqualTo(FakeClock.Start.AddSeconds(1)));
    }

    protected override Task ArrangeAsync() => Run.GoToAsync("Verifying");
}

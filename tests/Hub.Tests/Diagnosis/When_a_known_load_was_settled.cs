using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Tests.Storage;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.Diagnosis;

/// <summary>A load of which every delay and every failure is known, over several partitions and minutes: the numbers are its.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_known_load_was_settled(StorageDatabase database) : StorageFixture(database)
{
    /// <summary>Delays in seconds: of a thousand, half within the second, 95 of 100 within half a minute, ten longer than four hours.</summary>
    private static readonly double[] _delays =
    [
        .. Enumerable.Range(1, 500).Select(i => i / 500d), .. Enumerable.Range(1, 400).Select(i => 1 + 14 * i / 400d), .. Enumerable.Range(1, 50).Select(i => 15 + 15 * i / 50d),
        .. Enumerable.Range(1, 40).Select(i => 60 + 240 * i / 40d), .. Enumerable.Repeat(20_000d, 10),
    ];

    [Test]
    public async Task Should_show_its_delays_errors_and_backlog()
    {
        var (audience, destination) = (Unique("aud"), Unique("dest"));
        await ApplyAsync(audience, "full", 0, [.. Enumerable.Range(0, 1_200).Select(i => $"{audience}-{i}")]);
        var run = await StartRunAsync(audience, destination: destination);
        await PlanAsync(run, audience, destination: destination, partitions: 2);
        var delays = new Queue<double>(_delays.Shuffle());
        for (var partition = 0; partition < 2; partition++)
        {
            var lease = await LeaseAsync(partition: partition, destination: destination);
            var claim = await ClaimAsync(lease);
            var (now, done) = (DateTimeOffset.UtcNow, new List<Settlement>());
            foreach (var (owed, i) in claim.Select((owed, i) => (owed, i)))
            {
                done.Add(i switch
                {
                    < 20 => Ended(owed, LedgerOutcome.Rejected, "email_malformed"),
                    < 25 => Ended(owed, LedgerOutcome.DeadLettered, "gave_up"),
                    < 30 => Ended(owed, LedgerOutcome.Suppressed, "consent_denied"),
                    _ when delays.TryDequeue(out var delay) => Delivered(owed with { OwedSince = now - TimeSpan.FromSeconds(delay) }),
                    _ => Later(owed, 90),
                });
            }

            await WriteAsync(db => Deliveries.SettleAsync(db, lease, done, now, CancellationToken.None));
        }

        Assert.That(delays, Is.Empty, "all of it was settled");
        var at = DateTimeOffset.UtcNow;
        var situation = await ReadAsync(db => Situations.ReadAsync(db, at, CancellationToken.None));
        var window = await ReadAsync(db => DeliveryMinutes.SumAsync(db, at.AddMinutes(-10), CancellationToken.None));
        var goal = GoalJson.Of(SloRules.Usual, destination, situation, window).Single();
        var (tried, failed) = (1_200 - 10, 2 * 25 + 140);
        Assert.Multiple(() =>
        {
            Assert.That((goal.Lane, goal.Attempted, goal.Backlog), Is.EqualTo((Bulk, (long)tried, 140L)));
            Assert.That(goal.ErrorShare, Is.EqualTo((double)failed / tried).Within(1e-9));
            Assert.That(goal.LagP50, Is.EqualTo(1).Within(0.01), "half within the second");
            Assert.That(goal.LagP95, Is.InRange(15, 60), "within the bounds about half a minute");
            Assert.That(goal.LagP99, Is.EqualTo(300).Within(1));
            Assert.That(goal.Freshness, Is.EqualTo((at - situation.Pending.Where(work => work.Destination == destination).Min(work => work.Oldest)).TotalSeconds).Within(1));
            Assert.That((goal.FreshnessGoal, goal.LagP95Goal, goal.ErrorShareGoal, goal.BacklogGoal), Is.EqualTo((3_600d, 7_200d, 0.05, (long?)null)));
        });
        Assert.That(GoalJson.Of(SloRules.Usual, Unique("other"), situation, window), Is.Empty, "another one's load is not counted");
    }
}

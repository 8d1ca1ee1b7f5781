using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixtureSource(typeof(Platforms))]
internal sealed class When_the_inbox_is_cleaned(Platform platform) : BridgeFixture(platform)
{
    protected override BridgeSettings Configure(BridgeSettings settings) =>
        settings with { DuplicateDetectionWindow = TimeSpan.FromSeconds(1), AbandonedAfter = TimeSpan.FromSeconds(1) };

    [Test]
    public async Task Should_forget_messages_after_the_window()
    {
        var chargeIds = Enumerable.Range(0, 20).Select(_ => NewId.NextGuid()).ToList();
        await Task.WhenAll(chargeIds.Select(x => PublishAsync(new Charge(x))));
        await Poll.Until(() => Arrivals.Charged.Count == chargeIds.Count);

        await Poll.Until(async () => await CountAsync<InboxState>() == 0);
        foreach (var chargeId in chargeIds)
            Assert.That(await EffectsAsync(chargeId), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_clean_many_rows_in_small_steps()
    {
        await InScopeAsync(async (_, dbContext) =>
        {
            dbContext.AddRange(Enumerable.Range(0, 2_500).Select(_ => new InboxState
            {
                MessageId = NewId.NextGuid(),
                ConsumerId = NewId.NextGuid(),
                Consumed = DateTime.UnixEpoch,
                Delivered = DateTime.UnixEpoch,
                Received = DateTime.UnixEpoch,
            }));
            await dbContext.SaveChangesAsync();
        });

        await Poll.Until(async () => await CountAsync<InboxState>() == 0);
    }

    [Test]
    public async Task Should_not_wait_for_locked_business_rows_nor_for_locked_inbox_rows()
    {
        if (!IsPostgres)
        {
            // SQLite has one writer; what there is to see is that cleaning ends between writers.
            await Should_forget_messages_after_the_window();
            return;
        }

        var chargeId = NewId.NextGuid();
        await PublishAsync(new Charge(chargeId));
        await Poll.Until(() => Arrivals.Charged.Count == 1);
        await InScopeAsync(async (_, dbContext) =>
        {
            await using var transaction = await dbContext.Database.BeginTransactionAsync();
            await dbContext.Database.ExecuteSqlRawAsync("LOCK TABLE \"Effects\", \"Orders\" IN ACCESS EXCLUSIVE MODE");
            await dbContext.Database.ExecuteSqlRawAsync(
                "INSERT INTO \"InboxState\" (\"MessageId\", \"ConsumerId\", \"LockId\", \"Received\", \"ReceiveCount\") VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), now(), 1)");
            await Poll.Until(async () => await CountAsync<InboxState>() == 0, "cleaning to pass by what others hold");
        });
    }
}

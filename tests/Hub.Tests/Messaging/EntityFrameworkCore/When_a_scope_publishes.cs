using IntegrationHub.BridgeProcess;
using IntegrationHub.TestServers;
using MassTransit;
using MassTransit.EntityFrameworkCoreIntegration;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Messaging.EntityFrameworkCore;

[TestFixtureSource(typeof(Platforms))]
internal sealed class When_a_scope_publishes(Platform platform) : BridgeFixture(platform)
{
    // Long enough that only the wake-up signal can explain a delivery.
    protected override BridgeSettings Configure(BridgeSettings settings) => settings with { QueryDelay = TimeSpan.FromHours(1) };

    [Test]
    public async Task Should_send_what_was_saved()
    {
        var chargeId = NewId.NextGuid();
        await InScopeAsync(async (provider, dbContext) =>
        {
            await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(chargeId, 0));
            await dbContext.SaveChangesAsync();
        });

        await Poll.Until(() => Arrivals.Charged.Any(x => x.ChargeId == chargeId));
        await SettledAsync();
    }

    [Test]
    public async Task Should_send_once_a_transaction_with_plain_statements_commits()
    {
        var chargeId = NewId.NextGuid();
        await InScopeAsync(async (provider, dbContext) =>
        {
            await using var transaction = await dbContext.Database.BeginTransactionAsync();
            await InsertAsync(dbContext, chargeId);
            await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(chargeId, 0));
            await dbContext.SaveChangesAsync();
            await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(chargeId, 1));
            await dbContext.SaveChangesAsync();
            Assert.That(Arrivals.Charged, Is.Empty, "nothing leaves before the commit");
            await transaction.CommitAsync();
            await Poll.Until(() => Arrivals.Charged.Count == 2, "delivery to be woken by the commit, not by the end of the scope");
        });

        Assert.That(Arrivals.Charged.Select(x => x.Copy), Is.EqualTo([0, 1]));
        Assert.That(await EffectsAsync(chargeId), Is.EqualTo(1));
    }

    [Test]
    public async Task Should_send_nothing_that_was_rolled_back_or_never_saved()
    {
        await InScopeAsync(async (provider, dbContext) =>
        {
            await using var transaction = await dbContext.Database.BeginTransactionAsync();
            await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(NewId.NextGuid(), 0));
            await dbContext.SaveChangesAsync();
        });
        await InScopeAsync((provider, _) => provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(NewId.NextGuid(), 0)));
        var saved = NewId.NextGuid();
        await InScopeAsync(async (provider, dbContext) =>
        {
            await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(saved, 0));
            await dbContext.SaveChangesAsync();
        });

        await Poll.Until(() => !Arrivals.Charged.IsEmpty);
        await SettledAsync();
        Assert.That(Arrivals.Charged.Select(x => x.ChargeId), Is.EqualTo([saved]));
    }

    [Test]
    public async Task Should_keep_the_order_within_a_scope()
    {
        const int Messages = 60;
        var chargeId = NewId.NextGuid();
        await InScopeAsync(async (provider, dbContext) =>
        {
            var endpoint = await provider.GetRequiredService<ISendEndpointProvider>().GetSendEndpoint(new Uri("queue:order-sink"));
            for (var i = 0; i < Messages; i++)
                await endpoint.Send(new Charged(chargeId, i));
            await dbContext.SaveChangesAsync();
        });

        await Poll.Until(() => Arrivals.InOrder.Count == Messages);
        Assert.That(Arrivals.InOrder, Is.EqualTo(Enumerable.Range(0, Messages)));
    }

    [Test]
    public async Task Should_wake_up_for_every_commit()
    {
        const int Scopes = 200;
        await Task.WhenAll(Enumerable.Range(0, 8).Select(async lane =>
        {
            for (var i = 0; i < Scopes / 8; i++)
            {
                await InScopeAsync(async (provider, dbContext) =>
                {
                    await provider.GetRequiredService<IPublishEndpoint>().Publish(new Charged(NewId.NextGuid(), lane));
                    await dbContext.SaveChangesAsync();
                });
            }
        }));

        await Poll.Until(() => Arrivals.Charged.Count == Scopes, "a lost signal would show after an hour");
        await SettledAsync();
    }

    private static Task<int> InsertAsync(BridgeDbContext dbContext, Guid chargeId)
    {
        FormattableString sql = $"INSERT INTO \"Effects\" (\"Id\", \"ChargeId\") VALUES ({NewId.NextGuid()}, {chargeId})";
        return dbContext.Database.ExecuteSqlInterpolatedAsync(sql);
    }
}

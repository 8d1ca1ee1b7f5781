using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>Wherever a hub ends, the next one goes on with the same letters, and each gets one outcome.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_hub_dies_in_a_replay(StorageDatabase database) : LetterFixture(database)
{
    [Test]
    public async Task Should_go_on_whichever_step_was_the_last([Range(0, 14)] int steps)
    {
        await DieAsync();
        Letters.Batch = 1;
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        using var worker = new LetterWorker(
            HubInstance.Create(), new OutboxTransaction(new Dying(Scopes, steps)), Deliveries, Doorbell, Inquiry(), Microsoft.Extensions.Options.Options.Create(Letters), Microsoft.Extensions.Options.Options.Create(Options), Clock, NullLogger<LetterWorker>.Instance);
        try
        {
            await worker.StepAsync(CancellationToken.None);
        }
        catch (TimeoutException)
        {
            // It died.
        }

        await WorkAsync();
        Assert.That(((await ActionAsync(action)).State, (await ActionAsync(action)).Frozen), Is.EqualTo((LetterActionState.Done, 3L)));
        Assert.That(await ResultsAsync(action), Is.EqualTo(new[] { (LetterStatus.Delivered, "", 3L) }));
        Assert.That(Vendor.Delivered.Sum(batch => batch.Items.Count), Is.EqualTo(3), "each was sent once");
        await AssertCountedAsync();
    }

    [Test]
    public async Task Should_repeat_no_more_than_the_call_whose_answer_was_lost()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        Vendor.Deliver = async batch =>
        {
            await LeaseAsync("another", 0, Name, Lane.Replay);
            return Told(batch, Outcome.Delivered);
        };
        await Worker().StepAsync(CancellationToken.None);
        await DrainAsync(Lane.Replay);
        Heal();
        await ExpireLeaseAsync(Name, Lane.Replay);
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2", "AddMember 0,1,2" }));
        Assert.That(await ResultsAsync(action), Is.EqualTo(new[] { (LetterStatus.Delivered, "", 3L) }));
    }

    /// <summary>A hub that dies before the transaction after so many.</summary>
    private sealed class Dying(IServiceScopeFactory inner, int after) : IServiceScopeFactory
    {
        private int _left = after;

        public IServiceScope CreateScope() => _left-- > 0 ? inner.CreateScope() : throw new TimeoutException("the hub is dead");
    }
}

using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.TestServers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>Where transactions run side by side, a letter is still one action's.</summary>
public sealed class When_two_actions_want_a_letter() : LetterFixture(StorageDatabase.Postgres)
{
    [Test]
    public async Task Should_leave_a_letter_that_another_transaction_took_while_it_waited_for_it()
    {
        await DieAsync();
        var letter = (await LettersAsync())[0].DeadLetterId;
        var action = await ConfirmAsync(LetterActionKind.Discard, 3);

        await using var scope = Scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<HubDbContext>();
        await using var other = await db.Database.BeginTransactionAsync();
        await db.Database.ExecuteSqlRawAsync("UPDATE dead_letters SET status = 'replaying' WHERE dead_letter_id = {0}", letter);
        var freezing = Worker().StepAsync(CancellationToken.None);
        await Poll.Until(async () => await CountAsync("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = 'transactionid' AND pid IN (SELECT pid FROM pg_stat_activity WHERE datname = current_database())") > 0);
        await other.CommitAsync();
        await freezing;

        Assert.That((await ActionAsync(action)).Frozen, Is.EqualTo(2));
        Assert.That((await LettersAsync()).Single(each => each.DeadLetterId == letter).Status, Is.EqualTo(LetterStatus.Replaying), "what the other one does with it stands");
    }
}

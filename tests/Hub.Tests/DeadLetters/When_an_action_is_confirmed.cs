using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>What is done is what was seen, once, and by one action.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_action_is_confirmed(StorageDatabase database) : LetterFixture(database)
{
    [Test]
    public async Task Should_be_refused_with_the_new_count_when_the_count_moved()
    {
        await DieAsync();
        var (action, refusal) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, Group(), 2), CancellationToken.None);
        Assert.That((action, refusal!.Status, refusal.Type, refusal.Count), Is.EqualTo(((LetterAction?)null, 409, "count-moved", (long?)3)));
        Assert.That(await Desk().CountAsync(Ask(LetterActionKind.Replay, Group(), 0), CancellationToken.None), Is.EqualTo((3L, 0L)));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Open));
    }

    [Test]
    public async Task Should_be_one_action_however_often_it_is_asked_under_one_key()
    {
        await DieAsync();
        var first = await Desk().ConfirmAsync(Ask(LetterActionKind.Discard, Group(), 3, key: $"k-{Name}"), CancellationToken.None);
        await WorkAsync();
        var second = await Desk().ConfirmAsync(Ask(LetterActionKind.Discard, Group(), 3, key: $"k-{Name}"), CancellationToken.None);
        Assert.That(second.Action!.ActionId, Is.EqualTo(first.Action!.ActionId));
        Assert.That((await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, Group(), 3, key: $"k-{Name}"), CancellationToken.None)).Refusal!.Type, Is.EqualTo("key-reused"));
        Assert.That((await ReadAsync(db => AuditLog.ListAsync(db, new AuditFilter(Subject: $"letter-action:{first.Action.ActionId}"), new PageAsk(), CancellationToken.None))).Items, Has.Count.EqualTo(1));
    }

    [Test]
    public async Task Should_name_the_action_that_a_letter_belongs_to()
    {
        await DieAsync();
        var first = await ConfirmAsync(LetterActionKind.Replay, 3);
        var filter = new LetterFilter(Name, LetterIds: [(await LettersAsync())[0].DeadLetterId]);
        Assert.That((await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, filter, 1), CancellationToken.None)).Refusal!.Type, Is.EqualTo("letters-busy"), "its set is not known yet");
        await Worker().StepAsync(CancellationToken.None);
        var refusal = (await Desk().ConfirmAsync(Ask(LetterActionKind.Discard, filter, 1), CancellationToken.None)).Refusal!;
        Assert.That((refusal.Type, refusal.Detail), Is.EqualTo(("letter-busy", refusal.Detail)));
        Assert.That(refusal.Detail, Does.Contain($"action {first.ActionId}"));
        Assert.That((await Desk().ConfirmAsync(Ask(LetterActionKind.Discard, Group(), 3), CancellationToken.None)).Refusal!.Count, Is.Zero, "they are its own, and nobody else's");
    }

    [TestCase(LetterActionKind.Discard, null, "reason-missing")]
    [TestCase(LetterActionKind.Discard, "dull", "reason-missing")]
    [TestCase(LetterActionKind.Restore, null, "reason-missing")]
    public async Task Should_say_why(string kind, string? reason, string problem)
    {
        await DieAsync();
        Assert.That((await Desk().ConfirmAsync(Ask(kind, Group(), 3, reason), CancellationToken.None)).Refusal!.Type, Is.EqualTo(problem));
    }

    [Test]
    public async Task Should_discard_and_restore()
    {
        await DieAsync();
        Letters.Batch = 2;
        var discard = await ConfirmAsync(LetterActionKind.Discard, 3);
        await WorkAsync();
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Discarded));
        Assert.That(((await ActionAsync(discard)).State, (await ActionAsync(discard)).Frozen), Is.EqualTo((LetterActionState.Done, 3L)));
        Assert.That(await ResultsAsync(discard), Is.EqualTo(new[] { (LetterStatus.Discarded, "", 3L) }));
        await ConfirmAsync(LetterActionKind.Restore, 3);
        await WorkAsync();
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Open));
        await AssertCountedAsync();
        var history = await ReadAsync(async db => await LetterBook.ListHistoryAsync(db, (await LettersAsync())[0].DeadLetterId, CancellationToken.None));
        Assert.That(history.Select(entry => entry.Status), Is.EqualTo(new[] { LetterStatus.Discarded, LetterStatus.Open }));
    }
}

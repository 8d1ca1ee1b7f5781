using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Retention;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>Groups are told from counts that every change of a letter keeps; no letter is read.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_groups_are_counted(StorageDatabase database) : LetterFixture(database)
{
    [Test]
    public async Task Should_tell_since_when_and_whether_the_cause_is_over()
    {
        await DieAsync();
        var group = (await GroupsAsync()).Single();
        Assert.That((await ReadAsync(db => LetterGroups.CountWaitingAsync(db, CancellationToken.None)))[Name], Is.EqualTo(3));
        Assert.That((group.Operation, group.Code, group.Waiting, group.FirstAt, group.LastAt - Clock.Now < TimeSpan.FromMilliseconds(1)), Is.EqualTo(("add_member", Refused, 3L, group.LastAt, true)));
        Assert.That(group.Days, Is.EqualTo(new[] { 0, 0, 0, 0, 0, 0, 3 }));
        Assert.That((await Overview().ListAsync(Name, CancellationToken.None)).Single().Cause.IsOver, Is.Null, "nobody knows yet");

        Clock.Now += TimeSpan.FromDays(1);
        await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, LetterIds: [(await LettersAsync())[0].DeadLetterId]));
        await WorkAsync();
        var shown = (await Overview().ListAsync(Name, CancellationToken.None)).Single();
        Assert.That((shown.Cause.IsOver, shown.Waiting, shown.Days[^1], shown.Days[^2]), Is.EqualTo((true, 2L, 0L, 3L)));
        await ConfirmAsync(LetterActionKind.Discard, 2);
        await WorkAsync();
        shown = (await Overview().ListAsync(Name, CancellationToken.None)).Single();
        Assert.That((shown.LastAction!.Kind, shown.LastAction.Done, shown.Counts[LetterStatus.Discarded], shown.Counts[LetterStatus.Delivered]), Is.EqualTo((LetterActionKind.Discard, 2L, 2L, 1L)));
        Assert.That((await ReadAsync(db => LetterGroups.CountWaitingAsync(db, CancellationToken.None))).GetValueOrDefault(Name), Is.Zero);
    }

    [Test]
    public async Task Should_count_the_same_when_it_is_folded_and_when_letters_are_swept()
    {
        await DieAsync();
        await ConfirmAsync(LetterActionKind.Discard, 1, new LetterFilter(Name, LetterIds: [(await LettersAsync())[0].DeadLetterId]));
        await WorkAsync();
        var before = await GroupsAsync();
        await WriteAsync(db => LetterGroups.FoldAsync(db, 1, CancellationToken.None));
        var after = await GroupsAsync();
        Assert.That(after.Single().Counts, Is.EquivalentTo(before.Single().Counts));
        Assert.That(after.Single().Days, Is.EqualTo(before.Single().Days));
        await AssertCountedAsync();
        await WriteAsync(db => ExpiredRows.DeleteAsync(db, RetentionClass.DeadLetters, Clock.Now + TimeSpan.FromDays(1), 1_000, CancellationToken.None));
        Assert.That(await GroupsAsync(), Is.Empty);
        Assert.That(await CountAsync("SELECT count(*) FROM letter_history"), Is.Zero, "what happened to a letter goes with it");
    }

    [Test]
    public async Task Should_keep_letters_that_are_being_sent_again()
    {
        await DieAsync();
        await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        await WriteAsync(db => ExpiredRows.DeleteAsync(db, RetentionClass.DeadLetters, Clock.Now + TimeSpan.FromDays(1), 1_000, CancellationToken.None));
        Assert.That(await LettersAsync(), Has.Count.EqualTo(3));
    }

    [Test]
    public async Task Should_forget_old_actions()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Discard, 3);
        await WorkAsync();
        await WriteAsync(db => ExpiredRows.DeleteAsync(db, RetentionClass.LetterActions, Clock.Now + TimeSpan.FromDays(1), 1_000, CancellationToken.None));
        Assert.That(await ReadAsync(db => LetterActions.FindAsync(db, action.ActionId, CancellationToken.None)), Is.Null);
        Assert.That(await ResultsAsync(action), Is.Empty);
        await WriteAsync(db => ExpiredRows.DeleteAsync(db, RetentionClass.LetterDays, Clock.Now + TimeSpan.FromDays(1), 1_000, CancellationToken.None));
        Assert.That((await GroupsAsync()).Single().Days.Sum(), Is.Zero);
    }

    [Test]
    public async Task Should_read_no_letter()
    {
        if (!IsPostgres)
        {
            return; // It does not tell what it read.
        }

        await DieAsync();
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) SELECT run_id, destination, audience, profile_id, operation, outcome, 'many', attempts, at FROM dead_letters CROSS JOIN generate_series(1, 3000) WHERE destination = @destination",
                CancellationToken.None, ("destination", Name));
        });
        await WriteAsync(async db =>
        {
            var before = await RowsReadAsync(db);
            var groups = await LetterGroups.ListAsync(db, Name, Clock.Now, CancellationToken.None);
            Assert.That(groups.Sum(group => group.Waiting), Is.EqualTo(9_003));
            Assert.That(await RowsReadAsync(db) - before, Is.LessThan(1_000), "9,003 letters are there");
        });
    }
}

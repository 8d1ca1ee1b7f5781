using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.DeadLetters;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>A backfill writes some fields, of whom the vendor has, and can be taken back; a replay could do neither, so that it takes none of its profiles.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_letters_of_a_backfill_are_replayed(StorageDatabase database) : LetterFixture(database)
{
    private const string Profiles = "operation = 1";

    [TestCase(BackfillKind.Attributes)]
    [TestCase(BackfillKind.Rollback)]
    public async Task Should_be_refused_and_say_what_to_do_instead(string kind)
    {
        await DieAsync();
        await BelongToBackfillAsync(kind);
        var filter = new LetterFilter(Name, "upsert_profile", Refused);
        var (action, refusal) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, filter, 3), CancellationToken.None);
        Assert.That((action, refusal?.Status, refusal?.Type, refusal?.Count), Is.EqualTo(((LetterAction?)null, 409, "letters-of-backfill", (long?)3)));
        Assert.That(refusal!.Detail, Does.Contain("'backfill --help'"));
        var named = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, new LetterFilter(Name, LetterIds: [(await LettersAsync())[0].DeadLetterId]), 1), CancellationToken.None);
        Assert.That(named.Refusal?.Type, Is.EqualTo("letters-of-backfill"));
        await ConfirmAsync(LetterActionKind.Discard, 3, filter);
    }

    /// <summary>A replay that was confirmed by a hub that did not know of this.</summary>
    [Test]
    public async Task Should_be_left_out_of_an_action_that_takes_others_too()
    {
        await DieAsync();
        var letters = (await LettersAsync()).Select(letter => letter.DeadLetterId).Order().ToList();
        await BelongToBackfillAsync(BackfillKind.Attributes, $"dead_letter_id = {letters[0]}");
        var all = new LetterFilter(Name, Code: Refused);
        var (_, moved) = await Desk().ConfirmAsync(Ask(LetterActionKind.Replay, all, 3), CancellationToken.None);
        Assert.That((moved?.Type, moved?.Count), Is.EqualTo(("count-moved", (long?)2)));
        Assert.That(moved!.Detail, Does.StartWith("It is 2 letters now, not 3. 1 of them"));
        var action = await ConfirmAsync(LetterActionKind.Replay, 2, all);
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(action)).Frozen, Is.EqualTo(2));
        Assert.That(await CountAsync($"SELECT count(*) FROM dead_letters WHERE destination = '{Name}' AND {Profiles} AND action_id IS NOT NULL"), Is.Zero);
    }

    /// <summary>Letters of the run are as those of a backfill: of profiles, with a plan; the others of the fixture's run are memberships, which a replay takes.</summary>
    private Task BelongToBackfillAsync(string kind, string which = "true") => WriteAsync(async db =>
    {
        await BackfillBook.AddAsync(db, Run, new BackfillScope(kind, RollsBack: kind == BackfillKind.Rollback ? Guid.NewGuid() : null), null, null, null, CancellationToken.None);
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync($"UPDATE dead_letters SET {Profiles} WHERE destination = @destination AND {which}", CancellationToken.None, ("destination", Name));
    });
}

using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Access;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Schedules;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>One row that another version wrote, or that is damaged, is shown by its id as one that cannot be read; the rows beside it are shown as ever, and nothing is done with it.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_a_row_cannot_be_read(StorageDatabase database) : LetterFixture(database)
{
    private const string NoList = "{\"of\": \"another version\"}";

    [TestCase("letter_ids", NoList)]
    [TestCase("operation", (short)99)]
    public async Task Should_list_actions_and_let_no_letter_go_under_the_one_that_cannot_be_read(string column, object content)
    {
        await DieAsync();
        var letters = await LettersAsync();
        var broken = await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, LetterIds: [letters[0].DeadLetterId]));
        await SpoilAsync($"UPDATE letter_actions SET {column} = @content WHERE action_id = @id", ("content", content), ("id", broken.ActionId));
        var other = await ConfirmAfterAsync(broken, letters[1].DeadLetterId);
        await Worker().StepAsync(CancellationToken.None);

        var listed = (await ReadAsync(db => LetterActions.ListAsync(db, Name, new PageAsk(), CancellationToken.None))).Items.Select(action => LetterActionJson.From(action, [])).ToList();
        Assert.That(listed.Select(action => action.ActionId), Is.EqualTo(new[] { other.ActionId, broken.ActionId }), "the newest first");
        Assert.That(listed[0].Unreadable, Is.Null);
        Assert.That(listed[1].Unreadable, Does.Contain($"column {column} of row {broken.ActionId} in letter_actions"));
        Assert.That(listed[1].WaitingFor, Is.EqualTo(listed[1].Unreadable), "and it says what keeps it");
        Assert.That((await ActionAsync(other)).State, Is.EqualTo(LetterActionState.Done), "the others go on");
        Assert.That((await ActionAsync(broken)).Frozen, Is.Zero, "and no letter is taken for it");
        Assert.That(Sent, Is.Empty);
    }

    [Test]
    public async Task Should_list_letters_and_groups_and_replay_the_others()
    {
        await DieAsync();
        var bad = (await LettersAsync())[1].DeadLetterId;
        await SpoilAsync("UPDATE dead_letters SET operation = 99 WHERE dead_letter_id = @id", ("id", bad));

        var letters = await LettersAsync();
        Assert.That(letters.Select(letter => (letter.DeadLetterId == bad, letter.Operation)), Is.EqualTo(new[] { (false, "add_member"), (true, "unreadable_99"), (false, "add_member") }));
        Assert.That((await ReadAsync(db => Runs.FindDeadLetterAsync(db, bad, CancellationToken.None)))!.Operation, Is.EqualTo("unreadable_99"));
        await SpoilAsync(
            "INSERT INTO letter_tallies (destination, operation, code, status, count, first_at, last_at) VALUES (@destination, 99, @code, 'open', 1, @now, @now)",
            ("destination", Name), ("code", Refused), ("now", Clock.Now));
        Assert.That((await GroupsAsync()).Select(group => group.Operation), Is.EquivalentTo(new[] { "add_member", "unreadable_99" }));

        var action = await ConfirmAsync(LetterActionKind.Replay, 2, new LetterFilter(Name));
        Heal();
        await WorkAsync();
        Assert.That((await ActionAsync(action)).Frozen, Is.EqualTo(2L), "who does not know what a letter asks for does not ask for it");
    }

    [Test]
    public async Task Should_show_a_letter_and_let_nobody_correct_it()
    {
        await DieAsync();
        var bad = (await LettersAsync())[1].DeadLetterId;
        await SpoilAsync("UPDATE dead_letters SET operation = 99 WHERE dead_letter_id = @id", ("id", bad));

        var content = (await ReadAsync(db => LetterBook.FindContentAsync(db, bad, CancellationToken.None)))!;
        Assert.That((content.Operation, People.Contains(content.ExternalId)), Is.EqualTo(((Operation?)null, true)));
        var (action, refusal) = await Fix().FixAsync(bad, new Dictionary<string, JsonElement> { ["attributes.city"] = JsonElement.Parse("\"Bonn\"") }, "person:anna", null, null, "api", CancellationToken.None);
        Assert.That((action, refusal!.Status, refusal.Type), Is.EqualTo(((LetterAction?)null, 409, "letter-unreadable")));
        Assert.That(refusal.Detail, Does.Contain($"column operation of row {bad} in dead_letters"));
    }

    [Test]
    public async Task Should_list_approvals_and_let_nobody_decide_on_the_one_that_cannot_be_read()
    {
        var (bad, good) = (await AskAsync("run:1"), await AskAsync("run:2"));
        await SpoilAsync($"UPDATE approvals SET decisions = @content WHERE approval_id = @id", ("content", NoList), ("id", bad));

        var listed = (await ReadAsync(db => ApprovalDesk.ListAsync(db, null, null, new PageAsk(), CancellationToken.None))).Items.Select(ApprovalJson.From).ToDictionary(approval => approval.ApprovalId);
        Assert.That(listed[bad].Unreadable, Does.Contain($"column decisions of row {bad} in approvals"));
        Assert.That(listed[good].Unreadable, Is.Null);
        Assert.That(
            () => WriteAsync(db => ApprovalDesk.DecideAsync(db, bad, new ApprovalDecision("user:ann", Clock.Now, true, null), CancellationToken.None)), Throws.InvalidOperationException,
            "a refusal that nobody can read any more is not made a yes");
    }

    [Test]
    public async Task Should_let_everybody_in_whose_key_can_be_read_and_nobody_else()
    {
        await AddKeyAsync("bad");
        await AddKeyAsync("good");
        await SpoilAsync("UPDATE api_keys SET scopes = @content WHERE key_id = 'bad'", ("content", NoList));

        var keys = (await ReadAsync(db => AccessBook.ListAsync(db, CancellationToken.None))).ToDictionary(key => key.KeyId);
        Assert.That((keys["bad"].IsGoodAt(Clock.Now), keys["good"].IsGoodAt(Clock.Now)), Is.EqualTo((false, true)), "no list of scopes would mean all");
        Assert.That((KeyJson.From(keys["bad"], Clock.Now).State, KeyJson.From(keys["bad"], Clock.Now).Scopes.Count), Is.EqualTo(("unreadable", 0)));
    }

    [Test]
    public async Task Should_list_bells()
    {
        await WriteAsync(db => JobRuns.AddAsync(db, new JobRun("nightly", Clock.Now, Clock.Now, "h1", JobOutcome.Started, null, null, [Guid.NewGuid()]), CancellationToken.None));
        await WriteAsync(db => JobRuns.AddAsync(db, new JobRun("nightly", Clock.Now.AddDays(1), Clock.Now, "h1", JobOutcome.Started, null, null, [Guid.NewGuid()]), CancellationToken.None));
        await SpoilAsync("UPDATE job_runs SET run_ids = @content WHERE due_at = @due", ("content", NoList), ("due", Clock.Now));
        var bells = (await ReadAsync(db => JobRuns.ListAsync(db, "nightly", 10, CancellationToken.None))).Select(BellJson.From).ToList();
        Assert.That(bells.Select(bell => (bell.RunIds.Count, bell.Unreadable is null)), Is.EqualTo(new[] { (1, true), (0, false) }));
    }

    private async Task<LetterAction> ConfirmAfterAsync(LetterAction broken, long letter)
    {
        // One confirmation at a time takes letters: the broken one is taken for running.
        await SpoilAsync($"UPDATE letter_actions SET state = '{LetterActionState.Running}' WHERE action_id = @id", ("id", broken.ActionId));
        return await ConfirmAsync(LetterActionKind.Discard, 1, new LetterFilter(Name, LetterIds: [letter]));
    }

    private Task<Guid> AskAsync(string subject) =>
        WriteAsync(db => ApprovalDesk.RequestAsync(db, new ApprovalRequest("sync", subject, "hash", "user:bob", Clock.Now, null, 1, false, "A run."), CancellationToken.None));

    private Task AddKeyAsync(string id) => WriteAsync(db => AccessBook.AddAsync(
        db, new AccessKey { KeyId = id, Principal = new AccessPrincipal($"service:{id}", "service", id, ["admin"]), Hash = new byte[32], Scopes = ["runs:read"], CreatedAt = Clock.Now, CreatedBy = "user:bob" }, CancellationToken.None));

    private Task SpoilAsync(string sql, params (string, object?)[] parameters) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        Assert.That(await session.ExecuteAsync(sql, CancellationToken.None, parameters), Is.EqualTo(1));
    });
}

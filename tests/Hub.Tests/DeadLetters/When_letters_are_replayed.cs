using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Storage;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>A replay owes its letters again, and is done when the new outcome of each was seen.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_letters_are_replayed(StorageDatabase database) : LetterFixture(database)
{
    [Test]
    public async Task Should_be_done_when_the_vendor_has_them()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Running), "owed is not done");
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Replaying));

        await WorkAsync();

        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,1,2" }));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Delivered));
        Assert.That(((await ActionAsync(action)).State, (await ActionAsync(action)).Frozen), Is.EqualTo((LetterActionState.Done, 3L)));
        Assert.That(await ResultsAsync(action), Is.EqualTo(new[] { (LetterStatus.Delivered, "", 3L) }));
        Assert.That(await MembershipsAsync(People[0], "m.is_member AND m.added_by_hub"), Is.EqualTo(1));
        await AssertCountedAsync();
    }

    [Test]
    public async Task Should_say_that_they_came_back_and_why_without_a_letter_more()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        Vendor.Deliver = batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => AcmeConnector.Told(item, Array.IndexOf(People, item.Key) == 0 ? Outcome.Delivered : Outcome.Rejected) with { Code = Array.IndexOf(People, item.Key) == 0 ? null : "acme_list_full" })] });
        await WorkAsync();
        Assert.That(await ResultsAsync(action), Is.EqualTo(new[] { (LetterStatus.CameBack, "acme_list_full", 2L), (LetterStatus.Delivered, "", 1L) }));
        Assert.That((await LettersAsync()).Select(letter => (letter.Status, letter.Code, letter.Attempts)), Is.EquivalentTo(new[]
        {
            (LetterStatus.Delivered, Refused, 2), (LetterStatus.CameBack, "acme_list_full", 2), (LetterStatus.CameBack, "acme_list_full", 2),
        }));
        await AssertCountedAsync();
        Heal();
        await ConfirmAsync(LetterActionKind.Replay, 2, Group("acme_list_full"));
        await WorkAsync();
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Delivered), "what came back can be replayed again");
    }

    [Test]
    public async Task Should_ask_the_law_of_consent_again()
    {
        await DieAsync();
        await DenyAsync(People[1]);
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That(await ResultsAsync(action), Is.EquivalentTo(new[] { (LetterStatus.Delivered, "", 2L), (LetterStatus.Suppressed, "consent_denied", 1L) }));
    }

    [Test]
    public async Task Should_not_add_who_left_and_send_what_is_known_now()
    {
        await DieAsync();
        await AppendAsync(Membership(People[0], Audience, false, 5), Profile(People[1], """{"city":"Ulm"}""", 5));
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 1,2" }));
        Assert.That(Vendor.Delivered[0].Items.Single(item => item.Key == People[1]).Fields.Single().Value.Text, Is.EqualTo("Ulm"));
        Assert.That(await ResultsAsync(action), Is.EquivalentTo(new[] { (LetterStatus.Delivered, "", 2L), (LetterStatus.Superseded, "not_a_member", 1L) }));
    }

    [Test]
    public async Task Should_be_superseded_by_what_a_run_delivered_meanwhile()
    {
        await DieAsync();
        await SetStateAsync(Run, "Completed");
        var run = await StartRunAsync(Audience, destination: Name, minute: 1);
        await PlanAsync(run, Audience, destination: Name);
        await DrainAsync();
        Vendor.Delivered.Clear();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await WorkAsync();
        Assert.That(Sent, Is.Empty);
        Assert.That(await ResultsAsync(action), Is.EqualTo(new[] { (LetterStatus.Superseded, "", 3L) }));
    }

    [Test]
    public async Task Should_not_write_what_is_older_over_what_became_newer_on_the_way()
    {
        await DieAsync();
        await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        Vendor.BeforeCall = _ =>
        {
            Vendor.BeforeCall = _ => Task.CompletedTask;
            return AppendAsync(Profile(People[0], """{"city":"Ulm"}""", 5));
        };
        await WorkAsync();
        Assert.That(Vendor.Delivered.SelectMany(batch => batch.Items).Where(item => item.Key == People[0]).SelectMany(item => item.Fields).Select(field => field.Value.Text), Is.EqualTo(new[] { "Ulm" }), "what was claimed before the change is never sent");
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Delivered));
    }

    [Test]
    public async Task Should_not_send_who_withdraws_while_the_call_waits()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        Vendor.BeforeCall = _ =>
        {
            Vendor.BeforeCall = _ => Task.CompletedTask;
            return DenyAsync(People[1]);
        };
        await WorkAsync();
        Assert.That(Sent, Is.EqualTo(new[] { "AddMember 0,2" }));
        Assert.That(await ResultsAsync(action), Is.EquivalentTo(new[] { (LetterStatus.Delivered, "", 2L), (LetterStatus.Suppressed, "consent_denied", 1L) }));
    }

    [Test]
    public async Task Should_leave_letters_that_die_after_the_confirmation()
    {
        await DieAsync();
        Letters.Batch = 2;
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync(
                "INSERT INTO dead_letters (run_id, destination, audience, profile_id, operation, outcome, code, attempts, at) SELECT run_id, destination, audience, profile_id, operation, outcome, code, attempts, at FROM dead_letters WHERE destination = @destination",
                CancellationToken.None, ("destination", Name));
        });
        await WorkAsync();
        Assert.That((await ActionAsync(action)).Frozen, Is.EqualTo(3));
        Assert.That((await StatusesAsync()).CountBy(status => status), Is.EquivalentTo(new Dictionary<string, int> { [LetterStatus.Delivered] = 3, [LetterStatus.Open] = 3 }));
        await AssertCountedAsync();
    }

    [Test]
    public async Task Should_give_back_what_was_not_sent_when_it_is_stopped()
    {
        await DieAsync();
        Letters.Batch = 2;
        Letters.Waiting = 1;
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(Name, Lane.Replay)), Is.EqualTo(2), "no more than the destination takes");
        await DrainAsync(Lane.Replay);
        Assert.That((await Desk().StopAsync(action.ActionId, "person:ben", "cli", null, CancellationToken.None)).Refusal, Is.Null);
        await WorkAsync();
        Assert.That(((await ActionAsync(action)).State, (await ActionAsync(action)).StoppedBy), Is.EqualTo((LetterActionState.Stopped, "person:ben")));
        Assert.That(await ResultsAsync(action), Is.EquivalentTo(new[] { (LetterStatus.Delivered, "", 2L), (LetterStatus.Open, "", 1L) }));
        Assert.That(await CountRowsAsync("deliveries", LiveStream.IdOf(Name, Lane.Replay)), Is.Zero);
        await ConfirmAsync(LetterActionKind.Replay, 1);
        await WorkAsync();
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Delivered));
    }

    [Test]
    public async Task Should_take_out_of_the_queue_what_waits_for_a_destination_in_trouble_when_it_is_stopped()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        await Desk().StopAsync(action.ActionId, "person:ben", "cli", null, CancellationToken.None);
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Stopped));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Open));
        await AssertCountedAsync();
    }

    [Test]
    public async Task Should_leave_to_a_turn_what_it_may_be_sending_when_it_is_stopped()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await Worker().StepAsync(CancellationToken.None);
        var turn = await LeaseAsync("one", 0, Name, Lane.Replay);
        await Desk().StopAsync(action.ActionId, "person:ben", "cli", null, CancellationToken.None);
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Stopping));
        Assert.That(await StatusesAsync(), Is.All.EqualTo(LetterStatus.Replaying));
        await WriteAsync(db => Deliveries.ReleaseLeaseAsync(db, turn, isSettled: true, CancellationToken.None));
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Stopped));
    }

    [Test]
    public async Task Should_suppress_letters_of_people_who_are_gone()
    {
        await DieAsync();
        await WriteAsync(async db =>
        {
            await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
            await session.ExecuteAsync("DELETE FROM profiles WHERE external_id = @id", CancellationToken.None, ("id", People[0]));
        });
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await WorkAsync();
        Assert.That(await ResultsAsync(action), Is.EquivalentTo(new[] { (LetterStatus.Delivered, "", 2L), (LetterStatus.Suppressed, "person_gone", 1L) }));
        Assert.That((await ActionAsync(action)).State, Is.EqualTo(LetterActionState.Done));
    }
}

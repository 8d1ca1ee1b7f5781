using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Tests.DeadLetters;

/// <summary>An action whose every step fails says so though no queue holds anything, holds no other one up, and goes on when it can.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_an_action_cannot_go_on(StorageDatabase database) : LetterFixture(database)
{
    [Test]
    public async Task Should_be_told_of_with_the_command_that_ends_it()
    {
        await DieAsync();
        var action = await ConfirmAsync(LetterActionKind.Replay, 3);
        await BreakAsync(action, 0);
        await Worker().StepAsync(CancellationToken.None);
        await Worker().StepAsync(CancellationToken.None);

        var situation = await ReadAsync(db => Situations.ReadAsync(db, Clock.Now.AddMinutes(1), CancellationToken.None));
        var verdict = Diagnoser.OfRun(situation.Runs.Single(run => run.Subject == $"{action.ActionId}"), situation with { Hubs = [new HubSighting("h1", Clock.Now.AddHours(-1), Clock.Now.AddMinutes(1), "1", "config", ["runs", "intake", $"deliver-{Name}"], null, true)] })!;

        Assert.That((verdict.Code, verdict.Kind, verdict.Action, verdict.Runbook), Is.EqualTo((DiagnosisCode.LettersFailing, "letter_action", $"deadletters actions {action.ActionId}", "dead-letters")));
        Assert.That(verdict.Sentence, Does.Contain($"'deadletters stop {action.ActionId}'"));
        var alert = AlertRules.Of([verdict], Clock.Now.AddMinutes(1)).Single();
        Assert.That((alert.Cause, alert.Severity, alert.Runbook), Is.EqualTo(($"run:{action.ActionId}:letters_failing", AlertSeverity.Medium, "dead-letters")), "and somebody is called");
        Assert.That(verdict.Since, Is.EqualTo(Clock.Now).Within(TimeSpan.FromSeconds(1)));

        await BreakAsync(action, 1);
        await WorkAsync();
        Assert.That(await ActionAsync(action), Has.Property(nameof(LetterAction.State)).EqualTo(LetterActionState.Done).And.Property(nameof(LetterAction.Frozen)).EqualTo(3L));
    }

    [Test]
    public async Task Should_hold_no_other_action_up()
    {
        await DieAsync();
        var letters = await LettersAsync();
        var broken = await ConfirmAsync(LetterActionKind.Replay, 1, new LetterFilter(Name, LetterIds: [letters[0].DeadLetterId]));
        await BreakAsync(broken, 0);
        await Worker().StepAsync(CancellationToken.None);
        var other = await ConfirmAsync(LetterActionKind.Discard, 1, new LetterFilter(Name, LetterIds: [letters[1].DeadLetterId]));
        await Worker().StepAsync(CancellationToken.None);
        Assert.That((await ActionAsync(other)).State, Is.EqualTo(LetterActionState.Done));
        await BreakAsync(broken, 1);
    }

    /// <summary>Its letters can be spread over no partition, which no attempt survives.</summary>
    private Task BreakAsync(LetterAction action, int partitions) => WriteAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        await session.ExecuteAsync("UPDATE letter_actions SET partitions = @partitions WHERE action_id = @id", CancellationToken.None, ("partitions", partitions), ("id", action.ActionId));
    });
}

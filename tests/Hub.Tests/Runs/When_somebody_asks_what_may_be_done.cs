using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Approvals;

namespace IntegrationHub.Hub.Tests.Runs;

/// <summary>What is shown as allowed is what the routes take; what is not says why.</summary>
public sealed class When_somebody_asks_what_may_be_done
{
    private static readonly DateTimeOffset _noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);
    private static readonly Principal _anna = new("person:anna", PrincipalKind.Person, "anna") { Scopes = Scope.All };

    [TestCase(RunState.Delivering, "pause cancel")]
    [TestCase(RunState.Paused, "resume cancel")]
    [TestCase(RunState.AwaitingApproval, "approve pause cancel")]
    [TestCase(RunState.Canceling, "")]
    [TestCase(RunState.Completed, "")]
    public void Should_allow_what_the_state_takes(string state, string verbs)
    {
        var actions = RunActions.Of(Run(state), _anna, null);
        Assert.That(string.Join(' ', actions.Where(action => action.Allowed).Select(action => action.Verb)), Is.EqualTo(verbs));
        Assert.That(actions.Where(action => !action.Allowed).Select(action => action.WhyNot), Is.All.Not.Empty);
    }

    [Test]
    public void Should_say_that_another_person_has_to_agree()
    {
        var asked = new Approval(Guid.NewGuid(), new ApprovalRequest("sync", "run:1", "plan", "person:anna", _noon, null, 1, FourEyes: true, "It removes 30 %."), [], ApprovalState.Waiting, null);
        var approve = RunActions.Of(Run(RunState.AwaitingApproval), _anna, asked)[0];
        Assert.That(approve.Allowed, Is.False);
        Assert.That(approve.WhyNot, Does.Contain("another person"));
        Assert.That(RunActions.Of(Run(RunState.AwaitingApproval), _anna with { Id = "person:kim" }, asked)[0].Allowed, Is.True);
    }

    [Test]
    public void Should_name_the_scope_that_is_missing()
    {
        var viewer = _anna with { Scopes = new HashSet<string> { Scope.RunsRead } };
        Assert.That(RunActions.Of(Run(RunState.Delivering), viewer, null).Select(action => action.WhyNot), Is.All.StartsWith("It needs the scope runs:"));
    }

    [Test]
    public void Should_roll_back_only_a_backfill_that_is_over()
    {
        var open = Run(RunState.Delivering) with { Kind = "backfill_attributes" };
        Assert.That(RunActions.Of(open, _anna, null).Single(action => action.Verb == "rollback").Allowed, Is.False);
        Assert.That(RunActions.Of(open with { State = RunState.Completed, FinishedAt = _noon }, _anna, null).Single(action => action.Verb == "rollback").Allowed, Is.True);
    }

    private static RunJson Run(string state) => new()
    {
        RunId = Guid.NewGuid(), Kind = "audience_sync", State = state, Audience = "customers", Destination = "braze", Mode = "full", RequestedAt = _noon, FinishedAt = state == RunState.Completed ? _noon : null,
        Counts = new CountsJson(0, 0, 0, 0, 0, 0, 0), Reasons = [], Verification = new VerificationJson(null, null, null, null),
    };
}

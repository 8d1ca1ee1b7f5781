using IntegrationHub.Sagas.AudienceSync;

namespace Sagas.Tests.AudienceSync;

internal sealed class When_a_plan_meets_the_guardrail
{
    [TestCase(0.3, 300, 1_000, null)]
    [TestCase(0.3, 301, 1_000, "mass_removal")]
    [TestCase(0.29, 29, 100, null, Description = "in binary arithmetic 0.29 times 100 is less than 29")]
    [TestCase(0.29, 30, 100, "mass_removal")]
    [TestCase(0.0, 0, 1_000, null)]
    [TestCase(0.0, 1, 1_000, "mass_removal")]
    [TestCase(1.0, 1_000, 1_000, null)]
    [TestCase(0.3, 1, 1, "mass_removal")]
    [TestCase(0.3, 0, 0, null, Description = "nobody there, nobody to lose")]
    [TestCase(0.3, 5, 0, null)]
    public void Should_hold_only_more_than_the_share(double share, long remove, long current, string? reason) =>
        Assert.That(AudienceSyncGuardrail.Reason(Plan(share, null, 0, remove, current)), Is.EqualTo(reason));

    [TestCase(2.0, 2_000, 1_000, null)]
    [TestCase(2.0, 2_001, 1_000, "mass_addition")]
    [TestCase(1.1, 11, 10, null)]
    [TestCase(1.1, 12, 10, "mass_addition")]
    [TestCase(0.0, 1, 10, "mass_addition")]
    [TestCase(2.0, 5_000, 0, null, Description = "the first sync of an empty destination")]
    [TestCase(null, 5_000_000, 1, null, Description = "no limit")]
    [TestCase(1_000_000.0, long.MaxValue, long.MaxValue, null, Description = "the largest numbers there are")]
    public void Should_hold_only_more_than_the_multiple(double? multiple, long add, long current, string? reason) =>
        Assert.That(AudienceSyncGuardrail.Reason(Plan(1, multiple, add, 0, current)), Is.EqualTo(reason));

    [TestCase(3, 1, 1_000, "unread_rows")]
    [TestCase(3, 0, 1_000, null, Description = "nobody is removed")]
    [TestCase(0, 1, 1_000, null)]
    [TestCase(3, 900, 1_000, "unread_rows", Description = "the reason that says what to mend")]
    public void Should_hold_removals_while_rows_name_nobody(long unread, long remove, long current, string? reason)
    {
        var run = Plan(0.5, null, 0, remove, current);
        run.UnreadRows = unread;
        Assert.That(AudienceSyncGuardrail.Reason(run), Is.EqualTo(reason));
        Assert.That(reason is null ? null : AudienceSyncGuardrail.Explanation(run), reason is null ? Is.Null : Does.Contain($"{unread} rows").And.Contain($"remove {remove} people").And.Contain($"sync cancel {run.CorrelationId}"));
    }

    [Test]
    public void Should_name_the_removal_when_both_are_exceeded() =>
        Assert.That(AudienceSyncGuardrail.Reason(Plan(0.1, 1, 1_000, 1_000, 10)), Is.EqualTo("mass_removal"));

    private static AudienceSyncState Plan(double share, double? multiple, long add, long remove, long current) => new()
    {
        MaxRemovalShare = share, MaxAdditionMultiple = multiple, ToAdd = add, ToRemove = remove, CurrentMembers = current,
    };
}

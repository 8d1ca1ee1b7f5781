using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Tests.Runs;

public sealed class When_somebody_asks_who_differs
{
    private static readonly DateTimeOffset _noon = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Test]
    public void Should_show_nobodys_key_in_full()
    {
        var shown = RunFindingsJson.From(Run(60, 1), Page.Whole<ReadBackFinding>([new(1, "missing", 7, "r7", "jane.doe@example.test"), new(2, "missing", 8, null, "c1"), new(3, "unexpected", null, "who@example.test", null)]));
        Assert.That(shown.Items.Select(finding => (finding.RemoteId, finding.Key)), Is.EqualTo(new[] { ("r7", "j…st"), (null, "c…"), ("w…st", (string?)null) }));
    }

    [TestCase(60L, 1L, true, SyncMode.Full, "sync start customers --destination braze'")]
    [TestCase(0L, 1L, true, SyncMode.Mirror, "sync start customers --destination braze --mode mirror'")]
    [TestCase(60L, 1L, false, SyncMode.Full, "read back again at 2026-03-01 12:05")]
    [TestCase(0L, 0L, true, SyncMode.Full, "Nothing differs")]
    [TestCase(null, null, false, SyncMode.Full, "Nothing was read back yet")]
    public void Should_say_what_to_do_next(long? missing, long? unexpected, bool isOver, string mode, string step) =>
        Assert.That(RunFindingsJson.From(Run(missing, unexpected, isOver, mode), Page.Whole<ReadBackFinding>([])).NextStep, Does.Contain(step));

    private static RunView Run(long? missing, long? unexpected, bool isOver = true, string mode = SyncMode.Full) => new()
    {
        RunId = Guid.NewGuid(),
        Kind = "audience_sync",
        State = isOver ? RunState.CompletedWithIssues : RunState.Verifying,
        Audience = "customers",
        Destination = "braze",
        Mode = mode,
        RequestedAt = _noon,
        FinishedAt = isOver ? _noon : null,
        ReadBackAt = isOver ? null : _noon.AddMinutes(5),
        Counts = new LedgerCounts(0, 0, 0, 0, 0, 0, 0),
        Reasons = [],
        Verification = new VerificationView(100, 40, missing, unexpected),
    };
}

using IntegrationHub.Sagas.AudienceSync;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using Microsoft.EntityFrameworkCore;

namespace IntegrationHub.Hub.Tests.Storage;

[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
public sealed class When_runs_are_looked_through(StorageDatabase database) : StorageFixture(database)
{
    [Test]
    public async Task Should_know_of_a_stall_and_a_pause_that_are_over()
    {
        var run = await StartRunAsync(Unique("aud"));
        await ChangeAsync(run, row => (row.StalledSince, row.DiagnosisCode) = (Noon, "unauthorized"));
        await ChangeAsync(run, row => row.LastProgressAt = Noon.AddMinutes(1)); // nothing of it
        await ChangeAsync(run, row => (row.StalledSince, row.DiagnosisCode) = (null, null));
        await SetStateAsync(run, "Paused");
        await SetStateAsync(run, "Delivering");
        var turns = (await ReadAsync(db => RunTurns.ListAsync(db, run, new PageAsk(), CancellationToken.None))).Items;
        Assert.That(
            turns.Reverse().Select(turn => (turn.Kind, turn.From, turn.To, turn.Code)),
            Is.EqualTo(new (string, string?, string, string?)[]
            {
                (RunTurns.State, null, "Delivering", null), (RunTurns.Stalled, null, "Delivering", "unauthorized"), (RunTurns.Moved, null, "Delivering", "unauthorized"),
                (RunTurns.State, "Delivering", "Paused", null), (RunTurns.State, "Paused", "Delivering", null),
            }));
        Assert.That(turns.Select(turn => turn.At), Is.All.EqualTo(DateTimeOffset.UtcNow).Within(TimeSpan.FromHours(1)));
        Assert.That(turns.Select(turn => turn.At), Is.Ordered.Descending);
    }

    private Task ChangeAsync(Guid run, Action<AudienceSyncState> change) => WriteAsync(async db => change(await db.Set<AudienceSyncState>().SingleAsync(row => row.CorrelationId == run)));
}

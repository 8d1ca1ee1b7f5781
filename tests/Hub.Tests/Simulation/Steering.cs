using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Delivery;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Approvals;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>People who start runs, hold them, stop them, take them back, and say yes or no.</summary>
internal sealed class Steering(History history, SimulatedDatabase database, Customers customers, Witness witness, Random random)
{
    private static readonly Healing[] _healings = Enum.GetValues<Healing>();
    private const string Ada = "person:ada";
    private static readonly string[] _modes = [SyncMode.Full, SyncMode.Full, SyncMode.Delta, SyncMode.Mirror, SyncMode.Reconcile];

    /// <summary>Somebody does something.</summary>
    public async Task SteerAsync()
    {
        switch (random.Next(13))
        {
            case 0 or 1:
                await StartAsync(_modes[random.Next(_modes.Length)]);
                break;
            case 2:
                await PlanAsync();
                break;
            case 3:
                await AskAsync(
                    "plan to tell the events again",
                    hub => hub.The<ReplayStarter>().PlanAsync(new ReplayRequest(BackfillKind.Redeliver, new BackfillRequest([Acme.Name], null, null, null, Ada)) { Types = [Customers.Viewed] }, Entry, CancellationToken.None));
                break;
            case 4:
                if (Any((await BackfillsAsync()).Where(view => view.Run.FinishedAt is not null)) is { } over)
                {
                    await AskAsync(
                        $"take {history.Tale.NameOf(over.Run.CorrelationId)} back", hub => hub.The<BackfillStarter>().RollBackAsync([over], isJoined: false, new RollbackBody(), Ada, Entry, CancellationToken.None));
                }

                break;
            case 5:
                await EraseAsync(customers.All[random.Next(customers.All.Count)]);
                break;
            case 6 or 7 or 8:
                await DecideAsync(random.Next(10));
                break;
            default:
                if ((await OpenRunsAsync()).FindAll(run => run.Kind != KindOfRun.Erasure) is { Count: > 0 } open)
                {
                    var (run, kind, state) = open[random.Next(open.Count)];
                    Command(run, kind, state == RunState.Paused && random.Next(3) > 0 ? "resume" : random.Next(3) == 0 ? "cancel" : "pause");
                }

                break;
        }
    }

    /// <returns>False when no run was started.</returns>
    /// <param name="mode">One of <see cref="SyncMode"/>.</param>
    /// <param name="heal">What a reconciliation does about what it finds; null for chance.</param>
    public async Task<bool> StartAsync(string mode, Healing? heal = null)
    {
        var isStarted = false;
        heal = mode == SyncMode.Reconcile ? heal ?? _healings[random.Next(_healings.Length)] : null;
        await AskAsync($"start a sync, {mode}{(heal is null ? "" : $", {heal}")}", async hub =>
            isStarted = (await hub.The<RunStarter>().StartAsync(new RunRequest(Customers.Audience, [], mode, null, Ada) { Heal = heal }, CancellationToken.None)).Started.Count > 0);
        return isStarted;
    }

    public async Task EraseAsync(string person)
    {
        var before = await witness.AcceptedErasuresAsync();
        ErasureJson? asked = null;
        await AskAsync(
            $"erase {person}",
            async hub => asked = await hub.The<ErasureDesk>().RequestAsync(
                new PersonKey(KeyKind.ExternalId, person), ErasureLaw.Gdpr, "ticket 1", new AuditEntry(history.Clock.GetUtcNow(), Ada, AuditVia.Cli, "erase", "person"), CancellationToken.None));
        foreach (var erasure in (await witness.AcceptedErasuresAsync()).Except(before))
        {
            witness.Accepted(erasure, person, isTold: asked?.RequestId == erasure && asked.SuppressedAt is not null);
        }
    }

    /// <summary>Somebody says a word to something that waits.</summary>
    /// <param name="word">0 to 5: yes to what waits; 6 and 7: yes to something else; 8 and 9: no.</param>
    public async Task DecideAsync(int word)
    {
        var waiting = await database.ReadAsync(db => ApprovalDesk.ListWaitingAsync(db, 10, CancellationToken.None));
        if (Any(waiting.OrderBy(approval => approval.Request.At)) is { } asked)
        {
            var verdict = new Verdict(Principal.Local, AuditVia.Cli, Approves: word < 8, null, word is 6 or 7 ? "another" : asked.Request.PlanHash);
            await history.ByTheHubAsync(
                $"say {(word < 6 ? "yes" : word < 8 ? "yes to another plan" : "no")} to a {asked.Request.Kind}", hub => hub.The<ApprovalCourt>().DecideAsync(asked.ApprovalId, verdict, CancellationToken.None));
        }
        else if (word is 6 or 7 && Any(await BackfillsAsync()) is { } backfill)
        {
            history.Tale.Tell($"a stray approval of another plan of {history.Tale.NameOf(backfill.Run.CorrelationId)}");
            history.Broker.Put(new ApproveBackfill { RunId = backfill.Run.CorrelationId, PlanHash = "another", By = "person:eve", At = history.Clock.GetUtcNow() });
        }
    }

    public void Command(Guid run, KindOfRun kind, string verb)
    {
        history.Tale.Tell($"{verb} {history.Tale.NameOf(run)}");
        var at = history.Clock.GetUtcNow();
        history.Broker.Put((verb, kind == KindOfRun.Sync) switch
        {
            ("pause", true) => new PauseAudienceSync { RunId = run, By = Ada, At = at },
            ("pause", false) => new PauseBackfill { RunId = run, By = Ada, At = at },
            ("resume", true) => new ResumeAudienceSync { RunId = run, By = Ada, At = at },
            ("resume", false) => new ResumeBackfill { RunId = run, By = Ada, At = at },
            (_, true) => new CancelAudienceSync { RunId = run, By = Ada, At = at },
            _ => new CancelBackfill { RunId = run, By = Ada, At = at },
        });
    }

    /// <summary>Backfills of every kind.</summary>
    public async Task<IReadOnlyList<BackfillView>> BackfillsAsync() => (await database.ReadAsync(db => BackfillBook.ListAsync(db, null, null, null, new PageAsk(), CancellationToken.None))).Items;

    /// <summary>Runs and erasures that are not over, in the order in which they were met.</summary>
    public async Task<List<(Guid Run, KindOfRun Kind, string State)>> OpenRunsAsync() => [.. (await database.SelectAsync(
        $"""
        SELECT correlation_id, CASE kind WHEN 'audience_sync' THEN 0 ELSE 1 END, current_state FROM runs WHERE finished_at IS NULL OR current_state = '{RunState.RollingBack}'
        UNION ALL SELECT correlation_id, 2, current_state FROM erasures WHERE finished_at IS NULL
        """,
        reader => (Run: reader.GetGuid(0), Kind: (KindOfRun)reader.GetInt32(1), State: reader.GetString(2)))).OrderBy(run => history.Tale.PlaceOf(run.Run))];

    private Task AskAsync(string what, Func<SimulatedHub, Task> ask)
    {
        history.RiskTheAsked();
        return history.ByTheHubAsync(what, ask);
    }

    private Task PlanAsync()
    {
        string[]? attributes = random.Next(2) == 0 ? ["city"] : null;
        return AskAsync(
            $"plan a backfill of {(attributes is null ? "everything" : "city")}",
            hub => hub.The<BackfillStarter>().PlanAsync(new BackfillRequest([Acme.Name], Customers.Audience, null, attributes, Ada), Entry, CancellationToken.None));
    }

    private AuditEntry Entry(Guid run) => new(history.Clock.GetUtcNow(), Ada, AuditVia.Cli, "backfill", $"run:{run}");

    private T? Any<T>(IEnumerable<T> some)
        where T : class => some.ToList() is { Count: > 0 } list ? list[random.Next(list.Count)] : null;
}

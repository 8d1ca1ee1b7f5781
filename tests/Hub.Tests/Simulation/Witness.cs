using System.Reflection;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Identity;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Erasures;
using Microsoft.Extensions.DependencyInjection;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>Sees every claim, every call and every settlement at the moment at which it happens, and whether it may be.</summary>
internal sealed class Witness(SimulatedDatabase database, Customers customers, Tale tale, Invariants invariants)
{
    private readonly Dictionary<long, Guid> _runs = [];
    private readonly Dictionary<Guid, Guid?> _takenBack = [];
    private readonly HashSet<long> _onTheWay = [];
    private readonly HashSet<Guid> _events = [];
    private readonly HashSet<Guid> _calls = [];
    private readonly Dictionary<Guid, string> _erasures = [];
    private readonly HashSet<Guid> _told = [];
    private readonly HashSet<long> _cameToNothing = [];

    public string WriterOf(long recordId) => tale.NameOf(_runs[recordId]);

    public void Tell(string what) => tale.Tell(what);

    /// <summary>Whether a hub has written a job of the vendor down.</summary>
    public async Task<bool> IsFollowedAsync(string job) => (await database.SelectAsync("SELECT 1 FROM bulk_jobs WHERE remote_job = @job", reader => reader.GetInt64(0), ("job", job))).Count > 0;

    /// <summary>The erasures that were accepted so far.</summary>
    public async Task<IReadOnlyList<Guid>> AcceptedErasuresAsync() => await database.SelectAsync("SELECT request_id FROM erasure_subjects", reader => reader.GetGuid(0));

    /// <summary>An erasure that was accepted is about somebody.</summary>
    /// <param name="erasure">The erasure.</param>
    /// <param name="person">Whom.</param>
    /// <param name="isTold">True when whoever asked was told that nothing about them leaves any more.</param>
    public void Accepted(Guid erasure, string person, bool isTold)
    {
        _erasures[erasure] = person;
        if (isTold)
        {
            _told.Add(erasure);
        }
    }

    /// <summary>Those of some people who have a tombstone, or whose erasure says that they have: nobody may come back in a history.</summary>
    public async Task<IReadOnlyList<string>> ErasedAsync(IEnumerable<string> people)
    {
        var asked = people.ToList();
        var found = await database.ReadAsync(db => database.Services.GetRequiredService<Tombstones>().FindAsync(db, asked.Select(person => new PersonKey(KeyKind.ExternalId, person)), CancellationToken.None));
        return [.. found.Select(key => key.Value).Union(await SuppressedAsync(asked)).Order(StringComparer.Ordinal)];
    }

    /// <summary>Those of some people of whom it was said that nothing about them leaves any more. Of a tombstone alone that is not so: a call that was let through before it may be under way.</summary>
    private async Task<IReadOnlyList<string>> SuppressedAsync(IEnumerable<string> people)
    {
        var suppressed = await database.SelectAsync(
            $"SELECT correlation_id FROM erasures WHERE current_state NOT IN ('{ErasurePhase.AwaitingApproval}', '{ErasurePhase.Suppressing}', '{ErasurePhase.Refused}')", reader => reader.GetGuid(0));
        return [.. suppressed.Union(_told).Select(erasure => _erasures[erasure]).Intersect(people).Order(StringComparer.Ordinal)];
    }

    /// <summary>What a process does to the queue is seen.</summary>
    public IDeliveryStore Watch(IDeliveryStore store) => Standin.Of<IDeliveryStore>((method, args) => method.Name switch
    {
        nameof(IDeliveryStore.EnterCallAsync) => EnterAsync((CallUnderWay)args[1]!, (Task<CallEntry>)Call(store, method, args)!),
        nameof(IDeliveryStore.ClaimAsync) => ClaimAsync((Lease)args[1]!, (Task<IReadOnlyList<ClaimedDelivery>>)Call(store, method, args)!),
        nameof(IDeliveryStore.SettleAsync) => SettleAsync((HubDbContext)args[0]!, (Lease)args[1]!, (IReadOnlyList<Settlement>)args[2]!, () => (Task<IReadOnlyList<SettledRun>?>)Call(store, method, args)!),
        _ => Call(store, method, args),
    });

    /// <summary>Nothing more is heard of a process.</summary>
    public void ForgetCalls() => _onTheWay.Clear();

    /// <summary>The history is over: its calls are not in the way of another one's.</summary>
    public async Task LeaveCallsAsync()
    {
        foreach (var call in _calls)
        {
            await database.Services.GetRequiredService<IDeliveryStore>().LeaveCallAsync(null!, call, CancellationToken.None); // kept in memory
        }
    }

    public void Ended(Batch batch) => _onTheWay.ExceptWith(batch.Items.Select(item => item.RecordId));

    /// <summary>A call was let through: its bytes are written now.</summary>
    /// <param name="batch">What is written.</param>
    /// <param name="people">How the vendor has people before it is.</param>
    /// <param name="frame">Who writes.</param>
    public async Task WritingAsync(Batch batch, IReadOnlyDictionary<string, SimulatedVendor.Person> people, int frame)
    {
        tale.Tell($"  the vendor gets {batch.Operation} of {string.Join(", ", batch.Items.Select(item => $"{item.Key} by {WriterOf(item.RecordId)}"))}");
        foreach (var item in batch.Items)
        {
            _cameToNothing.Remove(item.RecordId);
            invariants.Expect(_onTheWay.Add(item.RecordId), $"a record of {item.Key} is in two calls at a time");
            invariants.Expect(batch.Operation == Operation.RemoveMember || !customers.IsDenied(item.Key), $"{item.Key} was sent against their will");
        }

        foreach (var erased in await SuppressedAsync(batch.Items.Select(item => item.Key)))
        {
            invariants.Expect(false, $"{erased} is erased and was written");
        }

        foreach (var records in batch.Items.ToLookup(item => _runs[item.RecordId], item => item.RecordId))
        {
            await ShouldBeOwedAsync(records.Key, [.. records]);
        }

        foreach (var item in batch.Items.Where(item => item.Fields.Any(field => field.Name == "town")))
        {
            if (await TakenBackByAsync(_runs[item.RecordId]) is { } was && people.TryGetValue(item.Key, out var person) && person.WasReadBy(frame))
            {
                var (before, by) = (tale.NameOf(was), WriterOf(item.RecordId));
                invariants.Expect(
                    person.Writer == by || (person.Wrote.TryGetValue(before, out var wrote) && wrote == person.Town),
                    $"{by} takes {before} back from {item.Key}, where {person.Writer} wrote {person.Town}");
            }
        }
    }

    /// <summary>The bytes of a call are there. Whoever was erased meanwhile was not waited for.</summary>
    public async Task ArrivedAsync(Batch batch)
    {
        foreach (var erased in await SuppressedAsync(batch.Items.Select(item => item.Key)))
        {
            invariants.Expect(false, $"{erased} was erased while a call that writes them was on its way");
        }
    }

    /// <summary>The vendor tells that it did nothing of a job.</summary>
    public void CameToNothing(Batch job) => _cameToNothing.UnionWith(job.Items.Select(item => item.RecordId));

    /// <summary>The vendor counts an event.</summary>
    public void Counted(BatchItem item) => invariants.Expect(_events.Add(item.Event!.Id), $"an event of {item.Key} came twice");

    /// <summary>What was claimed before a run was stopped may go out still.</summary>
    private async Task ShouldBeOwedAsync(Guid run, IReadOnlyList<long> records)
    {
        var left = (await database.SelectAsync($"SELECT count(*) FROM deliveries WHERE delivery_id IN ({string.Join(',', records)})", reader => reader.GetInt64(0))).Single();
        var state = await StateAsync(run);
        var isStopped = state is RunState.Canceling or RunState.Canceled or RunState.Failed;
        invariants.Expect(left == records.Count || isStopped, $"{tale.NameOf(run)} ({state}) sends {records.Count} records of which {records.Count - left} are settled already");
        invariants.Expect(isStopped || state is null or RunState.Delivering or RunState.Paused, $"{tale.NameOf(run)} is {state} and writes");
    }

    private Task<CallEntry> EnterAsync(CallUnderWay call, Task<CallEntry> entering)
    {
        _calls.Add(call.CallId);
        return entering;
    }

    private async Task<IReadOnlyList<ClaimedDelivery>> ClaimAsync(Lease lease, Task<IReadOnlyList<ClaimedDelivery>> claiming)
    {
        var claim = await claiming;
        foreach (var delivery in claim)
        {
            _runs[delivery.DeliveryId] = delivery.RunId;
        }

        foreach (var run in lease.IsLive ? [] : claim.Select(delivery => delivery.RunId).Distinct())
        {
            var state = await StateAsync(run);
            invariants.Expect(state == RunState.Delivering, $"{tale.NameOf(run)} is {state} and its records are claimed");
        }

        return claim;
    }

    private async Task<IReadOnlyList<SettledRun>?> SettleAsync(HubDbContext db, Lease lease, IReadOnlyList<Settlement> settlements, Func<Task<IReadOnlyList<SettledRun>?>> settle)
    {
        bool isHeld;
        await using (var session = await DbSession.OpenInTransactionAsync(db, CancellationToken.None))
        {
            isHeld = await session.ScalarAsync(
                "SELECT 1 FROM leases WHERE destination = @destination AND lane = @lane AND partition = @partition AND owner = @owner AND epoch = @epoch", CancellationToken.None,
                ("destination", lease.Destination), ("lane", lease.Lane), ("partition", lease.Partition), ("owner", lease.Owner), ("epoch", lease.Epoch)) is not null;
        }

        var settled = await settle();
        invariants.Expect(isHeld || settled is null, $"a turn settles whose lease of {lease.Lane} partition {lease.Partition} is somebody else's");
        foreach (var settlement in settled is null ? [] : settlements.Where(settlement => settlement.Outcome == LedgerOutcome.Delivered))
        {
            invariants.Expect(!_cameToNothing.Contains(settlement.Delivery.DeliveryId), $"a record of {tale.NameOf(settlement.Delivery.RunId)} is delivered by a job that came to nothing");
        }

        return settled;
    }

    /// <summary>What a run takes back, by its name; null for one that takes nothing back.</summary>
    public async Task<Guid?> TakenBackByAsync(string writer) => _runs.Values.Distinct().FirstOrDefault(run => tale.NameOf(run) == writer) is var run && run != Guid.Empty ? await TakenBackByAsync(run) : null;

    private async Task<Guid?> TakenBackByAsync(Guid run)
    {
        if (!_takenBack.TryGetValue(run, out var was))
        {
            _takenBack[run] = was = (await database.SelectAsync("SELECT rolls_back FROM backfill_runs WHERE correlation_id = @run", reader => reader.IsDBNull(0) ? (Guid?)null : reader.GetGuid(0), ("run", run))).SingleOrDefault();
        }

        return was;
    }

    private async Task<string?> StateAsync(Guid run) => (await database.SelectAsync("SELECT current_state FROM runs WHERE correlation_id = @run", reader => reader.GetString(0), ("run", run))).SingleOrDefault();

    private static object? Call(IDeliveryStore store, MethodInfo method, object?[] args)
    {
        try
        {
            return method.Invoke(store, args);
        }
        catch (TargetInvocationException thrown)
        {
            System.Runtime.ExceptionServices.ExceptionDispatchInfo.Throw(thrown.InnerException!);
            throw;
        }
    }
}

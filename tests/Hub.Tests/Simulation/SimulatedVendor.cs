using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>A vendor that keeps people, members and events, stumbles as the history says, and remembers who wrote what.</summary>
internal sealed class SimulatedVendor(SimulatedVendor.IFate fate, Witness witness, SimulatedClock clock, SimulatedWorld world) : IConnector, IMemberListing, IMemberPaging, IProfileReading, IBulkDelivery
{
    private static readonly DestinationCondition _unavailable = new(DestinationTrouble.Unavailable, "http_503");
    private static readonly BulkLimits _limits = new(MinRecords: 2, MaxRecords: 20, MaxBytes: 100_000, PollInterval: TimeSpan.FromMinutes(1));

    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);
    private readonly List<Job> _jobs = [];
    private readonly HashSet<string> _refused = new(StringComparer.Ordinal);

    private const string IdOfStranger = "r-1";

    /// <summary>Whom the hub does not know. Nobody else has an id of the vendor.</summary>
    public const string Stranger = "stranger";

    /// <summary>Whoever writes at the vendor and is not the hub.</summary>
    public const string Somebody = "somebody";

    /// <summary>What happens around a call.</summary>
    public interface IFate
    {
        /// <summary>Whose call it is: one number for one thing that a process is at.</summary>
        int Frame { get; }

        /// <summary>Before anything of a call happened: others may go on meanwhile, or the process dies.</summary>
        Task BeforeAsync(string call);

        /// <summary>A call that writes people is about to be let through, or its bytes are on their way: one of its people may be erased in that moment.</summary>
        Task EraseMeanwhileAsync(Batch batch, string when);

        /// <summary>The vendor has applied it, and its answer is on the way.</summary>
        Task AppliedAsync(string call);

        /// <summary>Whether a list that is read does not show everybody yet.</summary>
        bool ListsLate();

        /// <summary>What the vendor answers.</summary>
        Answer AnswerTo(Batch batch);

        /// <summary>How long the vendor works on a job, and whether it comes to nothing.</summary>
        (TimeSpan Length, bool Fails) CourseOf(Batch job);
    }

    public enum Answer
    {
        Well,
        Unavailable,
        Lost,
        SomeRejected,
        SomeLater,
    }

    public ConnectorDescriptor Descriptor { get; } = Acme.DescriptorOfWhatDoubles with { MaxConcurrency = 16, QuietEvents = new QuietEvents(null, "Because.") };

    public int MaxKeysPerRead => 3;

    public int MembersPerPage => 3;

    public IReadOnlyDictionary<Operation, BulkLimits> BulkOperations { get; } =
        world.HasJobs ? new Dictionary<Operation, BulkLimits> { [Operation.AddMember] = _limits, [Operation.UpsertProfile] = _limits } : new Dictionary<Operation, BulkLimits>();

    /// <summary>Whom the jobs are about that it works on.</summary>
    public IEnumerable<string> AtWorkOn => _jobs.Where(job => !job.IsOver).SelectMany(job => job.Batch.Items).Select(item => item.Key).Distinct();

    /// <summary>Who was answered otherwise than well, and not written since.</summary>
    public IReadOnlySet<string> Refused => _refused;

    public IReadOnlyDictionary<string, Person> People => _people;

    /// <summary>Somebody else writes at the vendor.</summary>
    public void Overwrite(string key, string town)
    {
        if (_people.TryGetValue(key, out var person))
        {
            person.Write(town, Somebody);
        }
    }

    /// <summary>Somebody else adds a member.</summary>
    public void AddStranger() => _people[Stranger] = new Person { IsMember = true };

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<DestinationCondition?>(null);

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-1"), null));

    public async Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        await fate.BeforeAsync($"{batch.Operation} of {batch.Items.Count}");
        await WorkAsync();
        if (batch.Operation == Operation.DeleteProfile)
        {
            return await DeleteAsync(batch);
        }

        await fate.EraseMeanwhileAsync(batch, "not let through yet");
        var clearance = batch.ClearanceFor(batch.Items.Select(item => item.RecordId));
        if (!await clearance.IsGivenAsync(cancellationToken))
        {
            var rest = batch with { Items = [.. batch.Items.Where(item => !clearance.Withheld.Contains(item.RecordId))] };
            var receipt = rest.Items.Count == 0 ? new Receipt { Outcomes = [] } : await DeliverAsync(rest, cancellationToken);
            return receipt with { Outcomes = [.. receipt.Outcomes, .. batch.Items.Where(item => clearance.Withheld.Contains(item.RecordId)).Select(item => Told(item, Outcome.Withheld))] };
        }

        await witness.WritingAsync(batch, _people, fate.Frame);
        try
        {
            await fate.EraseMeanwhileAsync(batch, "on its way");
            await witness.ArrivedAsync(batch);
            return await AnswerAsync(batch);
        }
        finally
        {
            witness.Ended(batch);
            await clearance.EndAsync();
        }
    }

    private async Task<Receipt> AnswerAsync(Batch batch)
    {
        var answer = fate.AnswerTo(batch);
        if (answer == Answer.Unavailable)
        {
            return new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.NotSent))], Condition = _unavailable };
        }

        List<RecordOutcome> outcomes = [.. batch.Items.Select((item, at) => at % 2 == 1 ? Apply(batch, item) : answer switch
        {
            Answer.SomeRejected => Refuse(item, Outcome.Rejected, "no"),
            Answer.SomeLater => Refuse(item, Outcome.RetryLater, "later"),
            _ => Apply(batch, item),
        })];
        await fate.AppliedAsync($"{batch.Operation}");
        return answer == Answer.Lost ? throw new TimeoutException("The answer was lost.") : new Receipt { Outcomes = outcomes };
    }

    public async IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(
        AudienceTarget audience, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await fate.BeforeAsync("list");
        var members = _people.Where(person => person.Value.IsMember).Select(person => Shown(person.Key));
        yield return [.. fate.ListsLate() ? members.SkipLast(1) : members];
    }

    public async Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        await fate.BeforeAsync("read");
        foreach (var key in keys)
        {
            if (_people.TryGetValue(key, out var person))
            {
                person.ReadBy(fate.Frame);
            }
        }

        return
        [
            .. from key in keys
               where _people.ContainsKey(key)
               let town = _people[key].Town
               select new RemoteProfile(key, null, town is null || !fields.Contains("town") ? new Dictionary<string, string>() : new Dictionary<string, string> { ["town"] = JsonSerializer.Serialize(town) }),
        ];
    }

    public async Task<RemoteMemberPage> ReadMemberPageAsync(AudienceTarget audience, string? cursor, CancellationToken cancellationToken)
    {
        await fate.BeforeAsync("list a page");
        List<string> members = [.. _people.Where(person => person.Value.IsMember && string.CompareOrdinal(person.Key, cursor) > 0).Select(person => person.Key).Order(StringComparer.Ordinal)];
        var page = members.Take(MembersPerPage).ToList();
        var next = members.Count > page.Count ? page[^1] : null;
        return new RemoteMemberPage([.. page.SkipLast(next is null && fate.ListsLate() ? 1 : 0).Select(Shown)], next);
    }

    public async Task<BulkStart> StartBulkAsync(Batch batch, CancellationToken cancellationToken)
    {
        await fate.BeforeAsync($"a job of {batch.Operation} of {batch.Items.Count}");
        await WorkAsync();
        await fate.EraseMeanwhileAsync(batch, "not let through yet");
        var (items, left) = (batch.Items, new List<RecordOutcome>());
        CallClearance clearance;
        while (!await (clearance = batch.ClearanceFor(items.Select(item => item.RecordId))).IsGivenAsync(cancellationToken))
        {
            left.AddRange(items.Where(item => clearance.Withheld.Contains(item.RecordId)).Select(item => Told(item, Outcome.Withheld)));
            items = [.. items.Where(item => !clearance.Withheld.Contains(item.RecordId))];
            if (items.Count == 0)
            {
                return new BulkStart(null, new Receipt { Outcomes = left });
            }
        }

        var taken = batch with { Items = items };
        await witness.WritingAsync(taken, _people, fate.Frame);
        try
        {
            await fate.EraseMeanwhileAsync(taken, "on its way");
            await witness.ArrivedAsync(taken);
            if (fate.AnswerTo(taken) == Answer.Unavailable)
            {
                return new BulkStart(null, new Receipt { Outcomes = [.. left, .. items.Select(item => Told(item, Outcome.NotSent))], Condition = _unavailable });
            }

            var (length, fails) = fate.CourseOf(taken);
            var job = new Job($"job-{_jobs.Count + 1}", taken, clock.GetUtcNow() + length, fails);
            _jobs.Add(job);
            witness.Tell($"  the vendor begins {job.Name}, which goes on for {length}{(fails ? " and comes to nothing" : "")}");
            await fate.AppliedAsync($"the start of {job.Name}");
            return new BulkStart(job.Name, left.Count == 0 ? null : new Receipt { Outcomes = left });
        }
        finally
        {
            witness.Ended(taken);
            await clearance.EndAsync();
        }
    }

    public async Task<Receipt?> FollowBulkAsync(string job, Batch batch, CancellationToken cancellationToken)
    {
        await fate.BeforeAsync($"a look at {job}");
        await WorkAsync();
        witness.Tell($"  the vendor is asked about {job}");
        switch (_jobs.Find(known => known.Name == job))
        {
            case { IsOver: false }:
                return null;
            case { Fails: false }:
                return new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.Delivered))] };
            default:
                witness.CameToNothing(batch);
                return new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.RetryLater) with { Code = "job_failed" })] };
        }
    }

    /// <summary>Ends the jobs whose time is over: what they write is from the day on which they were handed over. One that no hub has written down, because it died or lost its lease, is written at once.</summary>
    public async Task WorkAsync()
    {
        foreach (var job in _jobs.Where(job => !job.IsOver).ToList())
        {
            if (job.EndsAt > clock.GetUtcNow() && await witness.IsFollowedAsync(job.Name))
            {
                continue;
            }

            witness.Tell($"  {job.Name} of the vendor ends{(job.Fails ? ", and nothing came of it" : "")}");
            job.IsOver = true;
            foreach (var item in job.Fails ? [] : job.Batch.Items)
            {
                Apply(job.Batch, item);
            }
        }
    }

    private async Task<Receipt> DeleteAsync(Batch batch)
    {
        var answer = fate.AnswerTo(batch);
        if (answer == Answer.Unavailable)
        {
            return new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.NotSent))], Condition = _unavailable };
        }

        if (answer == Answer.SomeLater)
        {
            return new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.RetryLater) with { Code = "later" })] };
        }

        witness.Tell($"  the vendor deletes {string.Join(", ", batch.Items.Select(item => item.Key))}");
        List<RecordOutcome> outcomes = [.. batch.Items.Select(item => Told(item, _people.Remove(item.Key) ? Outcome.Delivered : Outcome.Unchanged))];
        await fate.AppliedAsync($"{batch.Operation}");
        return answer == Answer.Lost ? throw new DestinationException(_unavailable) : new Receipt { Outcomes = outcomes };
    }

    private RecordOutcome Refuse(BatchItem item, Outcome outcome, string code)
    {
        _refused.Add(item.Key);
        return Told(item, outcome) with { Code = code };
    }

    private RecordOutcome Apply(Batch batch, BatchItem item)
    {
        if (batch.Operation == Operation.TrackEvent)
        {
            witness.Counted(item);
            return Told(item, Outcome.Delivered);
        }

        var key = item.RemoteId == IdOfStranger ? Stranger : item.Key;
        if (!_people.TryGetValue(key, out var person))
        {
            if (batch.UpdateOnly || batch.Operation == Operation.RemoveMember)
            {
                return batch.UpdateOnly ? Told(item, Outcome.Rejected) with { Code = ReasonCode.NotFound } : Told(item, Outcome.Unchanged);
            }

            _people[key] = person = new Person();
        }

        _refused.Remove(key);
        var writer = witness.WriterOf(item.RecordId);
        if (!person.WasReadBy(fate.Frame))
        {
            person.WrittenUnseen.Add(writer);
        }

        if (person.Writer != writer)
        {
            person.Before[writer] = person.Town; // of a run whose write somebody wrote over, what it wrote over then
        }

        foreach (var field in item.Fields.Where(field => field.Name == "town"))
        {
            person.Write(field.Value.Kind == FieldKind.Null ? null : field.Value.Text, writer);
        }

        person.IsMember = batch.Operation switch
        {
            Operation.AddMember => true,
            Operation.RemoveMember => false,
            _ => person.IsMember,
        };
        return Told(item, Outcome.Delivered);
    }

    private static RemoteMember Shown(string key) => new(key == Stranger ? IdOfStranger : null, key);

    private static RecordOutcome Told(BatchItem item, Outcome outcome) => new() { RecordId = item.RecordId, Outcome = outcome };

    /// <summary>Work that the vendor took and does in its own time.</summary>
    private sealed record Job(string Name, Batch Batch, DateTimeOffset EndsAt, bool Fails)
    {
        public bool IsOver { get; set; }
    }

    /// <summary>Somebody as the vendor has them.</summary>
    internal sealed class Person
    {
        private readonly Dictionary<int, int> _seen = [];
        private int _version;

        public string? Town { get; private set; }

        public bool IsMember { get; set; }

        /// <summary>The run that wrote the town last, or <see cref="Somebody"/>.</summary>
        public string Writer { get; private set; } = "";

        /// <summary>Runs that wrote what they had not read: somebody else wrote between their read and their write, which nobody sees.</summary>
        public HashSet<string> WrittenUnseen { get; } = new(StringComparer.Ordinal);

        /// <summary>By run that wrote the person: the town before its write, or before the first one in a row.</summary>
        public Dictionary<string, string?> Before { get; } = new(StringComparer.Ordinal);

        /// <summary>By run that wrote the person: the town that it wrote last.</summary>
        public Dictionary<string, string?> Wrote { get; } = new(StringComparer.Ordinal);

        /// <summary>Somebody reads the person.</summary>
        public void ReadBy(int frame) => _seen[frame] = _version;

        /// <summary>True when what they read is what is there still.</summary>
        public bool WasReadBy(int frame) => _seen.GetValueOrDefault(frame, -1) == _version;

        public void Write(string? town, string writer) => (Town, Writer, Wrote[writer], _version) = (town, writer, town, _version + 1);
    }
}

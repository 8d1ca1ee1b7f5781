using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Simulation;

/// <summary>A vendor that keeps people, members and events, stumbles as the history says, and remembers who wrote what.</summary>
internal sealed class SimulatedVendor(SimulatedVendor.IFate fate, Witness witness) : IConnector, IMemberListing, IProfileReading
{
    private readonly Dictionary<string, Person> _people = new(StringComparer.Ordinal);

    /// <summary>Whom the hub does not know.</summary>
    public const string Stranger = "stranger";

    /// <summary>What happens around a call.</summary>
    public interface IFate
    {
        /// <summary>Whose call it is: one number for one thing that a process is at.</summary>
        int Frame { get; }

        /// <summary>Before anything of a call happened: others may go on meanwhile, or the process dies.</summary>
        Task BeforeAsync(string call);

        /// <summary>The vendor has applied it, and its answer is on the way.</summary>
        Task AppliedAsync(string call);

        /// <summary>Whether a list that is read does not show everybody yet.</summary>
        bool ListsLate();

        /// <summary>What the vendor answers.</summary>
        Answer AnswerTo(Batch batch);
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

    public IReadOnlyDictionary<string, Person> People => _people;

    /// <summary>Somebody else writes at the vendor.</summary>
    public void Overwrite(string key, string town)
    {
        if (_people.TryGetValue(key, out var person))
        {
            person.Write(town, "somebody");
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
            return new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.NotSent))], Condition = new DestinationCondition(DestinationTrouble.Unavailable, "http_503") };
        }

        List<RecordOutcome> outcomes = [.. batch.Items.Select((item, at) => at % 2 == 1 ? Apply(batch, item) : answer switch
        {
            Answer.SomeRejected => Told(item, Outcome.Rejected) with { Code = "no" },
            Answer.SomeLater => Told(item, Outcome.RetryLater) with { Code = "later" },
            _ => Apply(batch, item),
        })];
        await fate.AppliedAsync($"{batch.Operation}");
        return answer == Answer.Lost ? throw new TimeoutException("The answer was lost.") : new Receipt { Outcomes = outcomes };
    }

    public async IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(
        AudienceTarget audience, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await fate.BeforeAsync("list");
        var members = _people.Where(person => person.Value.IsMember).Select(person => new RemoteMember(null, person.Key));
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

    private RecordOutcome Apply(Batch batch, BatchItem item)
    {
        if (batch.Operation == Operation.TrackEvent)
        {
            witness.Counted(item);
            return Told(item, Outcome.Delivered);
        }

        if (!_people.TryGetValue(item.Key, out var person))
        {
            if (batch.UpdateOnly || batch.Operation == Operation.RemoveMember)
            {
                return batch.UpdateOnly ? Told(item, Outcome.Rejected) with { Code = ReasonCode.NotFound } : Told(item, Outcome.Unchanged);
            }

            _people[item.Key] = person = new Person();
        }

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

    private static RecordOutcome Told(BatchItem item, Outcome outcome) => new() { RecordId = item.RecordId, Outcome = outcome };

    /// <summary>Somebody as the vendor has them.</summary>
    internal sealed class Person
    {
        private readonly Dictionary<int, int> _seen = [];
        private int _version;

        public string? Town { get; private set; }

        public bool IsMember { get; set; }

        /// <summary>The run that wrote the town last, or <c>somebody</c>.</summary>
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

using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A connector that answers as the test says and remembers what it was asked.</summary>
internal class AcmeConnector : IConnector, IBulkDelivery, IMemberListing, IMemberLookup, IFieldInspection, IFieldListing, IEventInspection, IAudienceInspection, IEventReading, IOptOutFeed
{
    public static readonly BulkLimits Limits = new(MinRecords: 3, MaxRecords: 100, MaxBytes: 100_000, PollInterval: TimeSpan.FromMinutes(3));

    public List<string> Asked { get; } = [];

    /// <summary>Batches handed to a job.</summary>
    public List<Batch> Started { get; } = [];

    /// <summary>Batches that were sent.</summary>
    public List<Batch> Delivered { get; } = [];

    /// <summary>What is answered to a batch.</summary>
    public Func<Batch, Task<Receipt>> Deliver { get; set; } =
        batch => Task.FromResult(new Receipt { Outcomes = [.. batch.Items.Select(item => Told(item, Outcome.Delivered))] });

    /// <summary>What happens while a call waits for its admission.</summary>
    public Func<Batch, Task> BeforeCall { get; set; } = _ => Task.CompletedTask;

    /// <summary>What happens between the last look of a job and its start.</summary>
    public Func<Task> AfterLook { get; set; } = () => Task.CompletedTask;

    /// <summary>What a look at a job gives: null while it runs.</summary>
    public Func<Batch, Receipt?> Follow { get; set; } = _ => null;

    /// <summary>Who of the people asked for is a member.</summary>
    public Func<IReadOnlyList<RemoteMember>, IReadOnlyList<RemoteMember>> LookUp { get; set; } = people => people;

    /// <summary>The list that is found or made for an audience.</summary>
    public Func<AudienceRequest, EnsureAudienceResult> Ensure { get; set; } = request => new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-1"), null);

    /// <summary>When the vendor answers that.</summary>
    public Task EnsureAfter { get; init; } = Task.CompletedTask;

    /// <summary>What a look at the lists finds.</summary>
    public Func<IReadOnlyList<AudienceTarget>, IReadOnlyList<FieldFinding>> InspectLists { get; set; } = _ => [];

    /// <summary>What a look for events finds.</summary>
    public Func<IReadOnlyList<EventQuestion>, IReadOnlyList<EventSighting>> Find { get; set; } = questions => [.. questions.Select(question => new EventSighting(question.RecordId, EventPresence.Unclear, "acme_does_not_tell"))];

    public IReadOnlyList<string> OptOutFeeds { get; init; } = [];

    public Task<OptOutPage> ReadOptOutsAsync(OptOutQuestion question, CancellationToken cancellationToken) => throw new NotSupportedException();

    public int MaxEventsPerRead => 2;

    public TimeSpan EventsAreShownAfter => TimeSpan.FromHours(1);

    public Task<IReadOnlyList<EventSighting>> FindEventsAsync(IReadOnlyList<EventQuestion> questions, CancellationToken cancellationToken) => Task.FromResult(Find(questions));

    /// <summary>What a check of credentials and permissions finds.</summary>
    public DestinationCondition? Check { get; set; }

    /// <summary>Called when it is checked.</summary>
    public Action CheckNow { get; set; } = () => { };

    /// <summary>What a look at the mapped fields finds.</summary>
    public Func<IReadOnlyList<FieldUse>, IReadOnlyList<FieldFinding>> Inspect { get; set; } = _ => [];

    /// <summary>What a look at the kinds of event finds.</summary>
    public Func<IReadOnlyList<EventUse>, IReadOnlyList<FieldFinding>> InspectEvents { get; set; } = _ => [];

    public Task<IReadOnlyList<FieldFinding>> InspectEventsAsync(IReadOnlyList<EventUse> events, CancellationToken cancellationToken) => Task.FromResult(InspectEvents(events));

    /// <summary>The fields that the account has.</summary>
    public Func<IReadOnlyList<VendorField>> Fields { get; set; } = () => [];

    public Task<IReadOnlyList<VendorField>> ListFieldsAsync(CancellationToken cancellationToken) => Task.FromResult(Fields());

    public ConnectorDescriptor Descriptor { get; init; } = Acme.Descriptor;

    public IReadOnlyDictionary<Operation, BulkLimits> BulkOperations { get; set; } = new Dictionary<Operation, BulkLimits> { [Operation.AddMember] = Limits };

    public int MaxPeoplePerLookup => 2;

    public static RecordOutcome Told(BatchItem item, Outcome outcome) => new() { RecordId = item.RecordId, Outcome = outcome };

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken)
    {
        CheckNow();
        return Task.FromResult(Check);
    }

    public Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken) => Task.FromResult(Inspect(fields));

    public Task<IReadOnlyList<FieldFinding>> InspectAudiencesAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken) => Task.FromResult(InspectLists(audiences));

    public async Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        await EnsureAfter;
        return Ensure(request);
    }

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => CallAsync(batch, cancellationToken);

    /// <summary>Makes one call of a batch: the last look, then what <see cref="Deliver"/> answers for those who may be sent.</summary>
    private async Task<Receipt> CallAsync(Batch batch, CancellationToken cancellationToken)
    {
        await BeforeCall(batch);
        var clearance = batch.ClearanceFor(batch.Items.Select(item => item.RecordId));
        if (await clearance.IsGivenAsync(cancellationToken))
        {
            lock (Delivered)
            {
                Delivered.Add(batch);
            }

            var told = await Deliver(batch);
            await clearance.EndAsync();
            return told;
        }

        var rest = batch with { Items = [.. batch.Items.Where(item => !clearance.Withheld.Contains(item.RecordId))] };
        var receipt = rest.Items.Count == 0 ? new Receipt { Outcomes = [] } : await CallAsync(rest, cancellationToken);
        return receipt with { Outcomes = [.. receipt.Outcomes, .. batch.Items.Where(item => clearance.Withheld.Contains(item.RecordId)).Select(item => Told(item, Outcome.Withheld))] };
    }

    /// <summary>Which records a job cannot take.</summary>
    public Func<BatchItem, bool> IsLeftOut { get; set; } = _ => false;

    public async Task<BulkStart> StartBulkAsync(Batch batch, CancellationToken cancellationToken)
    {
        await BeforeCall(batch);
        var clearance = batch.ClearanceFor(batch.Items.Select(item => item.RecordId));
        await clearance.IsGivenAsync(cancellationToken);
        await clearance.EndAsync();
        await AfterLook();
        var taken = batch with { Items = [.. batch.Items.Where(item => !clearance.Withheld.Contains(item.RecordId) && !IsLeftOut(item))] };
        Started.Add(taken);
        var left = batch.Items.Except(taken.Items).Select(item => Told(item, clearance.Withheld.Contains(item.RecordId) ? Outcome.Withheld : Outcome.NotSent));
        return new BulkStart($"job-{Started.Count}", new Receipt { Outcomes = [.. left] });
    }

    public Task<Receipt?> FollowBulkAsync(string job, Batch batch, CancellationToken cancellationToken)
    {
        Asked.Add(job);
        return Task.FromResult(Follow(batch));
    }

    public async IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(
        AudienceTarget audience, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellationToken)
    {
        await Task.Yield();
        Asked.Add("list");
        yield return [];
    }

    public async Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(AudienceTarget audience, IReadOnlyList<RemoteMember> people, CancellationToken cancellationToken)
    {
        await Task.Yield();
        lock (Asked)
        {
            Asked.Add(string.Join(',', people.Select(person => person.Key)));
            return LookUp(people);
        }
    }
}

using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Tests.Delivery;

/// <summary>A connector that answers as the test says and remembers what it was asked.</summary>
internal sealed class AcmeConnector : IConnector, IBulkDelivery, IMemberListing, IMemberLookup, IFieldInspection, IAudienceInspection
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

    /// <summary>What a check of credentials and permissions finds.</summary>
    public DestinationCondition? Check { get; set; }

    /// <summary>What a look at the mapped fields finds.</summary>
    public Func<IReadOnlyList<FieldUse>, IReadOnlyList<FieldFinding>> Inspect { get; set; } = _ => [];

    public ConnectorDescriptor Descriptor { get; init; } = Acme.Descriptor;

    public IReadOnlyDictionary<Operation, BulkLimits> BulkOperations { get; } = new Dictionary<Operation, BulkLimits> { [Operation.AddMember] = Limits };

    public int MaxPeoplePerLookup => 2;

    public static RecordOutcome Told(BatchItem item, Outcome outcome) => new() { RecordId = item.RecordId, Outcome = outcome };

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult(Check);

    public Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken) => Task.FromResult(Inspect(fields));

    public Task<IReadOnlyList<FieldFinding>> InspectAudiencesAsync(IReadOnlyList<AudienceTarget> audiences, CancellationToken cancellationToken) => Task.FromResult(InspectLists(audiences));

    public async Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken)
    {
        await EnsureAfter;
        return Ensure(request);
    }

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken)
    {
        lock (Delivered)
        {
            Delivered.Add(batch);
        }

        return Deliver(batch);
    }

    public Task<BulkStart> StartBulkAsync(Batch batch, CancellationToken cancellationToken)
    {
        Started.Add(batch);
        return Task.FromResult(new BulkStart($"job-{Started.Count}", null));
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

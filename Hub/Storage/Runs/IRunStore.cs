using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Runs;

/// <summary>Reads runs, their ledgers and dead letters for the API, the CLI and the console.</summary>
public interface IRunStore
{
    /// <summary>A run with its ledger counted from rows, or null.</summary>
    Task<RunView?> FindAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken);

    /// <summary>Runs, newest first.</summary>
    Task<Page<RunView>> ListAsync(HubDbContext db, RunFilter filter, PageAsk ask, CancellationToken cancellationToken);

    /// <summary>Some runs by their ids, in any order; without those that are not known.</summary>
    Task<IReadOnlyList<RunView>> ListAsync(HubDbContext db, IReadOnlyCollection<Guid> runIds, CancellationToken cancellationToken);

    /// <summary>Ids of the runs that wait for the hub's work, oldest first; to one destination, or with null to all.</summary>
    Task<IReadOnlyList<Guid>> ListAtWorkAsync(HubDbContext db, string? destination, CancellationToken cancellationToken);

    /// <summary>The run of (audience, destination) that is not over, or null.</summary>
    Task<Guid?> FindActiveAsync(HubDbContext db, string audience, string destination, CancellationToken cancellationToken);

    /// <summary>Reserves (audience, destination) for a run in the open transaction; false when another run that is not over holds it. Released by the run's end.</summary>
    Task<bool> TryReserveAsync(HubDbContext db, string audience, string destination, Guid runId, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Records of a run that ended with an outcome, with the person as they are now, only those with a reason code, where one is given.</summary>
    Task<Page<RunRecord>> ListRecordsAsync(HubDbContext db, Guid runId, string outcome, string? code, PageAsk ask, CancellationToken cancellationToken);

    /// <summary>Dead letters, newest first.</summary>
    Task<Page<DeadLetterView>> ListDeadLettersAsync(HubDbContext db, string? destination, Guid? runId, DeadLetterKind? kind, PageAsk ask, CancellationToken cancellationToken);

    /// <summary>A dead letter, or null.</summary>
    Task<DeadLetterView?> FindDeadLetterAsync(HubDbContext db, long deadLetterId, CancellationToken cancellationToken);
}

/// <summary>Which runs.</summary>
public sealed record RunFilter(string? State = null, string? Audience = null, string? Destination = null)
{
    /// <summary>Only those that are not over.</summary>
    public bool IsOpen { get; init; }

    /// <summary>Only those that make no progress.</summary>
    public bool IsStalled { get; init; }
}

/// <summary>A run as people see it.</summary>
public sealed record RunView
{
    public required Guid RunId { get; init; }
    public required string Kind { get; init; }
    public required string State { get; init; }
    public required string Audience { get; init; }
    public required string Destination { get; init; }
    public required string Mode { get; init; }
    public Guid? SnapshotId { get; init; }
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>Id of the principal that asked for it.</summary>
    public string RequestedBy { get; init; } = "";
    public DateTimeOffset? FinishedAt { get; init; }
    public DateTimeOffset? LastProgressAt { get; init; }
    public string? WaitingFor { get; init; }
    public DateTimeOffset? StalledSince { get; init; }
    public string? DiagnosisCode { get; init; }
    public string? DiagnosisDetail { get; init; }
    public string? FailureCode { get; init; }
    public string? FailureDetail { get; init; }

    /// <summary>When the members are read back again, while the vendor is given time; else null.</summary>
    public DateTimeOffset? ReadBackAt { get; init; }
    public required LedgerCounts Counts { get; init; }
    public required IReadOnlyList<ReasonCount> Reasons { get; init; }
    public required VerificationView Verification { get; init; }
}

/// <summary>The ledger of a run: <c>Planned = Delivered + Unchanged + Suppressed + Rejected + DeadLettered + Pending</c>, each counted on its own.</summary>
public sealed record LedgerCounts(long Planned, long Delivered, long Unchanged, long Suppressed, long Rejected, long DeadLettered, long Pending)
{
    /// <summary>Records of an outcome by its name; 0 for a name that is none.</summary>
    public long Of(string outcome) => outcome switch
    {
        Deliveries.LedgerOutcome.Delivered => Delivered,
        Deliveries.LedgerOutcome.Unchanged => Unchanged,
        Deliveries.LedgerOutcome.Suppressed => Suppressed,
        Deliveries.LedgerOutcome.Rejected => Rejected,
        Deliveries.LedgerOutcome.DeadLettered => DeadLettered,
        _ => 0,
    };

    /// <summary>True when every planned record is accounted for.</summary>
    public bool Balances => Planned == Delivered + Unchanged + Suppressed + Rejected + DeadLettered + Pending;
}

/// <summary>How many records ended with an outcome for a reason.</summary>
public sealed record ReasonCount(string Outcome, string Code, long Count);

/// <summary>What the read-back found; all null before the first, of fields also where none were read.</summary>
public sealed record VerificationView(long? Expected, long? Found, long? Missing, long? Unexpected, long? FieldsRead = null, long? Differing = null)
{
    /// <summary>Members or fields are not as they should be.</summary>
    public bool Differs => Missing > 0 || Unexpected > 0 || Differing > 0;
}

/// <summary>How a record of a run ended, with the current state of its subject. Holds personal data.</summary>
/// <param name="ProfileId">The subject.</param>
/// <param name="Outcome">Name of the outcome.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="At">When it was settled.</param>
/// <param name="ExternalId">The company's id, or null.</param>
/// <param name="Email">E-mail address, or null.</param>
/// <param name="Phone">Phone number, or null.</param>
/// <param name="AttributesJson">Flat JSON object, or null when the person is not known any more.</param>
public sealed record RunRecord(long ProfileId, string Outcome, string? Code, DateTimeOffset At, string? ExternalId, string? Email, string? Phone, string? AttributesJson)
{
    /// <summary>The version of the configuration that it was decided under; null where nobody decided anything, and of what earlier hubs settled.</summary>
    public long? ConfigVersion { get; init; }
}

/// <summary>A record that could not be delivered. Ids and codes only.</summary>
public sealed record DeadLetterView(long DeadLetterId, Guid RunId, string Destination, string Audience, long ProfileId, string Operation, string Outcome, string Code, int Attempts, DateTimeOffset At, Guid? EventId)
{
    /// <summary>One of <see cref="DeadLetters.LetterStatus"/>.</summary>
    public string Status { get; init; } = DeadLetters.LetterStatus.Open;

    /// <summary>Version of what it sends; 1 when nobody corrected it.</summary>
    public int Version { get; init; } = 1;

    /// <summary>The latest action on it, or null.</summary>
    public long? ActionId { get; init; }
}

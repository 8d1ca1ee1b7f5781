namespace IntegrationHub.Storage.Reconciliations;

/// <summary>
/// One comparison of what a vendor holds of an audience with what the hub believes, and how far it is. Its life is that of the run with the same id; this is how far the comparison got and what it
/// found. A killed hub goes on from <see cref="Stage"/> and <see cref="Cursor"/>.
/// </summary>
public sealed record ComparisonState
{
    /// <summary>The run.</summary>
    public required Guid RunId { get; init; }

    /// <summary>Key of the audience.</summary>
    public required string Audience { get; init; }

    /// <summary>Name of the destination.</summary>
    public required string Destination { get; init; }

    /// <summary>One of <see cref="HealingWord"/>.</summary>
    public required string Heal { get; init; }

    /// <summary>True when the fields of everybody are read, false for a sample.</summary>
    public required bool WholeFields { get; init; }

    /// <summary>People in the sample, about; 1 or more.</summary>
    public required int Sample { get; init; }

    /// <summary>Who asked.</summary>
    public required string RequestedBy { get; init; }

    /// <summary>When it was asked for.</summary>
    public required DateTimeOffset RequestedAt { get; init; }

    /// <summary>One of <see cref="ReconciliationStage"/>.</summary>
    public string Stage { get; init; } = ReconciliationStage.Members;

    /// <summary>Where the vendor's next page begins; null for the first.</summary>
    public string? Cursor { get; init; }

    /// <summary>Id of the last person or finding that the stage is through with; 0 at its start.</summary>
    public long After { get; init; }

    /// <summary>When reading began; null before.</summary>
    public DateTimeOffset? ReadSince { get; init; }

    /// <summary>Set while the day's share of the quota is used up: when reading goes on.</summary>
    public DateTimeOffset? WaitingUntil { get; init; }

    /// <summary>When everything was compared; null before.</summary>
    public DateTimeOffset? ComparedAt { get; init; }

    /// <summary>Vendor calls that it took.</summary>
    public long Calls { get; init; }

    /// <summary>Members that the vendor listed or confirmed.</summary>
    public long Listed { get; init; }

    /// <summary>Members that the hub believed in.</summary>
    public long Expected { get; init; }

    /// <summary>Of those, members at the vendor.</summary>
    public long Found { get; init; }

    /// <summary>People who should be members and are not.</summary>
    public long Missing { get; init; }

    /// <summary>Members who should not be there.</summary>
    public long Unexpected { get; init; }

    /// <summary>People of whom a field differs.</summary>
    public long Different { get; init; }

    /// <summary>Keys under which the vendor has several people.</summary>
    public long Duplicates { get; init; }

    /// <summary>Of those whose fields were compared, people of whom one differs; who was merged at the vendor is not among them.</summary>
    public long FieldsDiffer { get; init; }

    /// <summary>Where only those were read who were changed, since when; null where everybody was, or a sample.</summary>
    public DateTimeOffset? FieldsSince { get; init; }

    /// <summary>True when what is said of fields is said of everybody: the audience is no larger than the sample would be.</summary>
    public bool IsWhole => WholeFields || Expected <= Sample;

    /// <summary>Bytes of the file that the members were read from; 0 where there was none.</summary>
    public long FileBytes { get; init; }

    /// <summary>True when that file tells the fields of everybody, so that only those are read by key of whom something may differ.</summary>
    public bool FileTellsFields { get; init; }

    /// <summary>Why the members were read page by page though a file would have been cheaper: the reason code; null where there was no such reason.</summary>
    public string? NotExtracted { get; init; }

    /// <summary>What <see cref="Cursor"/> begins with while the members are read from a file.</summary>
    public const string FileCursor = "file:";

    /// <summary>Kinds of events of which a number does not come out.</summary>
    public long Volumes { get; init; }

    /// <summary>People whose fields were compared.</summary>
    public long Checked { get; init; }
}

using IntegrationHub.Storage.Paging;

namespace IntegrationHub.Storage.Verification;

/// <summary>What reading back gave: one result per run and round, and who differed in the last round that was read.</summary>
public interface IReadBackStore
{
    /// <summary>The result of a round, or null when it was not read yet.</summary>
    Task<ReadBackResult?> FindAsync(HubDbContext db, Guid runId, int round, CancellationToken cancellationToken);

    /// <summary>Writes the result of a round; a second one for the same round violates the table's key, so the caller's transaction fails whole.</summary>
    Task AddAsync(HubDbContext db, ReadBackResult result, CancellationToken cancellationToken);

    /// <summary>Notes people of whom a field is not what was written, in the transaction of the comparison and after it.</summary>
    Task NoteAsync(HubDbContext db, Guid runId, IReadOnlyCollection<ReadBackFinding> differences, CancellationToken cancellationToken);

    /// <summary>Who differed, in the order in which they were noted.</summary>
    /// <param name="db">The context.</param>
    /// <param name="runId">The run.</param>
    /// <param name="kind">One of <see cref="ReadBackFinding"/>'s kinds, or null for all.</param>
    /// <param name="after">Id of the last finding of the page before; 0 at the start.</param>
    /// <param name="limit">Most rows.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    Task<Page<ReadBackFinding>> ListFindingsAsync(HubDbContext db, Guid runId, string? kind, PageAsk ask, CancellationToken cancellationToken);
}

/// <summary>What a round of reading a run's audience back gave.</summary>
/// <param name="RunId">The run.</param>
/// <param name="Round">The round, from 1.</param>
/// <param name="IsLastRound">Whether it was read as the last one.</param>
/// <param name="Totals">The comparison.</param>
/// <param name="WithIssues">Records of the run that ended rejected or dead-lettered.</param>
/// <param name="At">When it was concluded.</param>
public sealed record ReadBackResult(Guid RunId, int Round, bool IsLastRound, VerificationTotals Totals, long WithIssues, DateTimeOffset At);

/// <summary>Somebody in whom vendor and hub differ. Holds personal data.</summary>
/// <param name="FindingId">Grows with every finding.</param>
/// <param name="Kind"><see cref="Missing"/>, <see cref="Unexpected"/> or <see cref="Different"/>.</param>
/// <param name="ProfileId">The hub's id of the person; null for a stranger.</param>
/// <param name="RemoteId">The vendor's id, where it is known.</param>
/// <param name="Key">External id, else e-mail, else the key that the vendor told.</param>
/// <param name="Field">The vendor's field that is not what was written; else null.</param>
public sealed record ReadBackFinding(long FindingId, string Kind, long? ProfileId, string? RemoteId, string? Key, string? Field = null)
{
    /// <summary>Should be a member, was not shown.</summary>
    public const string Missing = "missing";

    /// <summary>Was shown, should not be a member.</summary>
    public const string Unexpected = "unexpected";

    /// <summary>Has another value in a field than the run wrote.</summary>
    public const string Different = "different";

    /// <summary>The kinds, as people name them.</summary>
    public static IReadOnlyList<string> Kinds { get; } = [Missing, Unexpected, Different];

    /// <summary>So many of each kind are noted per round; the counts of the result know all.</summary>
    public const int MostPerKind = 1_000;
}

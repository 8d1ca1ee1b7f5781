using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Storage.Verification;

/// <summary>Compares what the hub believes of an audience at a destination with what the vendor returned, set-based.</summary>
public interface IVerificationStore
{
    /// <summary>Starts a read-back round, dropping rows of earlier rounds of the run.</summary>
    Task BeginAsync(HubDbContext db, Guid runId, int round, CancellationToken cancellationToken);

    /// <summary>Stages a page of members that a destination returned (COPY), without those who were erased; repeats within a round are harmless.</summary>
    Task StageAsync(HubDbContext db, Guid runId, int round, string destination, IReadOnlyList<RemoteMember> members, CancellationToken cancellationToken);

    /// <summary>
    /// Pages by profile id through the people to ask the vendor about; <paramref name="afterProfileId"/> 0 at the start: whoever should be a member,
    /// for <see cref="ReadBack.OnlyPeopleOfRun"/> whoever the run looked at.
    /// </summary>
    Task<IReadOnlyList<ExpectedMember>> ReadExpectedAsync(HubDbContext db, ReadBack readBack, long afterProfileId, int limit, CancellationToken cancellationToken);

    /// <summary>
    /// Compares by remote id, else by key (<c>external_id</c> or lower-case e-mail), and notes who differs (<see cref="ReadBackFinding"/>, the last comparison's).
    /// Strangers are unexpected when <paramref name="strangersAreUnexpected"/>; else only people whom the hub removed and who are still there. Only when
    /// <paramref name="final"/> the vendor is believed: missing people lose their confirmed membership so that the next run adds them again, and people whom
    /// this run removed and who are still there get it back so that the next run removes them again. Final comparisons therefore must not be repeated. Of missing people who were
    /// members before this run it is noted since when they were not seen: they may have been deleted, and are looked for before they are written again.
    /// </summary>
    Task<VerificationTotals> CompareAsync(HubDbContext db, ReadBack readBack, string identityKeyKind, bool strangersAreUnexpected, bool final, CancellationToken cancellationToken);

    /// <summary>
    /// For mirror runs, after <see cref="StageAsync"/> and before planning: records every staged member whom the hub does not know as a member at the
    /// destination as a confirmed membership that was not added by the hub (<c>is_member</c>, <c>added_by_hub = false</c>). A stranger who matches no
    /// known person by remote id or key gets a bare profile (no keys, no attributes) that carries the remote id, so that the plan can remove it like any other.
    /// </summary>
    /// <returns>How many strangers there were.</returns>
    Task<long> AdoptStrangersAsync(HubDbContext db, Guid runId, int round, string destination, string audience, string identityKeyKind, DateTimeOffset at, CancellationToken cancellationToken);

    /// <summary>Drops the staged rows of a run.</summary>
    Task EndAsync(HubDbContext db, Guid runId, CancellationToken cancellationToken);
}

/// <summary>One round of reading an audience back for a run.</summary>
/// <param name="RunId">The run that the staged members belong to.</param>
/// <param name="Round">The round that they were staged in.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience.</param>
/// <param name="OnlyPeopleOfRun">True for a run that touched a few people of a large audience: only they are compared, whatever else was staged.</param>
public sealed record ReadBack(Guid RunId, int Round, string Destination, string Audience, bool OnlyPeopleOfRun = false)
{
    /// <summary>When reading began: of whom the live lane moved since, what was read says nothing. By default nobody is taken to have moved.</summary>
    public DateTimeOffset Since { get; init; } = DateTimeOffset.MaxValue;

    /// <summary>So many of each kind of finding are noted; the counts know all.</summary>
    public int MostFindings { get; init; } = ReadBackFinding.MostPerKind;

    /// <summary>True where the vendor compares keys without case and may spell them otherwise: the keys of people are folded, those of members were staged so.</summary>
    public bool FoldsKeys { get; init; }

    /// <summary>A key without regard to case, for the letters A to Z, as both databases fold it.</summary>
    public static string? Fold(string? key) => key is null ? null : string.Create(key.Length, key, static (folded, spelled) =>
    {
        for (var i = 0; i < folded.Length; i++)
        {
            folded[i] = char.IsAsciiLetterUpper(spelled[i]) ? (char)(spelled[i] | 0x20) : spelled[i];
        }
    });
}

/// <summary>A person whom the vendor is asked about. Holds personal data.</summary>
public sealed record ExpectedMember(long ProfileId, string? RemoteId, string? ExternalId, string? Email);

/// <summary>Result of a comparison.</summary>
public sealed record VerificationTotals(long Expected, long Found, long Missing, long Unexpected)
{
    /// <summary>People of the run whose fields were read back.</summary>
    public long FieldsRead { get; init; }

    /// <summary>Of these, people in whom a field is not what was written.</summary>
    public long Differing { get; init; }
}

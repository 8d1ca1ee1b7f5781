using System.Text.Json;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Erasures;
using IntegrationHub.Storage.Sealing;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Where the application of a snapshot stands.</summary>
internal sealed record SnapshotProgress(Guid SnapshotId, string Audience, string Kind, string State, DateTimeOffset CreatedAt, long AppliedLine, long SetUntil)
{
    /// <summary>Tenant of snapshots; they do not name one.</summary>
    public const string Tenant = "default";

    /// <summary>How rows of people who were erased are counted.</summary>
    private const string ErasedRow = "list_row";

    /// <summary>True when it speaks for everybody, also for those whom it does not name.</summary>
    public bool IsFull => Kind != "delta";

    /// <summary>Memberships of a piece: each costs a tenth of a row of the list.</summary>
    public static int MembersOf(int chunkRows) => chunkRows * 10;

    /// <summary>True when nothing is left to do.</summary>
    /// <exception cref="InvalidOperationException">The snapshot cannot be applied.</exception>
    public bool IsApplied() => State switch
    {
        "applied" => true,
        "loaded" => false,
        _ => throw new InvalidOperationException($"Snapshot {SnapshotId} is {State}; only a loaded snapshot can be applied. Upload it again."),
    };

    /// <summary>What a row states, as of the snapshot's time.</summary>
    public SubjectStatement Statement(StagedMember row) =>
        new(LedgerFact.KeysOf(row.ExternalId, row.Email), new ProfileStatement(row.Email, row.Phone, SealingKeys.IsSealed(row.AttributesJson) ? null : row.AttributesJson, CreatedAt) { Producer = ProducerOf(Audience) }, MayCreate: true, NeedsPerson: true);

    /// <summary>What rows of the list say that is kept from being changed.</summary>
    public IEnumerable<Violation> RefusedOf(IEnumerable<StatedSubject> rows) => rows.SelectMany(row => row.Refused)
        .Select(refused => new Violation(refused.Kind, Violation.List, "", refused.Name, ProducerOf(Audience)) { Action = Violation.Omit });

    /// <summary>The rows of people who were not erased. The caller holds the ledger's lock.</summary>
    public static async Task<List<StagedMember>> WithoutErasedAsync(HubDbContext db, Tombstones tombstones, SubjectIntake intake, List<StagedMember> rows, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var erased = await tombstones.FindAsync(db, rows.SelectMany(row => KeysOf(intake, row)), cancellationToken);
        if (erased.Count == 0)
        {
            return rows;
        }

        var left = rows.FindAll(row => !KeysOf(intake, row).Any(erased.Contains));
        await Tombstones.CountAsync(db, Enumerable.Repeat(ErasedRow, rows.Count - left.Count), now, cancellationToken);
        return left;
    }

    /// <summary>Of rows that are being read those of people who were not erased, so that nothing of the others is kept while the list waits. Of a rejected row the ids of people who were erased go, and the row with the last of them.</summary>
    public static async Task<(IReadOnlyList<StagedMember> Members, IReadOnlyList<SnapshotReject> Rejects)> WithoutErasedAsync(
        HubDbContext db, Tombstones tombstones, SubjectIntake intake, IReadOnlyList<StagedMember> members, IReadOnlyList<SnapshotReject> rejects, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var left = await WithoutErasedAsync(db, tombstones, intake, [.. members], now, cancellationToken);
        var erased = await tombstones.FindAsync(db, rejects.SelectMany(reject => reject.ExternalIds).Select(KeyOf).OfType<PersonKey>(), cancellationToken);
        if (erased.Count == 0)
        {
            return (left, rejects);
        }

        SnapshotReject[] named = [.. rejects.Select(reject => reject with { ExternalIds = [.. reject.ExternalIds.Where(id => !(KeyOf(id) is { } key && erased.Contains(key)))] })];
        SnapshotReject[] kept = [.. named.Where((reject, i) => reject.ExternalIds.Count > 0 || rejects[i].ExternalIds.Count == 0)];
        await Tombstones.CountAsync(db, Enumerable.Repeat(ErasedRow, rejects.Count - kept.Length), now, cancellationToken);
        return (left, kept);
    }

    /// <summary>What a row says of a person, as it is kept.</summary>
    public static string Sealed(SealingKeys keys, Guid snapshotId, in StagedMember row) => keys.Seal(SealedColumn.RowAttributes, SealedColumn.Joined(snapshotId, row.Line), row.AttributesJson);

    /// <summary>What a row says of a person. Where it does not open the row counts, and says nothing of what the person is like.</summary>
    public static string Opened(SealingKeys keys, Guid snapshotId, long line, string stored) => keys.OpenOrKeep(SealedColumn.RowAttributes, SealedColumn.Joined(snapshotId, line), stored);

    private static string ProducerOf(string audience) => $"list:{audience}";

    private static PersonKey? KeyOf(string externalId) => PersonKey.Of(KeyKind.ExternalId, externalId);

    private static IEnumerable<PersonKey> KeysOf(SubjectIntake intake, StagedMember row) => LedgerFact.KeysOf(row.ExternalId, row.Email).Concat(intake.KeysAmong(row.Phone, row.AttributesJson));

    /// <summary>Whom the rows of a list name: somebody with several ids is a member by one of them.</summary>
    public static List<(long ProfileId, bool IsMember)> Members(IReadOnlyList<StagedMember> rows, long[] profileIds) =>
        [.. rows.Select((row, i) => (ProfileId: profileIds[i], row.IsMember)).GroupBy(member => member.ProfileId).Select(person => (person.Key, person.Any(member => member.IsMember)))];

    /// <summary>The ids that a rejected row may name, as they are kept: a flat JSON array.</summary>
    public static string IdsOf(SnapshotReject reject) => reject.ExternalIds.Count == 0 ? "[]" : JsonSerializer.Serialize(reject.ExternalIds);

    /// <summary>Reads <see cref="IdsOf" /> back.</summary>
    public static IReadOnlyList<string> ReadIds(string ids) => ids == "[]" ? [] : JsonSerializer.Deserialize<string[]>(ids)!;

    public static InvalidOperationException Unknown(Guid snapshotId) => new($"There is no snapshot {snapshotId}. Upload it first.");
}

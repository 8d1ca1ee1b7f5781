namespace IntegrationHub.Connectors.Abstractions;

/// <summary>
/// One destination as its connector serves it. Thread-safe: several batches may be in flight. Never retries: whoever calls owns the
/// retry. Throws only <see cref="OperationCanceledException"/> and on bugs; everything a vendor can answer is a receipt.
/// Never writes a field value, key, token or body to a log or an exception text.
/// </summary>
public interface IConnector
{
    /// <summary>What the connector is and can do.</summary>
    ConnectorDescriptor Descriptor { get; }

    /// <summary>Verifies credentials and permissions without changing anything at the vendor. Null when all is well.</summary>
    Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken);

    /// <summary>
    /// Finds the vendor's side of an audience, creating it when it is missing and the vendor allows. Harmless to repeat.
    /// </summary>
    /// <param name="request">Which audience, and how the configuration wants it represented.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The target, or the condition that prevents it.</returns>
    Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken);

    /// <summary>Sends a batch within the declared limits and answers with one outcome per item.</summary>
    Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken);
}

/// <summary>Which audience a destination should represent.</summary>
/// <param name="Audience">The hub's key of the audience.</param>
/// <param name="RemoteName">Name to find or create at the vendor.</param>
/// <param name="RemoteId">Id at the vendor when the configuration gives it; then nothing is searched by name or created.</param>
public sealed record AudienceRequest(string Audience, string RemoteName, string? RemoteId = null);

/// <summary>The vendor's side of an audience, or why there is none; exactly one is set.</summary>
/// <param name="Target">The audience at the vendor.</param>
/// <param name="Condition">What prevents it.</param>
public sealed record EnsureAudienceResult(AudienceTarget? Target, DestinationCondition? Condition);

/// <summary>A connector that can list all members of an audience: full verification and mirror mode.</summary>
public interface IMemberListing
{
    /// <summary>
    /// Pages through the members. Each page holds <see cref="RemoteMember"/>s in the vendor's order; a member may appear twice when
    /// the list changes meanwhile.
    /// </summary>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    IAsyncEnumerable<IReadOnlyList<RemoteMember>> ListMembersAsync(AudienceTarget audience, CancellationToken cancellationToken);
}

/// <summary>A connector whose listing of members can be left and gone on with later, page by page: a comparison that takes days of a small share of the quota.</summary>
public interface IMemberPaging
{
    /// <summary>Members per call of <see cref="ReadMemberPageAsync"/>.</summary>
    int MembersPerPage { get; }

    /// <summary>Reads one page of members, in one vendor call.</summary>
    /// <param name="audience">The audience.</param>
    /// <param name="cursor"><see cref="RemoteMemberPage.Next"/> of the page before; null for the first.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<RemoteMemberPage> ReadMemberPageAsync(AudienceTarget audience, string? cursor, CancellationToken cancellationToken);
}

/// <summary>A page of an audience's members as the vendor tells them.</summary>
/// <param name="Members">The members, perhaps none.</param>
/// <param name="Next">Where the next page begins, in the vendor's words; null when this is the last.</param>
public sealed record RemoteMemberPage(IReadOnlyList<RemoteMember> Members, string? Next);

/// <summary>
/// A connector that can tell for given people whether they are members: what a small change is verified by. A connector that has no
/// <see cref="IMemberListing"/> is verified by it alone and cannot see strangers.
/// </summary>
public interface IMemberLookup
{
    /// <summary>People per call of <see cref="LookUpMembersAsync"/>.</summary>
    int MaxPeoplePerLookup { get; }

    /// <summary>Returns those of the given people who are members now.</summary>
    /// <param name="audience">The audience.</param>
    /// <param name="people">At most <see cref="MaxPeoplePerLookup"/>, each with the remote id, the identity key or both, as far as the hub knows them.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Each member under the remote id or key that was asked for.</returns>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<IReadOnlyList<RemoteMember>> LookUpMembersAsync(AudienceTarget audience, IReadOnlyList<RemoteMember> people, CancellationToken cancellationToken);
}

/// <summary>A connector that reads profiles back: reconciliation of fields, proof of an erasure, a look for duplicates.</summary>
public interface IProfileReading
{
    /// <summary>People per call of <see cref="ReadProfilesAsync"/>.</summary>
    int MaxKeysPerRead { get; }

    /// <summary>
    /// False for a key that the vendor's reads cannot name; true for all others. Of such a person nothing can be read by key, which proves neither that somebody is there nor that nobody is: a look that
    /// matters is refused for that person, and nobody else waits for it.
    /// </summary>
    bool CanBeAskedFor(string key) => true;

    /// <summary>
    /// Reads the profiles that the vendor holds under the given identity keys. Nobody under a key: no profile for it, which proves an
    /// erasure. Several under one key: one profile each, which is how duplicates are found.
    /// </summary>
    /// <param name="keys">Identity keys in the vendor's normal form, at most <see cref="MaxKeysPerRead"/>, each of which <see cref="CanBeAskedFor"/> admits.</param>
    /// <param name="fields">Vendor fields to read; may be empty.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="DestinationException">The destination is in trouble; the caller asks again later.</exception>
    Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken);
}

/// <summary>A profile as the vendor holds it. Contains personal data: never log it.</summary>
/// <param name="Key">The identity key, normalised.</param>
/// <param name="RemoteId">The vendor's id, or null when the vendor has none.</param>
/// <param name="Fields">Those of the requested fields that have a value, as the vendor spells them: JSON text by field name.</param>
public sealed record RemoteProfile(string Key, string? RemoteId, IReadOnlyDictionary<string, string> Fields);

/// <summary>A connector whose vendor tells which fields an account has.</summary>
public interface IFieldInspection
{
    /// <summary>Checks that the fields exist, can be written and take values of the mapped type; changes nothing.</summary>
    /// <param name="fields">The fields that a mapping writes.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>One finding per field that is not as it should be, and per permission that turned out to be missing; empty when all is well.</returns>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    Task<IReadOnlyList<FieldFinding>> InspectAsync(IReadOnlyList<FieldUse> fields, CancellationToken cancellationToken);
}

/// <summary>A vendor field as a mapping uses it.</summary>
/// <param name="Name">The vendor's field name.</param>
/// <param name="Kind">Type of the values that will be written.</param>
public sealed record FieldUse(string Name, FieldKind Kind)
{
    /// <summary>True when elements are added to what the field has (<see cref="ConnectorDescriptor.AddsWith"/>).</summary>
    public bool IsAddedTo { get; init; }
}

/// <summary>A field that is not as a mapping needs it, or a permission that is missing.</summary>
/// <param name="Name">The vendor's name of the field or permission.</param>
/// <param name="Code">snake_case: <c>field_missing</c>, <c>field_read_only</c>, <c>field_type_differs</c>, <c>field_not_unique</c>, <see cref="PermissionMissing"/>.</param>
/// <param name="Problem">What is wrong, in a sentence.</param>
/// <param name="Fix">What to do about it.</param>
public sealed record FieldFinding(string Name, string Code, string Problem, string Fix)
{
    /// <summary>The code of a finding about a permission.</summary>
    public const string PermissionMissing = "permission_missing";

    /// <summary>Fields that could not be inspected for want of the permission.</summary>
    public int FieldsNotInspected { get; init; }

    /// <summary>True when nothing is known to be wrong: the permission serves the look alone, and what is delivered goes without it.</summary>
    public bool IsUnknown { get; init; }
}

/// <summary>
/// A connector that can hand large numbers of records to an asynchronous vendor job and follow it to its end and to the row.
/// Starting a job twice must be harmless.
/// </summary>
public interface IBulkDelivery
{
    /// <summary>What a job may hold, per operation that can be done in bulk.</summary>
    IReadOnlyDictionary<Operation, BulkLimits> BulkOperations { get; }

    /// <summary>
    /// Hands a batch to a job, as far as a job can take it; returns as soon as the vendor has it. <see cref="Batch.LastLook"/> is asked before the upload. A
    /// record that a job cannot take costs the others nothing.
    /// </summary>
    Task<BulkStart> StartBulkAsync(Batch batch, CancellationToken cancellationToken);

    /// <summary>Looks how a job is doing.</summary>
    /// <param name="job">What <see cref="BulkStart.Job"/> said.</param>
    /// <param name="batch">The batch that was handed over, with the same items in any order; fields may have changed since.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>
    /// Null while the job runs. Else one outcome per item as <see cref="IConnector.DeliverAsync"/> gives; a job that failed or is gone
    /// gives <see cref="Outcome.RetryLater"/>.
    /// </returns>
    /// <exception cref="DestinationException">The destination is in trouble; ask again later.</exception>
    Task<Receipt?> FollowBulkAsync(string job, Batch batch, CancellationToken cancellationToken);
}

/// <summary>Limits of a vendor job.</summary>
/// <param name="MinRecords">Fewer records are better sent one batch at a time.</param>
/// <param name="MaxRecords">Records per job.</param>
/// <param name="MaxBytes">Bytes of the file.</param>
/// <param name="PollInterval">How long to wait between two looks.</param>
public sealed record BulkLimits(int MinRecords, int MaxRecords, int MaxBytes, TimeSpan PollInterval)
{
    /// <summary>
    /// Records a second that the calls for single records bring at the vendor's documented rate: what a job has to beat. Where measured jobs are slower, calls are used. 0 where
    /// jobs are wanted for another reason than speed.
    /// </summary>
    public double CallsPace { get; init; }
}

/// <summary>The answer to the start of a job; at least one is set.</summary>
/// <param name="Job">The vendor's id of the job, or null when there is none: the vendor is busy or refuses the file, or no record can go into one.</param>
/// <param name="Receipt">
/// Outcomes of the records that are not in the job; of all when there is none. <see cref="Outcome.NotSent"/> without a condition says that the record is
/// better sent one batch at a time.
/// </param>
public sealed record BulkStart(string? Job, Receipt? Receipt);

/// <summary>A member as the vendor tells it, or a person to ask it about. At least one of the two is set.</summary>
/// <param name="RemoteId">The vendor's id of the person.</param>
/// <param name="Key">The identity key, normalised.</param>
public readonly record struct RemoteMember(string? RemoteId, string? Key);

/// <summary>A destination in trouble while members are read. The message never holds personal data.</summary>
/// <param name="condition">What is wrong.</param>
public sealed class DestinationException(DestinationCondition condition) : Exception($"{condition.Trouble}: {condition.Code}")
{
    /// <summary>What is wrong.</summary>
    public DestinationCondition Condition { get; } = condition;
}

using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Consents;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Shadows;
using MassTransit;

namespace IntegrationHub.Hub.Intake;

/// <summary>
/// Reads a list of an audience's members that a shadow states: it is kept beside what counts as it is read, and no run applies it. Of a file that cannot be read to its end, whom it named until
/// there counts as named, and nobody as left out. What it denies holds as a denial of every list does.
/// </summary>
internal sealed partial class ShadowList(OutboxTransaction transactions, ILedger ledger, FactIntake intake, HubConfiguration configuration, TimeProvider time, ILogger<ShadowList> logger, FactTerms? terms = null)
{
    private readonly FactTerms _terms = terms ?? new FactTerms(configuration);

    /// <summary>What a list of a shadow comes to, where another one is loaded and applied.</summary>
    public const string Shadowed = "shadowed";

    private const int BatchRows = 5_000;
    private const int ShownRejects = 100;

    /// <summary>The present name of a source that whoever brings a list may call by a former one; null for none.</summary>
    public async Task<string?> PresentNameAsync(string? source, CancellationToken cancellationToken) => source is null ? null : (await _terms.InForceAsync(cancellationToken)).Rules.PresentName(source);

    /// <summary>True when lists of a source are only compared.</summary>
    public async Task<bool> IsOfAsync(string? source, CancellationToken cancellationToken) =>
        await PresentNameAsync(source, cancellationToken) is { } present && (await _terms.InForceAsync(cancellationToken)).Rules.Ownership?.Shadows.ContainsKey(present) == true;

    /// <summary>Reads the stream to its end.</summary>
    /// <param name="source">The shadow.</param>
    /// <param name="audience">Whose members are listed.</param>
    /// <param name="kind"><c>full</c> or <c>delta</c>.</param>
    /// <param name="stream">The file's bytes; not closed.</param>
    /// <param name="format">How it is written.</param>
    /// <param name="fileName">Name for error messages.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <exception cref="SnapshotFormatException">The file as a whole cannot be read.</exception>
    /// <exception cref="Storage.Configurations.ConfigurationBehindException">Another version of the configuration came into force, by which the source may count: what is read so far stays, the rest was not read.</exception>
    public async Task<SnapshotReport> LoadAsync(string source, AudienceConfiguration audience, string kind, Stream stream, SnapshotFormat format, string fileName, CancellationToken cancellationToken)
    {
        var (listId, now, inForce) = (NewId.NextGuid(), time.GetUtcNow(), _terms.Now);
        var rejects = new List<SnapshotReject>();
        var (accepted, rejected, unread, grants) = (0L, 0L, 0L, 0L);
        var rows = new SnapshotReader(configuration.Ownership?.OwnedBy(audience) ?? audience, now: now).ReadAsync(stream, format, fileName, cancellationToken);
        await foreach (var batch in rows.Chunk(BatchRows).WithCancellation(cancellationToken))
        {
            var members = batch.Where(row => row.Reject is null).Select(row => Fact(source, audience.Key, row.Member, now)).ToList();
            var refused = batch.Select(row => row.Reject).OfType<SnapshotReject>().ToList();
            await transactions.RunAsync(
                async (db, _) =>
                {
                    await ledger.ShadowAsync(db, members, listId, cancellationToken, inForce.Version);
                    await ShadowBook.SpareAsync(db, source, audience.Key, listId, refused.SelectMany(reject => reject.ExternalIds).Select(id => PersonKey.Of(KeyKind.ExternalId, id)).OfType<PersonKey>(), cancellationToken);
                },
                cancellationToken);
            grants += await DenyAsync(source, [.. batch.SelectMany(row => row.Consents ?? [])], cancellationToken);
            rejects.AddRange(refused.Take(ShownRejects - rejects.Count));
            (accepted, rejected, unread) = (accepted + members.Count, rejected + refused.Count, unread + refused.Count(reject => reject.ExternalIds.Count == 0));
        }

        if (kind != "delta" && unread == 0)
        {
            await transactions.RunAsync((db, _) => ShadowBook.EndListAsync(db, source, audience.Key, listId, now, cancellationToken), cancellationToken);
        }

        LogRead(audience.Key, kind, source, accepted, rejected);
        return new SnapshotReport
        {
            SnapshotId = listId,
            Audience = audience.Key,
            Kind = kind,
            FileName = fileName,
            State = Shadowed,
            Rows = accepted + rejected,
            Accepted = accepted,
            Rejected = rejected,
            Duplicates = 0,
            UnreadRows = unread,
            CreatedAt = now,
            GrantsRefused = grants,
            Rejects = rejects,
        };
    }

    /// <returns>How many rows grant, which counts for nothing.</returns>
    private async Task<int> DenyAsync(string source, ConsentStatement[] statements, CancellationToken cancellationToken)
    {
        var denials = statements.Where(statement => statement.Status == ConsentWord.Denied).ToList();
        foreach (var batch in denials.Chunk(FactRoutes.BatchFacts))
        {
            await intake.TakeInListedAsync([.. batch.Select(statement => new ReadOnlyMemory<byte>(statement.ToFact(source)))], cancellationToken);
        }

        return statements.Length - denials.Count;
    }

    private static LedgerFact Fact(string source, string audience, StagedMember row, DateTimeOffset at) => new()
    {
        EventId = NewId.NextGuid(),
        EventType = ProfileUpdated.Type,
        OccurredAt = at,
        Producer = source,
        ExternalId = row.ExternalId,
        Email = row.Email,
        Phone = row.Phone,
        AttributesJson = row.AttributesJson,
        Membership = new FactMembership(audience, row.IsMember),
        BodyJson = "{}",
    };

    [LoggerMessage(3900, LogLevel.Information, "A list of {Audience} ({Kind}) by the shadow {Name} is kept for comparison: {Accepted} rows, {Rejected} rejected")]
    private partial void LogRead(string audience, string kind, string name, long accepted, long rejected);
}

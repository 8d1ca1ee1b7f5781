using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How backfills write: the vendor is read first; who is not there is not created; only fields that differ are written, after what was there is written down.
/// A loud one creates people, unless its destination never does, and writes all its fields where one differs; what was there is written down all the same. A rollback writes a field back only where it still has the
/// value that the run wrote, also one that is written once, which then was not written. Between the read and the write somebody else may write: that is seen by nobody.
/// </summary>
internal sealed class QuietWriting(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>The vendor has nobody under the key.</summary>
    public const string NoMatch = "no_match";

    /// <summary>The vendor has several people under the key.</summary>
    public const string SeveralMatch = "several_match";

    /// <summary>The vendor's value is another one than the run wrote.</summary>
    public const string ChangedSince = "changed_since";

    /// <summary>What was there before is sealed and does not open: it can be neither taken back nor kept beside something new, so nothing is written of the person.</summary>
    public const string ImageUnreadable = "image_unreadable";

    /// <summary>Reads, writes the before-images down, and says what is left to be sent.</summary>
    /// <exception cref="DestinationException">The destination is in trouble: nothing is to be sent.</exception>
    public async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled)> PrepareAsync(Destination destination, PreparedBatch batch, CancellationToken cancellationToken)
    {
        var scope = batch.Backfill ?? throw new InvalidOperationException("Only the batches of a backfill are written like this.");
        var writes = await WantedAsync(destination, scope, batch.Records, cancellationToken);
        string[] fields = [.. writes.SelectMany(write => write.Fields).Select(field => field.Field.Name).Distinct(StringComparer.Ordinal)];
        var profiles = await ProfileReader.ReadAsync(destination, [.. writes.Select(write => write.Record.Item.Key)], fields, cancellationToken);
        var (settled, sent) = (new List<Settlement>(), new List<PreparedRecord>());
        var images = new List<BeforeImage>();
        var runId = batch.Records[0].Delivery.RunId;
        // After the vendor was read: whatever the run wrote by then was written down before.
        var earlier = await ImagesAsync(destination, runId, writes.Select(write => write.Record), cancellationToken);
        foreach (var write in writes)
        {
            RemoteProfile[] found = [.. profiles[write.Record.Item.Key]];
            if (write.IsUnreadable || earlier.GetValueOrDefault(write.Record.Delivery.ProfileId) is { IsUnreadable: true })
            {
                settled.Add(new Settlement { Delivery = write.Record.Delivery, Outcome = LedgerOutcome.Rejected, Code = ImageUnreadable });
            }
            else if (Decide(destination, scope, write, found, earlier.GetValueOrDefault(write.Record.Delivery.ProfileId)) is { Record: { } record, Image: { } image })
            {
                sent.Add(record);
                images.Add(image);
            }
            else
            {
                settled.Add(Settle(destination, write, found));
            }
        }

        await WriteDownAsync(destination, runId, images, cancellationToken);
        return (batch with { Records = sent, UpdateOnly = !scope.Loud || !destination.CreatesPeople }, settled);
    }

    /// <summary>What is to be written of each record.</summary>
    private async Task<IReadOnlyList<Write>> WantedAsync(Destination destination, BackfillScope scope, IReadOnlyList<PreparedRecord> records, CancellationToken cancellationToken)
    {
        if (scope is not { Kind: BackfillKind.Rollback, RollsBack: { } of })
        {
            var stands = destination.OnceFields.Count == 0
                ? new Dictionary<(long, string), WrittenField>()
                : await transactions.ReadAsync(db => WrittenFields.FindAsync(db, destination.Name, records.Select(record => record.Delivery.ProfileId), cancellationToken));
            return [.. records.Select(record => new Write(record, IsWhole: scope.Fields is null, [.. record.Item.Fields.Where(field => scope.Covers(field.Name) && !IsWritten(record, field)).Select(field => new WantedField(field, null))]))];

            bool IsWritten(PreparedRecord record, Field field) =>
                destination.OnceFields.Contains(field.Name) && stands.GetValueOrDefault((record.Delivery.ProfileId, field.Name)) is { } known && OnceFields.WhyNot(known, field.Value) is not null;
        }

        var images = await ImagesAsync(destination, of, records, cancellationToken);
        return [.. records.Select(record => new Write(record, IsWhole: false, images.TryGetValue(record.Delivery.ProfileId, out var image)
            ? [.. image.Fields.Select(field => new WantedField(new Field(field.Key, BackOf(destination, field.Key, field.Value is [var value, ..] ? value : null)), image.OwnHashes(field.Key)))]
            : []) { IsUnreadable = image?.IsUnreadable == true })];
    }

    private static FieldValue BackOf(Destination destination, string name, string? json) => FieldAddress.IsPart(name) ? VendorValue.BackOfPart(json, destination.KindOf(name)) : VendorValue.Back(json);

    private Task<IReadOnlyDictionary<long, BeforeImage>> ImagesAsync(Destination destination, Guid runId, IEnumerable<PreparedRecord> records, CancellationToken cancellationToken) =>
        transactions.ReadAsync(db => BeforeImages.FindAsync(db, runId, destination.Name, [.. records.Select(record => record.Delivery.ProfileId)], cancellationToken));

    /// <summary>What is sent of a record, and what is kept of what was there; nulls when nothing is.</summary>
    /// <param name="destination">The destination.</param>
    /// <param name="scope">What the run is about.</param>
    /// <param name="write">What the record would write.</param>
    /// <param name="found">Who the vendor has.</param>
    /// <param name="earlier">What an earlier attempt wrote down before it was lost; null for none. A value that the run itself wrote is not what was there before; any other one is, also when somebody wrote it since.</param>
    private static (PreparedRecord? Record, BeforeImage? Image) Decide(Destination destination, BackfillScope scope, Write write, RemoteProfile[] found, BeforeImage? earlier)
    {
        if (found.Length == 0 && scope.Loud && destination.CreatesPeople)
        {
            return Create(destination, write, earlier);
        }

        if (found is not [var profile])
        {
            return (null, null);
        }

        var written = write.Fields.Where(wanted => wanted.Own is not null || !destination.FilledFields.Contains(wanted.Field.Name)
            || (wanted.Field.Value.Kind != FieldKind.Null && !EmptyFields.HasValue(destination, found, wanted.Field.Name))).ToList();
        var all = scope.Loud && written.Exists(wanted => Differs(destination, wanted.Field, profile));

        var (fields, was, after) = (new List<Field>(), new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var (field, own) in written.Where(static wanted => !CannotBeTaken(wanted.Field)))
        {
            var shown = profile.Fields.GetValueOrDefault(field.Name);
            var now = NowOf(destination, field, profile);
            var wanted = CanonicalOf(destination, field, now);
            var shownHash = VendorValue.HashOf(now);
            if (all || (now != wanted && (own is null || own.Contains(shownHash))))
            {
                fields.Add(field);
                after[field.Name] = VendorValue.HashOf(wanted);
                if (earlier?.OwnHashes(field.Name).Contains(shownHash) != true)
                {
                    was[field.Name] = shown is null ? [] : [shown];
                }
            }
        }

        var record = write.Record with
        {
            Item = write.Record.Item with { Fields = fields, RemoteId = profile.RemoteId ?? write.Record.Item.RemoteId },
            ContentHash = write.IsWhole ? write.Record.ContentHash : null,
            Note = LeftBecause(destination, write, profile) ?? write.Record.Note,
        };
        return fields.Count == 0 ? (null, null) : (record, ImageOf(write, was, after, earlier));
    }

    /// <summary>Whoever the vendor does not know gets all the fields; of them nothing was there before.</summary>
    private static (PreparedRecord? Record, BeforeImage? Image) Create(Destination destination, Write write, BeforeImage? earlier) => (
        write.Record with { Item = write.Record.Item with { Fields = [.. write.Fields.Select(wanted => wanted.Field)] }, ContentHash = write.IsWhole ? write.Record.ContentHash : null },
        ImageOf(
            write,
            new Dictionary<string, IReadOnlyList<string>>(),
            write.Fields.ToDictionary(wanted => wanted.Field.Name, wanted => VendorValue.HashOf(CanonicalOf(destination, wanted.Field, "")), StringComparer.Ordinal),
            earlier) with { Existed = false });

    private static BeforeImage ImageOf(Write write, Dictionary<string, IReadOnlyList<string>> was, Dictionary<string, string> after, BeforeImage? earlier) => new(write.Record.Delivery.ProfileId, was, after)
    {
        EarlierHashes = after.Select(field => (field.Key, Earlier: (IReadOnlyList<string>)[.. (earlier?.OwnHashes(field.Key) ?? []).Where(hash => hash != field.Value)]))
            .Where(field => field.Earlier.Count > 0).ToDictionary(field => field.Key, field => field.Earlier, StringComparer.Ordinal),
    };

    private static bool Differs(Destination destination, Field field, RemoteProfile profile) =>
        NowOf(destination, field, profile) is var now && now != CanonicalOf(destination, field, now);

    private static Settlement Settle(Destination destination, Write write, RemoteProfile[] found)
    {
        var delivery = write.Record.Delivery;
        return found switch
        {
            [] => new Settlement { Delivery = delivery, Outcome = LedgerOutcome.Unchanged, Code = NoMatch },
            [var profile] => new Settlement
            {
                Delivery = delivery,
                Outcome = LedgerOutcome.Unchanged,
                Code = LeftBecause(destination, write, profile),
                RemoteId = profile.RemoteId,
                ConfirmedHash = write.IsWhole ? write.Record.ContentHash : null,
                PlanVersion = write.IsWhole ? destination.PlanVersion : null,
                KeyHash = write.IsWhole ? destination.KeyHashOf(write.Record.Item.Key) : null,
            },
            _ => new Settlement { Delivery = delivery, Outcome = LedgerOutcome.Rejected, Code = SeveralMatch },
        };
    }

    /// <summary>Why not all that would be taken back is; null when it is.</summary>
    private static string? LeftBecause(Destination destination, Write write, RemoteProfile profile) =>
        HasChanged(destination, write, profile) ? ChangedSince
        : write.Fields.Any(wanted => CannotBeTaken(wanted.Field) && profile.Fields.ContainsKey(wanted.Field.Name)) ? ReasonCode.NotClearable
        : null;

    /// <summary>True when there was no such property before: no vendor takes one out of an object again.</summary>
    private static bool CannotBeTaken(Field field) => field.Value.Kind == FieldKind.Null && FieldAddress.Of(field.Name).Path.Count > 0;

    /// <summary>True when a field that would be taken back has neither the value that the run wrote nor the one of before.</summary>
    private static bool HasChanged(Destination destination, Write write, RemoteProfile profile) => write.Fields.Any(wanted =>
        wanted.Own is { } own
        && NowOf(destination, wanted.Field, profile) is var now
        && now != CanonicalOf(destination, wanted.Field, now)
        && !own.Contains(VendorValue.HashOf(now)));

    private static FieldKind KindOf(Destination destination, Field field) => field.Value.Kind == FieldKind.Instant ? FieldKind.Instant : destination.KindOf(field.Name);

    private static string NowOf(Destination destination, Field field, RemoteProfile profile) =>
        VendorValue.Canonical(profile.Fields.GetValueOrDefault(field.Name), KindOf(destination, field), destination.AddsWith(field.Name));

    /// <summary>What the field becomes. A value that was read at the vendor is in its spelling, so it is read as such again; one that is added becomes what is there with it.</summary>
    private static string CanonicalOf(Destination destination, Field field, string now) => field.Value.Kind == FieldKind.Text
        ? destination.AddsWith(field.Name) is { } sign ? AddedText.Over(now, field.Value.Text, sign) : VendorValue.Canonical(System.Text.Json.JsonSerializer.Serialize(field.Value.Text), KindOf(destination, field))
        : VendorValue.Canonical(field.Value);

    private Task WriteDownAsync(Destination destination, Guid runId, List<BeforeImage> images, CancellationToken cancellationToken) => images.Count == 0
        ? Task.CompletedTask
        : transactions.RunAsync((db, _) => BeforeImages.WriteAsync(db, runId, destination.Name, images, time.GetUtcNow(), cancellationToken), cancellationToken);

    /// <summary>What a record would write. Holds personal data.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="IsWhole">True when it is everything that the mapping writes, so that the vendor has the whole content afterwards.</param>
    /// <param name="Fields">The fields.</param>
    private sealed record Write(PreparedRecord Record, bool IsWhole, IReadOnlyList<WantedField> Fields)
    {
        /// <summary>With a rollback: true when what was there before does not open.</summary>
        public bool IsUnreadable { get; init; }
    }

    /// <summary>A field to write.</summary>
    /// <param name="Field">The field and its value.</param>
    /// <param name="Own">With a rollback: hashes of the values that the run wrote; another one is left alone. Else null.</param>
    private readonly record struct WantedField(Field Field, IReadOnlyList<string>? Own);
}

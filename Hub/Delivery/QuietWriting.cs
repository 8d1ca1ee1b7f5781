using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using Settlement = IntegrationHub.Storage.Deliveries.Settlement;

namespace IntegrationHub.Hub.Delivery;

/// <summary>
/// How backfills write: the vendor is read first; who is not there is not created; only fields that differ are written, after what was there is written down.
/// A rollback writes a field back only where it still has the value that the run wrote. Between the read and the write somebody else may write: that is seen by nobody.
/// </summary>
internal sealed class QuietWriting(OutboxTransaction transactions, TimeProvider time)
{
    /// <summary>The vendor has nobody under the key.</summary>
    public const string NoMatch = "no_match";

    /// <summary>The vendor has several people under the key.</summary>
    public const string SeveralMatch = "several_match";

    /// <summary>The vendor's value is another one than the run wrote.</summary>
    public const string ChangedSince = "changed_since";

    /// <summary>Reads, writes the before-images down, and says what is left to be sent.</summary>
    /// <exception cref="DestinationException">The destination is in trouble: nothing is to be sent.</exception>
    public async Task<(PreparedBatch Batch, IReadOnlyList<Settlement> Settled)> PrepareAsync(Destination destination, PreparedBatch batch, CancellationToken cancellationToken)
    {
        var writes = new List<Write>(batch.Records.Count);
        foreach (var run in batch.Records.GroupBy(record => record.Delivery.RunId))
        {
            writes.AddRange(await WantedAsync(destination, run.Key, [.. run], cancellationToken));
        }

        string[] fields = [.. writes.SelectMany(write => write.Fields).Select(field => field.Field.Name).Distinct(StringComparer.Ordinal)];
        var profiles = await ProfileReader.ReadAsync(destination, [.. writes.Select(write => write.Record.Item.Key)], fields, cancellationToken);
        var (settled, sent) = (new List<Settlement>(), new List<PreparedRecord>());
        var images = new List<(Guid RunId, BeforeImage Image)>();
        foreach (var write in writes)
        {
            if (Decide(destination, write, [.. profiles[write.Record.Item.Key]]) is { Record: { } record, Image: { } image })
            {
                sent.Add(record);
                images.Add((record.Delivery.RunId, image));
            }
            else
            {
                settled.Add(Settle(destination, write, [.. profiles[write.Record.Item.Key]]));
            }
        }

        await WriteDownAsync(destination, images, cancellationToken);
        return (batch with { Records = sent, UpdateOnly = true }, settled);
    }

    /// <summary>What is to be written of each record.</summary>
    private async Task<IEnumerable<Write>> WantedAsync(Destination destination, Guid runId, List<PreparedRecord> records, CancellationToken cancellationToken)
    {
        var scope = (await transactions.ReadAsync(db => BackfillBook.FindPlanAsync(db, runId, cancellationToken)))?.Scope
            ?? throw new InvalidOperationException($"Run {runId} lies in the lane of backfills and is none.");
        if (scope is not { Kind: BackfillKind.Rollback, RollsBack: { } of })
        {
            return records.Select(record => new Write(record, IsWhole: scope.Fields is null, [.. record.Item.Fields.Where(field => scope.Covers(field.Name)).Select(field => new WantedField(field, null))]));
        }

        var images = await transactions.ReadAsync(db => BeforeImages.FindAsync(db, of, destination.Name, [.. records.Select(record => record.Delivery.ProfileId)], cancellationToken));
        return records.Select(record => new Write(record, IsWhole: false, images.TryGetValue(record.Delivery.ProfileId, out var image)
            ? [.. image.Fields.Select(field => new WantedField(new Field(field.Key, VendorValue.Back(field.Value is [var value, ..] ? value : null)), image.AfterHash.GetValueOrDefault(field.Key)))]
            : []));
    }

    private static (PreparedRecord? Record, BeforeImage? Image) Decide(Destination destination, Write write, IReadOnlyList<RemoteProfile> found)
    {
        if (found is not [var profile])
        {
            return (null, null);
        }

        var (fields, was, after) = (new List<Field>(), new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal), new Dictionary<string, string>(StringComparer.Ordinal));
        foreach (var (field, unless) in write.Fields)
        {
            var shown = profile.Fields.GetValueOrDefault(field.Name);
            var (kind, wanted) = (KindOf(destination, field), CanonicalOf(destination, field));
            var now = VendorValue.Canonical(shown, kind);
            if (now != wanted && (unless is null || unless == VendorValue.HashOf(now)))
            {
                fields.Add(field);
                was[field.Name] = shown is null ? [] : [shown];
                after[field.Name] = VendorValue.HashOf(wanted);
            }
        }

        var record = write.Record with
        {
            Item = write.Record.Item with { Fields = fields, RemoteId = profile.RemoteId ?? write.Record.Item.RemoteId },
            ContentHash = write.IsWhole ? write.Record.ContentHash : null,
            Note = HasChanged(destination, write, profile) ? ChangedSince : write.Record.Note,
        };
        return fields.Count == 0 ? (null, null) : (record, new BeforeImage(write.Record.Delivery.ProfileId, was, after));
    }

    private static Settlement Settle(Destination destination, Write write, IReadOnlyList<RemoteProfile> found)
    {
        var delivery = write.Record.Delivery;
        return found switch
        {
            [] => new Settlement { Delivery = delivery, Outcome = LedgerOutcome.Unchanged, Code = NoMatch },
            [var profile] => new Settlement
            {
                Delivery = delivery,
                Outcome = LedgerOutcome.Unchanged,
                Code = HasChanged(destination, write, profile) ? ChangedSince : null,
                RemoteId = profile.RemoteId,
                ConfirmedHash = write.IsWhole ? write.Record.ContentHash : null,
                PlanVersion = write.IsWhole ? destination.PlanVersion : null,
                KeyHash = write.IsWhole ? destination.KeyHashOf(write.Record.Item.Key) : null,
            },
            _ => new Settlement { Delivery = delivery, Outcome = LedgerOutcome.Rejected, Code = SeveralMatch },
        };
    }

    /// <summary>True when a field that would be taken back has neither the value that the run wrote nor the one of before.</summary>
    private static bool HasChanged(Destination destination, Write write, RemoteProfile profile) => write.Fields.Any(wanted =>
        wanted.Unless is { } wrote
        && VendorValue.Canonical(profile.Fields.GetValueOrDefault(wanted.Field.Name), KindOf(destination, wanted.Field)) is var now
        && now != CanonicalOf(destination, wanted.Field)
        && wrote != VendorValue.HashOf(now));

    private static FieldKind KindOf(Destination destination, Field field) => field.Value.Kind == FieldKind.Instant ? FieldKind.Instant : destination.KindOf(field.Name);

    /// <summary>A value that was read at the vendor is in its spelling, so it is read as such again.</summary>
    private static string CanonicalOf(Destination destination, Field field) => field.Value.Kind == FieldKind.Text
        ? VendorValue.Canonical(System.Text.Json.JsonSerializer.Serialize(field.Value.Text), KindOf(destination, field))
        : VendorValue.Canonical(field.Value);

    private async Task WriteDownAsync(Destination destination, List<(Guid RunId, BeforeImage Image)> images, CancellationToken cancellationToken)
    {
        if (images.Count == 0)
        {
            return;
        }

        await transactions.RunAsync(
            async (db, _) =>
            {
                foreach (var run in images.GroupBy(image => image.RunId, image => image.Image))
                {
                    await BeforeImages.WriteAsync(db, run.Key, destination.Name, [.. run], time.GetUtcNow(), cancellationToken);
                }
            },
            cancellationToken);
    }

    /// <summary>What a record would write. Holds personal data.</summary>
    /// <param name="Record">The record.</param>
    /// <param name="IsWhole">True when it is everything that the mapping writes, so that the vendor has the whole content afterwards.</param>
    /// <param name="Fields">The fields.</param>
    private sealed record Write(PreparedRecord Record, bool IsWhole, IReadOnlyList<WantedField> Fields);

    /// <summary>A field to write.</summary>
    /// <param name="Field">The field and its value.</param>
    /// <param name="Unless">With a rollback: hash of the value that the run wrote; another one is left alone. Else null.</param>
    private readonly record struct WantedField(Field Field, string? Unless);
}

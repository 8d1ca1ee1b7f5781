using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Verification;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Verification;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>
/// Reads who is a member from a file that the vendor writes, where that takes fewer calls. Fields in the file tell of whom nothing differs; of everybody else they are read by key, for a file
/// spells some values in ways that cannot be told apart, and nobody shall be found different who is not.
/// </summary>
internal sealed partial class MemberFile(OutboxTransaction transactions, IVerificationStore store, IOptions<DeliveryOptions> options, TimeProvider time, ILogger<MemberFile> logger)
{
    /// <summary>The vendor as one that writes such a file, where that is worth the wait; else null.</summary>
    public static IMemberExtract? Of(Destination destination, long members) =>
        destination.ReadBack.Connector is IMemberExtract { ExtractFrom: > 0 } vendor && members >= vendor.ExtractFrom ? vendor : null;

    /// <summary>
    /// The fields that the file shall hold. None where a sample is read, where the vendor does not tell who was changed afterwards, and where most people are known to be the same: to read
    /// the others by key costs less than all of them in the file.
    /// </summary>
    public static IReadOnlyList<string> FieldsOf(Destination destination, ComparisonState run, MemberCount count) =>
        run with { Expected = count.Members } is { IsWhole: true } && destination.ReadBack.Connector is IProfileReading and IProfileChangeReading && count.Unmarked * ReconciliationFindings.Turns > count.Members
            ? [.. destination.MappedFields.Select(field => field.To).Distinct(StringComparer.Ordinal)]
            : [];

    /// <summary>Takes the next step.</summary>
    /// <exception cref="DestinationException">The destination is in trouble.</exception>
    /// <returns>How far it is; null where the members are to be read otherwise.</returns>
    public async Task<ComparisonState?> TryReadAsync(Destination destination, ComparisonState run, AudienceTarget target, CancellationToken cancellationToken)
    {
        if (run.NotExtracted is not null || destination.ReadBack.Connector is not IMemberExtract vendor)
        {
            return null;
        }

        if (run.Cursor is { } cursor)
        {
            return cursor.StartsWith(ComparisonState.FileCursor, StringComparison.Ordinal)
                ? await ReadAsync(destination, run, target, vendor, [], cursor[ComparisonState.FileCursor.Length..], cancellationToken)
                : null;
        }

        var count = await transactions.ReadAsync(db => FieldMarks.CountAsync(db, run.Audience, destination.Name, cancellationToken));
        var fields = FieldsOf(destination, run, count);
        return Of(destination, count.Members) is null
            ? null
            : await ReadAsync(destination, run with { ReadSince = time.GetUtcNow(), FileTellsFields = fields.Count > 0 }, target, vendor, fields, null, cancellationToken);
    }

    private async Task<ComparisonState> ReadAsync(
        Destination destination, ComparisonState run, AudienceTarget target, IMemberExtract vendor, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken)
    {
        MemberExtractPage page;
        try
        {
            page = await vendor.ReadExtractAsync(target, fields, cursor, cancellationToken);
        }
        catch (DestinationException trouble) when (trouble.Condition is { Trouble: DestinationTrouble.Misconfigured, Code: not ReasonCode.AudienceGone })
        {
            return await ReadOtherwiseAsync(destination, run, trouble.Condition.Code, cancellationToken);
        }

        if (page.Wait is not null && time.GetUtcNow() - run.ReadSince > options.Value.LongestVendorJob)
        {
            return await ReadOtherwiseAsync(destination, run, BulkDrain.TooLong, cancellationToken);
        }

        var people = page.Profiles.Count == 0 ? [] : await transactions.ReadAsync(db => ReconciliationFindings.ToldAsync(db, run, page.Profiles.Select(profile => profile.RemoteId!), cancellationToken));
        var same = FieldDifferences.Of(destination, FieldDifferences.Expected(destination, people), page.Profiles).Same;
        return await transactions.RunAsync(
            async (db, _) =>
            {
                if (cursor is null)
                {
                    await store.BeginAsync(db, run.RunId, 0, cancellationToken);
                    if (fields.Count > 0 && destination.ReadBack.Connector is IProfileChangeReading changes && await FieldMarks.ToldUntilAsync(db, destination.Name, cancellationToken) is null)
                    {
                        // From here on the vendor is asked who was changed, also of those whom this file tells to be the same.
                        await FieldMarks.AdvanceAsync(db, destination.Name, run.ReadSince!.Value - changes.ChangesAreShownAfter, cancellationToken);
                    }
                }

                await store.StageAsync(db, run.RunId, 0, destination.Name, Reconciler.Folded(destination, page.Members), cancellationToken);
                await FieldMarks.SetAsync(db, run, same, cancellationToken);
                var after = await Reconciler.SpendAndSaveAsync(
                    db, destination,
                    run with
                    {
                        Cursor = page.Next is null ? null : ComparisonState.FileCursor + page.Next,
                        Stage = page.Next is null ? ReconciliationStage.Compare : run.Stage,
                        Listed = run.Listed + page.Members.Count,
                        Checked = run.Checked + same.Count,
                        FileBytes = run.FileBytes + page.Bytes,
                    },
                    time, cancellationToken);
                if (page.Wait is { } wait)
                {
                    after = after with { WaitingUntil = time.GetUtcNow() + wait };
                    await ReconciliationBook.SaveAsync(db, after, cancellationToken);
                }

                return after;
            },
            cancellationToken);
    }

    private async Task<ComparisonState> ReadOtherwiseAsync(Destination destination, ComparisonState run, string code, CancellationToken cancellationToken)
    {
        LogNotExtracted(run.RunId, run.Destination, code);
        var otherwise = run with { Cursor = null, ReadSince = null, Listed = 0, Checked = 0, FileTellsFields = false, NotExtracted = code };
        return await transactions.RunAsync((db, _) => Reconciler.SpendAndSaveAsync(db, destination, otherwise, time, cancellationToken), cancellationToken);
    }

    [LoggerMessage(3500, LogLevel.Warning, "Run {RunId}: {Destination} gives no file of its members ({Code}); they are read page by page")]
    private partial void LogNotExtracted(Guid runId, string destination, string code);
}

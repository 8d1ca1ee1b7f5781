using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Hands large batches to the vendor's imports and follows them to the row. An import only adds and updates, so to start it twice is
/// harmless. It tells failed rows by prose: they are retried, and the call for single records then tells the code.
/// </summary>
internal sealed class MarketoImports(MarketoOptions options, MarketoClient client, IConnector connector, TimeProvider time)
{
    /// <summary>Codes by which the vendor says that it knows no such import; it keeps them for seven days.</summary>
    private static readonly HashSet<string> Gone =
        new([MarketoOutcomes.NoDataFound, "610", "1003", "1013", "http_404"], StringComparer.Ordinal);

    public static readonly IReadOnlyDictionary<Operation, BulkLimits> Operations = new Dictionary<Operation, BulkLimits>
    {
        [Operation.UpsertProfile] = Limits,
        [Operation.AddMember] = Limits,
    };

    /// <summary>Ten batches of the call for single records cost as many calls as an import with its looks.</summary>
    private static BulkLimits Limits => new(
        10 * MarketoDescriptor.MaxRecords, MaxRecords: 50_000, MarketoDescriptor.MaxImportBytes, PollInterval: TimeSpan.FromSeconds(15));

    /// <summary>
    /// Starts an import of what can stand in its file. The rest is sent by the call for single records first; the import starts only when all of
    /// that is through, because from then on only the vendor's files tell what became of a record.
    /// </summary>
    public async Task<BulkStart> StartAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (!Operations.ContainsKey(batch.Operation) || (batch.Operation == Operation.AddMember && batch.Audience is null))
        {
            throw new ArgumentException($"An import of {batch.Operation} is not declared, or has no audience.", nameof(batch));
        }

        using var file = MarketoImportFile.Write(options, batch);
        var others = await DeliverAsync(batch, file.Others, cancellationToken);
        if (file.Rows == 0)
        {
            return new(null, others);
        }

        if (others.Condition is not null || others.Outcomes.Any(one => one.Outcome is not (Outcome.Delivered or Outcome.Unchanged)))
        {
            var row = MarketoOutcomes.For(MarketoOutcomes.ImportNotStarted);
            return new(null, Join(batch, others, others.Condition is { } trouble
                ? (Outcome.NotSent, trouble.Code, trouble)
                : (row.Outcome, row.ReasonCode, null)));
        }

        using var content = file.ToContent();
        var call = MarketoRequests.StartImport(
            MarketoImportFile.LookupField(options, batch), batch.Operation == Operation.AddMember ? batch.Audience!.RemoteRef : null,
            batch.UpdateOnly ? null : options.Partition, content);
        var answer = await client.SendAsync(call, cancellationToken);
        return answer.Content is ImportJob job
            ? new(string.Create(CultureInfo.InvariantCulture, $"{job.BatchId}/{file.Rows}"), null)
            : new(null, Join(batch, others, Judge(answer)));
    }

    public async Task<Receipt?> FollowAsync(string job, Batch batch, CancellationToken cancellationToken)
    {
        var parts = job.Split('/');
        var answer = await client.SendAsync(MarketoRequests.ImportStatus(parts[0]), cancellationToken);
        if (answer.Failure is { } code)
        {
            return Gone.Contains(code)
                ? All(batch, MarketoOutcomes.ImportGone)
                : throw new DestinationException(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));
        }

        var rows = parts.Length > 1 && int.TryParse(parts[1], CultureInfo.InvariantCulture, out var sent) ? sent : 0;
        return answer.Content switch
        {
            ImportJob { Status: ImportJob.Complete } done when done.Processed + done.Failed >= rows => await JudgeRowsAsync(done, batch, cancellationToken),
            ImportJob { Status: ImportJob.Complete or ImportJob.FailedState } => All(batch, MarketoOutcomes.ImportFailed),
            ImportJob => null,
            _ => All(batch, MarketoOutcomes.ImportGone),
        };
    }

    private async Task<Receipt> JudgeRowsAsync(ImportJob job, Batch batch, CancellationToken cancellationToken)
    {
        var failed = await KeysAsync(MarketoApiVersion.ImportFailures, job.BatchId, job.Failed, batch, cancellationToken);
        var warned = await KeysAsync(MarketoApiVersion.ImportWarnings, job.BatchId, job.WithWarning, batch, cancellationToken);
        if (failed is null || warned is null)
        {
            return All(batch, MarketoOutcomes.ImportFailed);
        }

        return new()
        {
            Outcomes =
            [
                .. batch.Items.Select(item => LookupValue(batch, item) is var value && failed.Contains(value) ? Told(item, MarketoOutcomes.ImportRowFailed)
                    : warned.Contains(value) ? Told(item, MarketoOutcomes.ImportRowWarning)
                    : new() { RecordId = item.RecordId, Outcome = Outcome.Delivered }),
            ],
        };
    }

    /// <summary>
    /// The lookup values of the rows in one of the vendor's files; null when it does not account for as many rows of the batch as the vendor
    /// counted.
    /// </summary>
    private async Task<HashSet<string>?> KeysAsync(VendorEndpoint endpoint, string batchId, int count, Batch batch, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            return [];
        }

        var field = MarketoImportFile.LookupField(options, batch);
        var answer = await client.SendAsync(
            MarketoRequests.ImportRows(endpoint, batchId, body => MarketoImportFile.ReadKeys(body, field)), cancellationToken);
        if (answer.Failure is { } code)
        {
            return Gone.Contains(code) ? null : throw new DestinationException(MarketoOutcomes.ConditionOf(answer, time.GetUtcNow()));
        }

        var known = batch.Items.Select(item => LookupValue(batch, item)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var told = answer.Rows.Select(row => row.Text ?? "").ToHashSet(StringComparer.OrdinalIgnoreCase);
        return told.Count >= count && told.IsSubsetOf(known) ? told : null;
    }

    private static string LookupValue(Batch batch, BatchItem item) => batch.UpdateOnly ? item.RemoteId ?? "" : item.Key;

    private async Task<Receipt> DeliverAsync(Batch batch, IReadOnlyList<BatchItem> items, CancellationToken cancellationToken)
    {
        var outcomes = new List<RecordOutcome>(items.Count);
        DestinationCondition? condition = null;
        foreach (var part in items.Chunk(MarketoDescriptor.MaxRecords))
        {
            if (condition is { } trouble)
            {
                outcomes.AddRange(part.Select(item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.NotSent, Code = trouble.Code }));
                continue;
            }

            var receipt = await connector.DeliverAsync(batch with { Items = part }, cancellationToken);
            outcomes.AddRange(receipt.Outcomes);
            condition = receipt.Condition;
        }

        return new() { Outcomes = outcomes, Condition = condition };
    }

    /// <summary>The receipt of a batch whose import did not start: the others as they came out, the rest all the same.</summary>
    private static Receipt Join(Batch batch, Receipt others, (Outcome Outcome, string Code, DestinationCondition? Condition) rest)
    {
        var told = others.Outcomes.ToDictionary(one => one.RecordId);
        return new()
        {
            Outcomes =
            [
                .. batch.Items.Select(item => told.TryGetValue(item.RecordId, out var one)
                    ? one
                    : new() { RecordId = item.RecordId, Outcome = rest.Outcome, Code = rest.Code }),
            ],
            Condition = rest.Condition,
        };
    }

    /// <summary>What a refused start means for the rows: no single one of them is to blame, and to start again is harmless.</summary>
    private (Outcome Outcome, string Code, DestinationCondition? Condition) Judge(MarketoAnswer answer)
    {
        var row = MarketoOutcomes.For(answer.Failure ?? MarketoAnswer.Malformed);
        var condition = answer.Refusal ?? MarketoOutcomes.Condition(row, answer.RetryAfter, time.GetUtcNow());
        var wasSent = answer.Refusal is null && (condition is null || row.Outcome == Outcome.RetryLater);
        return (wasSent ? Outcome.RetryLater : Outcome.NotSent, condition?.Code ?? row.ReasonCode, condition);
    }

    private static Receipt All(Batch batch, string code) => new() { Outcomes = [.. batch.Items.Select(item => Told(item, code))] };

    private static RecordOutcome Told(BatchItem item, string code)
    {
        var row = MarketoOutcomes.For(code);
        return new() { RecordId = item.RecordId, Outcome = row.Outcome, Code = row.ReasonCode, RemoteId = item.RemoteId };
    }
}

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

    /// <summary>
    /// From how many records on an import is no slower than the calls for single records: as many as those bring, at the documented rate and two
    /// calls for 300 members, in the time that an import takes whatever is in it. Below that an import only saves calls of the day.
    /// </summary>
    public const int WorthwhileFrom = MarketoDescriptor.CallsPerWindow * (ImportSeconds / MarketoDescriptor.WindowSeconds) / CallsPerAddition * MarketoDescriptor.MaxRecords;

    /// <summary>
    /// Our assumption, for the vendor tells no speed: queue, work and the looks of every 15 s together. One import at a time runs into a list.
    /// </summary>
    private const int ImportSeconds = 60;

    private const int CallsPerAddition = 2;

    /// <summary>Records of a file; a claim of as many is held in memory.</summary>
    public const int MaxRecords = 50_000;

    /// <summary>Most records that go by the call for single records while an import is started; the rest of them waits its turn.</summary>
    private const int MostOthers = 10 * MarketoDescriptor.MaxRecords;

    /// <summary>The vendor's page asks for a look every 5 to 30 seconds.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(15);

    /// <summary>What this destination uses imports for.</summary>
    public IReadOnlyDictionary<Operation, BulkLimits> Offered { get; } = Operations(options.ImportsFrom);

    /// <summary>What an import may hold, and from how many records on one is used; nothing when imports are turned off.</summary>
    public static IReadOnlyDictionary<Operation, BulkLimits> Operations(int from) => from == 0
        ? new Dictionary<Operation, BulkLimits>()
        : new[] { Operation.UpsertProfile, Operation.AddMember }.ToDictionary(
            operation => operation, _ => new BulkLimits(from, MaxRecords, MarketoDescriptor.MaxImportBytes, PollInterval));

    /// <summary>
    /// Starts an import of what can stand in its file. The rest is sent by the call for single records first, and what becomes of it is told
    /// beside the job; it keeps nobody else waiting, unless the destination is in trouble.
    /// </summary>
    public async Task<BulkStart> StartAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (batch.Operation is not (Operation.UpsertProfile or Operation.AddMember) || (batch.Operation == Operation.AddMember && batch.Audience is null))
        {
            throw new ArgumentException($"An import of {batch.Operation} is not declared, or has no audience.", nameof(batch));
        }

        var keys = new HashSet<string>(batch.Items.Count, StringComparer.OrdinalIgnoreCase);
        var collided = batch.Items.Where(item => !keys.Add(item.Key)).Select(item => Told(item, MarketoOutcomes.KeyCollision)).ToArray();
        var refused = collided.Select(one => one.RecordId).ToHashSet();
        using var file = MarketoImportFile.Write(options, refused.Count == 0 ? batch : batch with { Items = [.. batch.Items.Where(item => !refused.Contains(item.RecordId))] });
        var others = await DeliverAsync(batch, file.Others, collided, cancellationToken);
        if (file.Rows == 0)
        {
            return new(null, others);
        }

        if (others.Condition is { } trouble)
        {
            return new(null, Join(batch, others, (Outcome.NotSent, trouble.Code, trouble)));
        }

        using var content = file.ToContent();
        var call = MarketoRequests.StartImport(
            MarketoImportFile.LookupField(options, batch), batch.Operation == Operation.AddMember ? batch.Audience!.RemoteRef : null,
            batch.UpdateOnly ? null : options.Partition, content);
        var answer = await client.SendAsync(call, cancellationToken);
        return answer.Content is ImportJob job
            ? new(string.Create(CultureInfo.InvariantCulture, $"{job.BatchId}/{file.Rows}"), others.Outcomes.Count == 0 ? null : others)
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

    private async Task<Receipt> DeliverAsync(
        Batch batch, IReadOnlyList<BatchItem> items, IReadOnlyList<RecordOutcome> known, CancellationToken cancellationToken)
    {
        var outcomes = new List<RecordOutcome>(known);
        DestinationCondition? condition = null;
        foreach (var part in items.Chunk(MarketoDescriptor.MaxRecords))
        {
            if (condition is not null || outcomes.Count - known.Count >= MostOthers)
            {
                var code = condition?.Code ?? MarketoOutcomes.NotInFile;
                outcomes.AddRange(part.Select(item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.NotSent, Code = code }));
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

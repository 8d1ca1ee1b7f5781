using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Hands large batches to the vendor's imports and follows them to the row. An import only adds and updates, so to start it twice is
/// harmless. It tells failed rows by prose: they are retried, and the call for single records then tells the code.
/// </summary>
internal sealed class MarketoImports(MarketoOptions options, MarketoClient client, TimeProvider time)
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

    /// <summary>The vendor's page asks for a look every 5 to 30 seconds.</summary>
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(15);

    /// <summary>What this destination uses imports for.</summary>
    public IReadOnlyDictionary<Operation, BulkLimits> Offered { get; } = Operations(options.ImportsFrom ?? WorthwhileFrom, isForSpeed: options.ImportsFrom is null);

    /// <summary>What an import may hold, and from how many records on one is used; nothing when imports are turned off.</summary>
    /// <param name="from">Records of one partition from which on an import is used.</param>
    /// <param name="isForSpeed">False where somebody chose the number, to save calls of the day: then an import need not be faster.</param>
    public static IReadOnlyDictionary<Operation, BulkLimits> Operations(int from, bool isForSpeed) => from == 0
        ? new Dictionary<Operation, BulkLimits>()
        : new[] { Operation.UpsertProfile, Operation.AddMember }.ToDictionary(
            operation => operation,
            operation => new BulkLimits(from, MaxRecords, MarketoDescriptor.MaxImportBytes, PollInterval)
            {
                CallsPace = isForSpeed
                    ? (double)MarketoDescriptor.CallsPerWindow * MarketoDescriptor.MaxRecords / MarketoDescriptor.WindowSeconds / (operation == Operation.AddMember ? CallsPerAddition : 1)
                    : 0,
            });

    /// <summary>
    /// Starts an import of what can stand in its file. The rest is left to the call for single records, and so is everything when that is most.
    /// </summary>
    public async Task<BulkStart> StartAsync(Batch batch, CancellationToken cancellationToken)
    {
        if (batch.Operation is not (Operation.UpsertProfile or Operation.AddMember) || (batch.Operation == Operation.AddMember && batch.Audience is null))
        {
            throw new ArgumentException($"An import of {batch.Operation} is not declared, or has no audience.", nameof(batch));
        }

        var keys = new HashSet<string>(batch.Items.Count, StringComparer.OrdinalIgnoreCase);
        var withheld = batch.Items.Where(item => !keys.Add(item.Key)).Select(item => Told(item, MarketoOutcomes.KeyCollision)).ToList();
        var collided = withheld.Select(one => one.RecordId).ToHashSet();
        for (var due = collided.Count == 0 ? batch : batch with { Items = [.. batch.Items.Where(item => !collided.Contains(item.RecordId))] }; ;)
        {
            using var file = MarketoImportFile.Write(options, due);
            if (file.Rows == 0 || file.Rows < file.Others.Count)
            {
                return new(null, Left(due.Items, withheld));
            }

            var others = file.Others.Select(item => item.RecordId).ToHashSet();
            var clearance = batch.ClearanceFor(due.Items.Select(item => item.RecordId).Where(record => !others.Contains(record)));
            using var content = file.ToContent();
            var answer = await client.SendAsync(
                MarketoRequests.StartImport(
                    clearance, MarketoImportFile.LookupField(options, batch), batch.Operation == Operation.AddMember ? batch.Audience!.RemoteRef : null,
                    batch.UpdateOnly ? null : options.Partition, content),
                cancellationToken);
            if (clearance.Withheld.Count > 0)
            {
                withheld.AddRange(clearance.Withheld.Select(record => new RecordOutcome { RecordId = record, Outcome = Outcome.Withheld }));
                due = due with { Items = [.. due.Items.Where(item => !clearance.Withheld.Contains(item.RecordId))] };
                continue;
            }

            return answer.Content is ImportJob job
                ? new(string.Create(CultureInfo.InvariantCulture, $"{job.BatchId}/{file.Rows}"), Left(file.Others, withheld))
                : new(null, Refused(due, withheld, answer));
        }
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

    /// <summary>What is not in the job: records that may not be sent, and those that are better sent one batch at a time. Null when all are in it.</summary>
    private static Receipt? Left(IEnumerable<BatchItem> others, List<RecordOutcome> withheld)
    {
        RecordOutcome[] outcomes = [.. withheld, .. others.Select(item => new RecordOutcome { RecordId = item.RecordId, Outcome = Outcome.NotSent, Code = MarketoOutcomes.NotInFile })];
        return outcomes.Length == 0 ? null : new() { Outcomes = outcomes };
    }

    private Receipt Refused(Batch batch, List<RecordOutcome> withheld, MarketoAnswer answer)
    {
        var (outcome, code, condition) = Judge(answer);
        return new()
        {
            Outcomes = [.. withheld, .. batch.Items.Select(item => new RecordOutcome { RecordId = item.RecordId, Outcome = outcome, Code = code })],
            Condition = condition,
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

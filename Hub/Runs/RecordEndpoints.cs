using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Runs;

/// <summary>What became of the single records of a run, over HTTP.</summary>
internal static class RecordEndpoints
{
    private const int MostRecords = 1_000;
    private const string OfLines = "line.";
    private static readonly string[] _outcomes =
        [LedgerOutcome.Delivered, LedgerOutcome.Unchanged, LedgerOutcome.Suppressed, LedgerOutcome.Rejected, LedgerOutcome.DeadLettered];

    public static void MapRecords(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/runs/{runId:guid}/records", ListAsync).WithName("listRecords").ProducesPage<RecordJson>().ProducesProblem(404).ProducesProblem(410).Needs(Scope.PeopleRead);

    private static async Task<IResult> ListAsync(
        Guid runId, string? outcome, string? code, string? after, int? limit, OutboxTransaction transactions, IRunStore runs, ISnapshotStore snapshots, DestinationDirectory destinations,
        IOptions<RetentionOptions> retention, TimeProvider time, CancellationToken cancellationToken)
    {
        outcome ??= LedgerOutcome.Rejected;
        if (!_outcomes.Contains(outcome))
        {
            return Problems.Of(400, "outcome-unknown", "outcome", $"'{outcome}' is no outcome. Use one of: {string.Join(", ", _outcomes)}.");
        }

        var run = await transactions.ReadAsync(db => runs.FindAsync(db, runId, cancellationToken));
        if (run is null)
        {
            return Problems.Of(404, "run-unknown", "run_id", $"There is no run {runId}. GET /v1/runs lists the runs.");
        }

        var ask = ListRoutes.Ask(after, limit, 100, MostRecords);
        var records = await transactions.ReadAsync(db => ReadAsync(db, run, outcome, code, ask, runs, snapshots, destinations.Find(run.Destination), cancellationToken));
        return records.Items.Count == 0 && after is null && code is null && run.FinishedAt < time.GetUtcNow() - retention.Value.RunRecords && run.Counts.Of(outcome) > 0
            ? Problems.Of(410, "records-deleted", "run_id", FormattableString.Invariant(
                $"Run {runId} ended {run.FinishedAt:u}; its {run.Counts.Of(outcome)} {outcome} records were deleted after {retention.Value.RunRecords.TotalDays:0.#} days (Hub:Retention:RunRecords). Its counts and reasons stay: 'sync show {runId}'."))
            : Results.Json(PageJson.Of(records));
    }

    /// <summary>Rows that were rejected while the run's list was read stand before the records that were; their places begin with <see cref="OfLines"/>.</summary>
    private static async Task<Page<RecordJson>> ReadAsync(
        HubDbContext db, RunView run, string outcome, string? code, PageAsk ask, IRunStore runs, ISnapshotStore snapshots, Destination? destination, CancellationToken cancellationToken)
    {
        if (outcome != LedgerOutcome.Rejected || run.SnapshotId is not { } snapshotId)
        {
            return Shown(await runs.ListRecordsAsync(db, run.RunId, outcome, code, ask, cancellationToken), destination);
        }

        var isAtLines = ask.After is null or "" || ask.After.StartsWith(OfLines, StringComparison.Ordinal);
        var lines = await snapshots.ListRejectsAsync(db, snapshotId, code, isAtLines ? ask with { After = ask.After is { Length: > 0 } place ? place[OfLines.Length..] : null } : new PageAsk(null, 1), cancellationToken);
        List<RecordJson> shown = isAtLines ? [.. lines.Items.Select(RecordJson.From)] : [];
        var isFull = shown.Count == ask.Limit;
        var records = Shown(
            await runs.ListRecordsAsync(db, run.RunId, outcome, code, isFull ? new PageAsk(null, 1) : new PageAsk(isAtLines ? null : ask.After, ask.Limit - shown.Count), cancellationToken), destination);
        var count = Math.Min(lines.Count + records.Count, Page.MostCounted);
        var isCapped = lines.IsCountCapped || records.IsCountCapped || lines.Count + records.Count > Page.MostCounted;
        return !isFull ? new Page<RecordJson>([.. shown, .. records.Items], records.Next, count, isCapped)
            : lines.Next is { } line ? new Page<RecordJson>(shown, OfLines + line, count, isCapped)
            : new Page<RecordJson>(shown, records.Items.Count == 0 ? null : "0", count, isCapped);
    }

    private static Page<RecordJson> Shown(Page<RunRecord> page, Destination? destination) => page.With<RecordJson>([.. page.Items.Select(record => RecordJson.From(record, destination))]);
}

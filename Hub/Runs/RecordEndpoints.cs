using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;
using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Runs;

/// <summary>What became of the single records of a run, over HTTP.</summary>
internal static class RecordEndpoints
{
    private const int MostRecords = 1_000;
    private static readonly string[] _outcomes =
        [LedgerOutcome.Delivered, LedgerOutcome.Unchanged, LedgerOutcome.Suppressed, LedgerOutcome.Rejected, LedgerOutcome.DeadLettered];

    public static void MapRecords(this IEndpointRouteBuilder routes) =>
        routes.MapGet("/v1/runs/{runId:guid}/records", ListAsync).WithName("listRecords").Produces<IReadOnlyList<RecordJson>>().ProducesProblem(400).ProducesProblem(404).ProducesProblem(410).Needs(Scope.PeopleRead);

    private static async Task<IResult> ListAsync(
        Guid runId, string? outcome, string? code, long? after, int? limit, OutboxTransaction transactions, IRunStore runs, ISnapshotStore snapshots, DestinationDirectory destinations,
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

        var most = Math.Clamp(limit ?? 100, 1, MostRecords);
        var list = new List<RecordJson>();
        if (outcome == LedgerOutcome.Rejected && after is null && run.SnapshotId is { } snapshotId)
        {
            var report = await transactions.ReadAsync(db => snapshots.FindAsync(db, snapshotId, most, cancellationToken));
            list.AddRange((report?.Rejects ?? []).Where(reject => code is null || reject.Code == code).Select(RecordJson.From));
        }

        var destination = destinations.Find(run.Destination);
        var records = await transactions.ReadAsync(db => runs.ListRecordsAsync(db, runId, outcome, after ?? 0, most, cancellationToken, code));
        list.AddRange(records.Select(record => RecordJson.From(record, destination)));
        return list.Count == 0 && after is null && code is null && run.FinishedAt < time.GetUtcNow() - retention.Value.RunRecords && run.Counts.Of(outcome) > 0
            ? Problems.Of(410, "records-deleted", "run_id", FormattableString.Invariant(
                $"Run {runId} ended {run.FinishedAt:u}; its {run.Counts.Of(outcome)} {outcome} records were deleted after {retention.Value.RunRecords.TotalDays:0.#} days (Hub:Retention:RunRecords). Its counts and reasons stay: 'sync show {runId}'."))
            : Results.Json(list);
    }
}

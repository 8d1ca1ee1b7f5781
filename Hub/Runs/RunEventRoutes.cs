using System.Globalization;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Paging;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>What became of a run, who did what to it, where its records wait and when they were settled, over HTTP.</summary>
internal static class RunEventRoutes
{
    private const int Most = 500;
    private const char Separator = '-';

    public static void MapRunEvents(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/runs/{runId:guid}/events", ListAsync).WithName("listRunEvents").ProducesPage<RunEventJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/runs/{runId:guid}/partitions", async (Guid runId, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Whole((await transactions.ReadAsync(db => RunPartitions.ListAsync(db, runId, cancellationToken))).Select(RunPartitionJson.From))))
            .WithName("listRunPartitions").ProducesPage<RunPartitionJson>().Needs(Scope.RunsRead);
        routes.MapGet("/v1/runs/{runId:guid}/series", async (Guid runId, OutboxTransaction transactions, CancellationToken cancellationToken) =>
            Results.Json(RunSeriesJson.From(await transactions.ReadAsync(db => RunSeries.ReadAsync(db, runId, cancellationToken)))))
            .WithName("showRunSeries").ProducesPage<RunSeriesJson, RunPointJson>().Needs(Scope.RunsRead);
    }

    /// <summary>
    /// The latest first. A run that is not known, or that retention took, has none. The three sources are merged by time; a place tells the number that was shown last of each, so that
    /// whoever goes on meets each entry once.
    /// </summary>
    private static async Task<IResult> ListAsync(Guid runId, string? after, int? limit, OutboxTransaction transactions, CancellationToken cancellationToken)
    {
        var ask = ListRoutes.Ask(after, limit, 100, Most);
        var places = Read(ask.After);
        var turns = await transactions.ReadAsync(db => RunTurns.ListAsync(db, runId, ask with { After = places[0] }, cancellationToken));
        List<Page<(string Place, RunEventJson Shown)>> sources = [turns.With<(string, RunEventJson)>([.. turns.Items.Select(turn => (Place(turn.Seq), RunEventJson.Of(turn)))])];
        foreach (var (subject, i) in new[] { SyncApproval.SubjectOf(runId), BackfillApproval.SubjectOf(runId) }.Select((subject, i) => (subject, i)))
        {
            var said = await transactions.ReadAsync(db => AuditLog.ListAsync(db, new AuditFilter(Subject: subject), ask with { After = places[i + 1] }, cancellationToken));
            sources.Add(said.With<(string, RunEventJson)>([.. said.Items.Select(row => (Place(row.Seq), RunEventJson.Of(row)))]));
        }

        var shown = new List<RunEventJson>();
        var taken = new int[sources.Count];
        while (shown.Count < ask.Limit && Latest(sources, taken) is { } latest)
        {
            var (place, entry) = sources[latest].Items[taken[latest]++];
            places[latest] = place;
            shown.Add(entry);
        }

        var goesOn = sources.Where((source, i) => taken[i] < source.Items.Count || source.Next is not null).Any();
        var count = sources.Sum(source => source.Count);
        return Results.Json(PageJson.Of(new Page<RunEventJson>(
            shown, goesOn ? string.Join(Separator, places) : null, Math.Min(count, Page.MostCounted), count > Page.MostCounted || sources.Exists(source => source.IsCountCapped))));
    }

    /// <summary>The source whose next entry is the latest; null when all were shown.</summary>
    private static int? Latest(List<Page<(string Place, RunEventJson Shown)>> sources, int[] taken) => Enumerable.Range(0, sources.Count)
        .Where(i => taken[i] < sources[i].Items.Count).OrderByDescending(i => sources[i].Items[taken[i]].Shown.At).Select(i => (int?)i).FirstOrDefault();

    private static string Place(long seq) => seq.ToString(CultureInfo.InvariantCulture);

    private static string?[] Read(string? after) => string.IsNullOrEmpty(after) ? new string?[3] : after.Split(Separator) is { Length: 3 } places ? places : throw new MalformedPlaceException();
}

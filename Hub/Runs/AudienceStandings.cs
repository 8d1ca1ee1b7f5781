using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Reconciliations;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.Runs;

/// <summary>Reads the last run and the last comparison of every audience with each of its destinations.</summary>
internal static class AudienceStandings
{
    public static async Task<IResult> ListAsync(HubConfiguration configuration, RunWaiting waiting, OutboxTransaction transactions, IRunStore runs, CancellationToken cancellationToken)
    {
        List<(string Audience, string Destination)> pairs =
            [.. configuration.Audiences.Values.OrderBy(audience => audience.Key, StringComparer.Ordinal).SelectMany(audience => audience.Destinations.Select(destination => (audience.Key, destination)))];
        var (views, compared) = await transactions.ReadAsync(async db =>
        {
            var found = await ReconciliationBook.ListAsync(db, await LatestRuns.ComparedAsync(db, pairs, cancellationToken), cancellationToken);
            var latest = await LatestRuns.OfAsync(db, pairs, cancellationToken);
            return (await runs.ListAsync(db, [.. latest.Concat(found.Select(one => one.RunId)).Distinct()], cancellationToken), found);
        });
        var shown = (await waiting.ShowAsync(views, cancellationToken)).OrderByDescending(run => run.RequestedAt).ToList();
        return Results.Json(PageJson.Whole(pairs.Select(pair => new AudienceStandingJson(
            pair.Audience, pair.Destination, shown.Find(run => run.Audience == pair.Audience && run.Destination == pair.Destination),
            compared.FirstOrDefault(one => one.Audience == pair.Audience && one.Destination == pair.Destination) is { } last ? ReconciliationJson.From(last, shown.Find(run => run.RunId == last.RunId), []) : null))));
    }
}

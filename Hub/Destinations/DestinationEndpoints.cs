using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Fields;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Notices;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Audit;
using IntegrationHub.Storage.Watch;

namespace IntegrationHub.Hub.Destinations;

/// <summary>Destinations over HTTP.</summary>
internal static class DestinationEndpoints
{
    private const int MostMinutes = 7 * 24 * 60;

    public static void MapDestinations(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/destinations", async (DestinationOverview overview, CancellationToken cancellationToken) =>
            Results.Json(PageJson.Whole(await overview.ListAsync(cancellationToken)))).WithName("listDestinations").ProducesPage<DestinationJson>().Needs(Scope.RunsRead);

        routes.MapGet("/v1/destinations/{destination}", async (string destination, DestinationOverview overview, CancellationToken cancellationToken) =>
            (await overview.ListAsync(cancellationToken)).FirstOrDefault(known => known.Destination == destination) is { } found
                ? Results.Json(found)
                : Unknown(destination)).WithName("showDestination").Produces<DestinationJson>().ProducesProblem(404).Needs(Scope.RunsRead);

        routes.MapGet("/v1/destinations/{destination}/live", LiveAsync).WithName("showLive").Produces<LiveJson>().ProducesProblem(400).ProducesProblem(404).Needs(Scope.RunsRead);

        routes.MapPost("/v1/destinations/{destination}/check", async (string destination, WhyJson? said, DestinationDirectory destinations, DestinationCheck check, FieldCatalogue catalogue, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken) =>
            destinations.Find(destination) is not { } found ? Unknown(destination)
                : said?.Refuse() is { } refusal ? refusal
                : Results.Json(await CheckAsync(found, check, catalogue, transactions, time, cancellationToken)))
            .WithName("checkDestination").Produces<CheckJson>().ProducesProblem(404).Needs(Scope.RunsWrite).Takes(CommandTerms.Blind("nothing is changed at the vendor"));

        routes.MapDoubtfulFields();

        routes.MapPost("/v1/destinations/{destination}/resume", async (string destination, WhyJson? said, HttpContext http, DestinationDirectory destinations, DestinationHealth health, RunReminder runs, OutboxTransaction transactions, CancellationToken cancellationToken) =>
        {
            if (destinations.Find(destination) is not { } found)
            {
                return Unknown(destination);
            }

            if (said?.Refuse() is { } refusal)
            {
                return refusal;
            }

            await transactions.RunAsync((db, _) => AuditLog.AppendAsync(db, http.Entry("destination.resume", $"destination:{destination}", said?.Reason), cancellationToken), cancellationToken);
            return Results.Json(await ResumeAsync(found, health, runs, cancellationToken));
        }).WithName("resumeDestination").Produces<ResumedJson>().ProducesProblem(404).Needs(Scope.RunsWrite).Takes(CommandTerms.Blind("what the vendor still refuses, it refuses again"));
    }

    /// <summary>Ends every wait for the destination: what the vendor still refuses, it will refuse again.</summary>
    private static async Task<ResumedJson> ResumeAsync(Destination destination, DestinationHealth health, RunReminder runs, CancellationToken cancellationToken)
    {
        var limits = await destination.Quota.ReopenAsync(cancellationToken);
        var (conditions, deliveries) = await health.ResumeAsync(destination.Name, cancellationToken);
        await runs.RemindAsync(destination.Name, cancellationToken);
        return new ResumedJson(destination.Name, conditions, limits, deliveries);
    }

    /// <summary>Checks, and notes what was found for those who look later.</summary>
    private static async Task<CheckJson> CheckAsync(Destination destination, DestinationCheck check, FieldCatalogue catalogue, OutboxTransaction transactions, TimeProvider time, CancellationToken cancellationToken)
    {
        var found = await check.RunAsync(destination, cancellationToken);
        var noted = new StoredCheck(destination.Name, time.GetUtcNow(), found.Ok, [.. found.Findings.Select(finding => finding.Field is null ? finding.Code : $"{finding.Code} ({finding.Field})")]);
        await transactions.RunAsync((db, _) => DestinationChecks.NoteAsync(db, noted, cancellationToken), cancellationToken);
        if (found.FieldsInspected > 0)
        {
            await KeepFieldsAsync(destination, catalogue, cancellationToken);
        }

        var notices = await transactions.ReadAsync(db => VendorNotices.ListAsync(db, noted.At - Situations.NoticeLife, cancellationToken));
        return found with { Endings = EndingJson.Of(destination.Name, destination.Retirements, notices) };
    }

    private static async Task<IResult> LiveAsync(string destination, int? minutes, DestinationDirectory destinations, LiveOverview live, CancellationToken cancellationToken) =>
        destinations.Find(destination) is not { } found ? Unknown(destination)
        : minutes is < 1 or > MostMinutes ? Problems.Of(400, "query-invalid", "minutes", $"minutes is not a number from 1 to {MostMinutes}.")
        : Results.Json(await live.ReadAsync(found, minutes ?? 60, cancellationToken));

    /// <summary>Who checks has looked at the fields; what they are is kept by the way.</summary>
    private static async Task KeepFieldsAsync(Destination destination, FieldCatalogue catalogue, CancellationToken cancellationToken)
    {
        try
        {
            await catalogue.ReadAsync(destination, destination.InsistingConnector, cancellationToken);
        }
        catch (DestinationException)
        {
            // The check has said how the destination stands; the daily look reads the fields again.
        }
    }

    public static IResult Unknown(string destination) =>
        Problems.Of(404, "destination-unknown", "destination", $"There is no destination {destination}. GET /v1/destinations lists them.");
}

/// <summary>The waits that ended.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Conditions">Conditions of the destination, its lanes and its audiences that were cleared.</param>
/// <param name="Limits">Names of the limits whose used-up calls count from zero again.</param>
/// <param name="Deliveries">Deliveries that were due later and are due now.</param>
internal sealed record ResumedJson(
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("conditions")] int Conditions,
    [property: JsonPropertyName("limits")] IReadOnlyList<string> Limits,
    [property: JsonPropertyName("deliveries")] int Deliveries);

using System.Text.Json.Serialization;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake;

/// <summary>A snapshot as the API and the CLI show it.</summary>
internal sealed record SnapshotJson(
    [property: JsonPropertyName("snapshot_id")] Guid SnapshotId,
    [property: JsonPropertyName("audience")] string Audience,
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("rows")] long Rows,
    [property: JsonPropertyName("accepted")] long Accepted,
    [property: JsonPropertyName("rejected")] long Rejected,
    [property: JsonPropertyName("duplicates")] long Duplicates,
    [property: JsonPropertyName("unread_rows")] long UnreadRows,
    [property: JsonPropertyName("rejects")] IReadOnlyList<RejectJson> Rejects,
    [property: JsonPropertyName("repeats")] IReadOnlyList<RepeatJson>? Repeats,
    [property: JsonPropertyName("failure_code")] string? FailureCode = null,
    [property: JsonPropertyName("grants_refused")] long GrantsRefused = 0)
{
    /// <summary>Shows a snapshot.</summary>
    public static SnapshotJson From(SnapshotReport report) => new(
        report.SnapshotId, report.Audience, report.Kind, report.State, report.Rows, report.Accepted, report.Rejected, report.Duplicates, report.UnreadRows,
        [.. report.Rejects.Select(reject => new RejectJson(reject.Line, reject.Field, reject.Code, reject.Problem))],
        [.. report.Repeats.Select(repeat => new RepeatJson(repeat.Line, repeat.LaterLine))], report.FailureCode, report.GrantsRefused);
}

/// <summary>A rejected row: where and why, never the value.</summary>
internal sealed record RejectJson(
    [property: JsonPropertyName("line")] long Line,
    [property: JsonPropertyName("field")] string Field,
    [property: JsonPropertyName("code")] string Code,
    [property: JsonPropertyName("problem")] string Problem);

/// <summary>A row that counts for nothing because a later one has the same id.</summary>
internal sealed record RepeatJson([property: JsonPropertyName("line")] long Line, [property: JsonPropertyName("later_line")] long LaterLine);

/// <summary>Snapshots over HTTP: the body is streamed, never held as a whole.</summary>
internal static class SnapshotEndpoints
{
    private const int ShownRejects = 100;

    public static void MapSnapshots(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/audiences/{audience}/snapshots", LoadAsync).WithName("loadSnapshot").RequireRateLimiting(IntakeDoor.Lists)
            .Produces<SnapshotJson>(201).ProducesProblem(400).ProducesProblem(404).ProducesProblem(415).ProducesProblem(429).Needs(Scope.FactsWrite);
        routes.MapGet("/v1/snapshots/{snapshotId:guid}", async (Guid snapshotId, OutboxTransaction transactions, ISnapshotStore snapshots, CancellationToken cancellationToken) =>
            await transactions.ReadAsync(db => snapshots.FindAsync(db, snapshotId, ShownRejects, cancellationToken)) is { } report
                ? Results.Json(SnapshotJson.From(report))
                : Problems.Of(404, "snapshot-unknown", "snapshot_id", $"There is no snapshot {snapshotId}. 'snapshots load AUDIENCE FILE' prints the id of each that it loads."))
            .WithName("showSnapshot").Produces<SnapshotJson>().ProducesProblem(404).Needs(Scope.RunsRead);
    }

    private static async Task<IResult> LoadAsync(
        string audience, string? kind, string? source, HttpContext http, HubConfiguration configuration, SnapshotLoader loader, ShadowList shadows, OutboxTransaction transactions, ISnapshotStore snapshots, CancellationToken cancellationToken)
    {
        if (!configuration.Audiences.TryGetValue(configuration.AudienceKeyOf(audience), out var known))
        {
            return Problems.Of(404, "audience-unknown", "audience", $"There is no audience '{audience}'. Known: {string.Join(", ", configuration.Audiences.Keys.Order(StringComparer.Ordinal))}.");
        }

        if (kind is not (null or "full" or "delta"))
        {
            return Problems.Of(400, "kind-unknown", "kind", $"'{kind}' is no kind of snapshot. Use full or delta.");
        }

        if (SnapshotFormats.Of(http.Request.ContentType) is not { } format)
        {
            return SnapshotFormats.Unknown();
        }

        if (IntakeDoor.RefusePacking(http.Request) is { } refusal)
        {
            return refusal;
        }

        SnapshotFormats.AllowAnySize(http);
        try
        {
            source = await shadows.PresentNameAsync(source, cancellationToken);
            if (await shadows.IsOfAsync(source, cancellationToken))
            {
                return Results.Json(SnapshotJson.From(await shadows.LoadAsync(source!, known, kind ?? "full", http.Request.Body, format, SnapshotFormats.FileNameOf(http.Request), cancellationToken)), statusCode: 201);
            }

            var report = await loader.LoadAsync(known, kind ?? "full", http.Request.Body, format, SnapshotFormats.FileNameOf(http.Request), null, cancellationToken);
            var shown = await transactions.ReadAsync(db => snapshots.FindAsync(db, report.SnapshotId, ShownRejects, cancellationToken));
            return Results.Json(SnapshotJson.From((shown ?? report) with { GrantsRefused = report.GrantsRefused }), statusCode: 201);
        }
        catch (SnapshotFormatException exception)
        {
            return SnapshotFormats.Malformed("snapshot-malformed", exception);
        }
        catch (InvalidDataException)
        {
            return IntakeDoor.Unpackable();
        }
        catch (ConfigurationBehindException)
        {
            return Problems.Of(409, "config-behind", "source", "Another version of the configuration came into force while the list was read, and by that one its source may count. Load the list again.");
        }
    }
}

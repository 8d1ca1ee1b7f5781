using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Facts over HTTP: one, an array, JSON lines; in the hub's envelope or as CloudEvents. The answer comes after the commit.</summary>
internal static class FactRoutes
{
    /// <summary>One transaction takes so many: large enough to amortise it, small enough to stay short.</summary>
    public const int BatchFacts = 500;

    private const string CloudEventHeader = "ce-";

    public static void MapFacts(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/events", TakeInAsync).WithName("sendEvents")
        .RequireRateLimiting(IntakeDoor.Policy)
        .Produces<FactsJson>(202).ProducesProblem(400).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503).Needs(Scope.FactsWrite);

    private static async Task<IResult> TakeInAsync(HttpContext http, FactGathering intake, CancellationToken cancellationToken)
    {
        var isBinary = http.Request.Headers.ContainsKey(CloudEventHeader + "specversion");
        var mediaType = (http.Request.ContentType ?? "").Split(';')[0].Trim().ToLowerInvariant();
        var isLines = mediaType is "application/x-ndjson" or "application/ndjson" or "application/jsonl";
        if (!isLines && !isBinary && mediaType is not ("application/json" or "application/cloudevents+json" or "application/cloudevents-batch+json"))
        {
            return Problems.Of(415, "content-type-unknown", "Content-Type", "Send application/json, application/x-ndjson, application/cloudevents+json or application/cloudevents-batch+json; gzip is said by Content-Encoding.");
        }

        if (IntakeDoor.RefusePacking(http.Request) is { } refusal)
        {
            return refusal;
        }

        List<ReadOnlyMemory<byte>> facts;
        try
        {
            if (await FactBody.ReadAsync(http.Request.Body, FactBody.MaxBytes, cancellationToken) is not { } body)
            {
                return TooLarge($"{FactBody.MaxBytes / (1024 * 1024)} MiB, unpacked");
            }

            facts = isBinary ? [CloudEventReading.Assemble(Attributes(http.Request.Headers), body)] : isLines ? FactBody.OfLines(body) : FactBody.OfJson(body);
        }
        catch (JsonException exception)
        {
            return Problems.Of(400, "body-malformed", "body", exception.Message);
        }
        catch (InvalidDataException)
        {
            return IntakeDoor.Unpackable();
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == 413 ? TooLarge($"{FactBody.MaxBytes / (1024 * 1024)} MiB") : Problems.Of(400, "body-malformed", "body", "The body ends before its end, or is chunked wrongly. Send it again.");
        }

        if (facts.Count is 0 or > FactBody.MaxFacts)
        {
            return facts.Count == 0 ? Problems.Of(400, "body-empty", "body", "The body holds no fact.") : TooLarge($"{FactBody.MaxFacts} facts");
        }

        try
        {
            var verdicts = new List<FactVerdict>(facts.Count);
            foreach (var batch in facts.Chunk(BatchFacts))
            {
                verdicts.AddRange(await intake.TakeInAsync(batch, cancellationToken));
            }

            return Results.Json(FactsJson.From(verdicts), statusCode: 202);
        }
        catch (Exception exception) when (IsOutage(exception))
        {
            return IntakeDoor.Unavailable(http);
        }
    }

    /// <summary>Whether the database is to blame, not the facts.</summary>
    public static bool IsOutage(Exception exception) => exception is DbException or { InnerException: DbException } or TimeoutException;

    private static IEnumerable<KeyValuePair<string, string>> Attributes(IHeaderDictionary headers) =>
        from header in headers
        where header.Key.StartsWith(CloudEventHeader, StringComparison.OrdinalIgnoreCase)
        select KeyValuePair.Create(header.Key[CloudEventHeader.Length..].ToLowerInvariant(), Uri.UnescapeDataString(header.Value.ToString()));

    private static IResult TooLarge(string limit) =>
        Problems.Of(413, "body-too-large", "body", string.Create(CultureInfo.InvariantCulture, $"A call may hold at most {limit}. Send several calls; nothing of this one was taken in."));
}

using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Intake.Changes;

/// <summary>Changes of an audience over HTTP, one JSON object per line, as Hightouch and other tools send them; a line of answer for each, after the commit.</summary>
internal static class ChangeRoutes
{
    private const string KeyHeader = "Idempotency-Key";
    private const string Unnamed = "audience-changes";
    private const int LongestName = 128;
    private const int LongestKey = 255;

    public static void MapChanges(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/audiences/{audience}/changes", TakeInAsync).WithName("changeAudience")
        .RequireRateLimiting(IntakeDoor.Policy)
        .Produces<ChangeResultJson>(202, "application/x-ndjson").ProducesProblem(400).ProducesProblem(404).ProducesProblem(413).ProducesProblem(415).ProducesProblem(429).ProducesProblem(503).Needs(Scope.FactsWrite);

    private static async Task<IResult> TakeInAsync(
        string audience, HttpContext http, HubConfiguration configuration, ChangeIntake intake, TimeProvider time, CancellationToken cancellationToken, string? source = null)
    {
        audience = configuration.AudienceKeyOf(audience);
        if (!configuration.Audiences.ContainsKey(audience))
        {
            return Problems.Of(404, "audience-unknown", "audience", $"There is no such audience. {Spelling.Hint(audience, configuration.Audiences.Keys)}Known: {string.Join(", ", configuration.Audiences.Keys)}.");
        }

        if (source?.Length > LongestName || http.Request.Headers[KeyHeader].ToString().Length > LongestKey)
        {
            return Problems.Of(400, "name-too-long", source?.Length > LongestName ? "source" : KeyHeader, $"source may have {LongestName} characters, {KeyHeader} {LongestKey}.");
        }

        if (IntakeDoor.RefusePacking(http.Request) is { } refusal)
        {
            return refusal;
        }

        List<ReadOnlyMemory<byte>> lines;
        try
        {
            if (await FactBody.ReadAsync(http.Request.Body, FactBody.MaxBytes, cancellationToken) is not { } body)
            {
                return TooLarge();
            }

            lines = FactBody.OfLines(body);
        }
        catch (InvalidDataException)
        {
            return IntakeDoor.Unpackable();
        }
        catch (BadHttpRequestException exception)
        {
            return exception.StatusCode == 413 ? TooLarge() : Problems.Of(400, "body-malformed", "body", "The body ends before its end, or is chunked wrongly. Send it again.");
        }

        if (lines.Count is 0 or > FactBody.MaxFacts)
        {
            return lines.Count == 0 ? Problems.Of(400, "body-empty", "body", "The body holds no change. Send one JSON object per line.") : TooLarge();
        }

        var key = http.Request.Headers[KeyHeader].ToString();
        var now = time.GetUtcNow();
        var call = new ChangeCall(string.IsNullOrWhiteSpace(source) ? Unnamed : source.Trim(), key.Length == 0 ? null : key, Guid.CreateVersion7(now), now);
        try
        {
            var verdicts = await intake.TakeInAsync([.. lines.Select((line, place) => AudienceChange.Read(line, audience, call, place))], cancellationToken);
            return Results.Text(string.Concat(verdicts.Select((change, place) => JsonSerializer.Serialize(ChangeResultJson.Of(place, change)) + "\n")), "application/x-ndjson", statusCode: 202);
        }
        catch (Exception exception) when (WebhookDoor.IsOutage(exception))
        {
            return IntakeDoor.Unavailable(http);
        }
    }

    private static IResult TooLarge() =>
        Problems.Of(413, "body-too-large", "body", $"A call may hold at most {FactBody.MaxBytes / (1024 * 1024)} MiB, unpacked, and {FactBody.MaxFacts} lines. Send several calls; nothing of this one was taken in.");
}

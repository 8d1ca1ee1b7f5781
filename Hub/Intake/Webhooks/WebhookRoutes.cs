using System.Security.Cryptography;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Intake.Webhooks.Signatures;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage.Webhooks;

namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>
/// Calls of other systems: proven over the raw bytes, kept, answered, and only later turned into facts. A repeat is answered like the first and changes
/// nothing.
/// </summary>
internal static class WebhookRoutes
{
    private const int LongestKey = 255;

    /// <summary>Headers that are kept beside a body: none of them proves anything.</summary>
    private static readonly string[] _kept = ["Content-Type", "User-Agent", "webhook-id", "webhook-timestamp", "svix-id", "svix-timestamp", "X-HubSpot-Request-Timestamp"];

    public static void MapWebhooks(this IEndpointRouteBuilder routes) => routes.MapPost("/v1/webhooks/{source}", TakeInAsync).WithName("receiveWebhook")
        .RequireRateLimiting(WebhookDoor.Policy).WithMetadata(new ProvenBySender())
        .Produces<WebhookJson>().ProducesProblem(400).ProducesProblem(401).ProducesProblem(404).ProducesProblem(408).ProducesProblem(413).ProducesProblem(415).ProducesProblem(503);

    private static async Task<IResult> TakeInAsync(
        string source, HttpContext http, HubConfiguration configuration, OutboxTransaction transactions, ReceiptSignal signal, HubTelemetry telemetry, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (!configuration.Sources.TryGetValue(configuration.FormerNames.OfSource(source), out var known) || known.Dialect == SourceDialect.Census)
        {
            telemetry.WebhookCalled("unknown", "source_unknown");
            return Problems.Of(404, "source-unknown", "source", "There is no such source. Add its file to the folder sources of the configuration, and start the hub again.");
        }

        var (body, refusal) = await WebhookDoor.ReadAsync(http, cancellationToken);
        if (body is null)
        {
            telemetry.WebhookCalled(known.Name, "body_refused");
            return refusal!;
        }

        var now = time.GetUtcNow();
        var call = WebhookDoor.CallOf(http, body);
        if (SignatureCheck.Find(known, call, now) is { } defect)
        {
            telemetry.WebhookCalled(known.Name, defect.Code);
            return defect.IsOurs ? WebhookDoor.Unavailable(http, defect.Code.Replace('_', '-'), defect.Problem) : Problems.Of(401, defect.Code.Replace('_', '-'), defect.Header, defect.Problem);
        }

        var key = KeyOf(known, call);
        var receipt = new WebhookReceipt(Uuid8.Of(known.Name, key), known.Name, key, now, HeadersOf(call), body);
        try
        {
            var isNew = await transactions.RunAsync((db, _) => WebhookReceipts.AddAsync(db, receipt, cancellationToken), cancellationToken);
            telemetry.WebhookCalled(known.Name, isNew ? "kept" : "repeated");
            signal.Ring();
            return Results.Json(new WebhookJson(receipt.ReceiptId, isNew ? WebhookJson.Kept : WebhookJson.Repeated));
        }
        catch (Exception exception) when (WebhookDoor.IsOutage(exception))
        {
            telemetry.WebhookCalled(known.Name, "database_unavailable");
            return WebhookDoor.Unavailable(http, "database-unavailable", "The hub's database does not answer, so nothing of this call was kept for certain. Send it again.");
        }
    }

    /// <summary>What tells deliveries apart: the sender's id of it where that is signed, else the body.</summary>
    private static string KeyOf(SourceConfiguration source, WebhookCall call) =>
        source.Signature.Scheme == SignatureScheme.StandardWebhooks && StandardWebhooksSignature.IdOf(call) is { Length: <= LongestKey } id
            ? $"id:{id}"
            : $"sha256:{Convert.ToHexStringLower(SHA256.HashData(call.Body.Span))}";

    private static string HeadersOf(WebhookCall call) => JsonSerializer.Serialize(
        _kept.Select(name => (Name: name, Value: call.Header(name))).Where(header => header.Value is { Length: <= LongestKey }).ToDictionary(header => header.Name, header => header.Value));
}

using System.Data.Common;
using System.Threading.RateLimiting;
using IntegrationHub.Hub.Intake.Facts;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Intake.Webhooks;

/// <summary>
/// Back-pressure of webhooks, apart from that of other doors: senders are strangers until their signature is read, so what one of them may hold is small and
/// held for seconds. Whoever comes in vain is told 503 and never another 4xx: to Segment that would mean that the call is lost for good.
/// </summary>
internal static class WebhookDoor
{
    /// <summary>Name of the policy.</summary>
    public const string Policy = "webhooks";

    /// <summary>Largest body in bytes.</summary>
    public const int MaxBytes = 4 * 1024 * 1024;

    /// <summary>How long a body may take to come in; HubSpot and Segment give up after five seconds.</summary>
    public static readonly TimeSpan BodyPatience = TimeSpan.FromSeconds(5);

    private const int AtOnce = 16;
    private const int Waiting = 128;
    private const string ComeAgain = "5";

    /// <summary>Adds the policy.</summary>
    public static void Add(RateLimiterOptions limits) =>
        limits.AddConcurrencyLimiter(Policy, limit => (limit.PermitLimit, limit.QueueLimit, limit.QueueProcessingOrder) = (AtOnce, Waiting, QueueProcessingOrder.OldestFirst));

    /// <summary>True when a call goes through this door.</summary>
    public static bool Passes(HttpContext http) => http.GetEndpoint()?.Metadata.GetMetadata<ProvenBySender>() is not null;

    /// <summary>True when the database is the cause: the call may be given again.</summary>
    public static bool IsOutage(Exception exception) => exception is DbException or { InnerException: DbException } or TimeoutException;

    /// <summary>Nothing of the call was taken in for certain; the sender comes again by itself.</summary>
    public static IResult Unavailable(HttpContext http, string type, string detail)
    {
        http.Response.Headers[HeaderNames.RetryAfter] = ComeAgain;
        return Problems.Of(503, type, "body", detail);
    }

    /// <summary>Reads a body; null and why when it cannot be had.</summary>
    public static async Task<(byte[]? Body, IResult? Refusal)> ReadAsync(HttpContext http, CancellationToken cancellationToken)
    {
        if (IntakeDoor.RefusePacking(http.Request) is not null)
        {
            return (null, Problems.Of(415, "content-encoding-unknown", HeaderNames.ContentEncoding, "Send the body as it is signed, without Content-Encoding."));
        }

        if (http.Request.ContentLength > MaxBytes)
        {
            return (null, TooLarge());
        }

        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(BodyPatience);
        try
        {
            return await FactBody.ReadAsync(http.Request.Body, MaxBytes, patience.Token) is { } body ? (body, null) : (null, TooLarge());
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return (null, Problems.Of(408, "body-too-slow", "body", "The body took too long to come in. Send it again."));
        }
        catch (BadHttpRequestException exception)
        {
            return (null, exception.StatusCode == 413 ? TooLarge() : Problems.Of(exception.StatusCode == 408 ? 408 : 400, "body-malformed", "body", "The body ends before its end, or is chunked wrongly. Send it again."));
        }
    }

    /// <summary>The call with its body.</summary>
    public static WebhookCall CallOf(HttpContext http, byte[] body)
    {
        var target = http.Features.Get<IHttpRequestFeature>()?.RawTarget ?? "";
        var query = target.IndexOf('?', StringComparison.Ordinal);
        return new WebhookCall(http.Request.Method, query < 0 ? "" : target[query..], Header, body);

        string? Header(string name) => http.Request.Headers.TryGetValue(name, out var values) && values is [{ Length: > 0 } value] ? value : null;
    }

    private static IResult TooLarge() => Problems.Of(413, "body-too-large", "body", "A call may hold at most 4 MiB. Send smaller batches.");
}

using System.Threading.RateLimiting;
using IntegrationHub.Hub.Intake.Webhooks;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Intake;

/// <summary>
/// Back-pressure of what comes in over HTTP: so many calls are worked on at once, so many wait, and others are told to come again. What a call
/// may hold is bounded, so the memory is too.
/// </summary>
internal static class IntakeDoor
{
    /// <summary>Name of the policy.</summary>
    public const string Policy = "intake";

    /// <summary>Name of the policy of whole lists, which may take minutes each and must not keep facts out.</summary>
    public const string Lists = "lists";

    private const int AtOnce = 8;
    private const int Waiting = 32;
    private const int ListsAtOnce = 4;
    private const int ListsWaiting = 16;
    private static readonly TimeSpan _comeAgain = TimeSpan.FromSeconds(1);

    /// <summary>Adds the policy.</summary>
    public static IServiceCollection AddIntakeDoor(this IServiceCollection services) => services
        .AddRequestDecompression(packing => packing.DecompressionProviders[BrotliBodies.Name] = new BrotliBodies())
        .AddRateLimiter(limits =>
        {
            limits.AddConcurrencyLimiter(Policy, limit => (limit.PermitLimit, limit.QueueLimit, limit.QueueProcessingOrder) = (AtOnce, Waiting, QueueProcessingOrder.OldestFirst));
            limits.AddConcurrencyLimiter(Lists, limit => (limit.PermitLimit, limit.QueueLimit, limit.QueueProcessingOrder) = (ListsAtOnce, ListsWaiting, QueueProcessingOrder.OldestFirst));
            WebhookDoor.Add(limits);
            limits.OnRejected = async (context, _) =>
            {
                if (context.HttpContext.GetEndpoint()?.Metadata.GetMetadata<EnableRateLimitingAttribute>() is null)
                {
                    await CallLimits.AnswerAsync(context.HttpContext, context.Lease);
                    return;
                }

                if (WebhookDoor.Passes(context.HttpContext))
                {
                    await WebhookDoor.Unavailable(context.HttpContext, "too-many-calls", "The hub is taking in as much as it can. Send this call again.").ExecuteAsync(context.HttpContext);
                    return;
                }

                context.HttpContext.Response.Headers[HeaderNames.RetryAfter] = _comeAgain.TotalSeconds.ToString(System.Globalization.CultureInfo.InvariantCulture);
                await Problems.Of(429, "too-many-calls", "body", "The hub is taking in as much as it can. Send this call again after the seconds that Retry-After names, and fewer at once.").ExecuteAsync(context.HttpContext);
            };
        });

    /// <summary>Why the body cannot be unpacked, or null: what is still packed by now is packed in a way that nobody here knows.</summary>
    public static IResult? RefusePacking(HttpRequest request) => request.Headers.ContentEncoding.Count == 0
        ? null
        : Problems.Of(415, "content-encoding-unknown", HeaderNames.ContentEncoding, "Pack the body with gzip, deflate or br, or send it as it is.");

    /// <summary>The body is not packed as its header says.</summary>
    public static IResult Unpackable() => Problems.Of(400, "body-malformed", "body", "The body cannot be unpacked. Send what Content-Encoding says, or leave the header out.");

    /// <summary>How a call that cannot be taken in now is answered.</summary>
    public static IResult Unavailable(HttpContext http)
    {
        http.Response.Headers[HeaderNames.RetryAfter] = "5";
        return Problems.Of(503, "database-unavailable", "body", "The hub's database does not answer, so nothing of this call was taken in for certain. Send the whole call again: what is known already changes nothing.");
    }
}

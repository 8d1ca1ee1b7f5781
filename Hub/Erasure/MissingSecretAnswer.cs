using IntegrationHub.Storage.Erasures;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Answers whatever call comes to a hub that lacks a secret of tombstones: it cannot tell who was erased, so it takes nothing in and decides about nobody until it has the secret.</summary>
internal sealed class MissingSecretAnswer : IExceptionHandler
{
    private const string ComeAgain = "30";

    /// <inheritdoc />
    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        if (Find(exception) is not { } missing)
        {
            return false;
        }

        httpContext.Response.Headers[HeaderNames.RetryAfter] = ComeAgain;
        await Problems.Of(StatusCodes.Status503ServiceUnavailable, "tombstone-secret-missing", "Hub:TombstoneKeys", missing.Message).ExecuteAsync(httpContext);
        return true;
    }

    private static UnknownTombstoneSecretException? Find(Exception? exception) => exception switch
    {
        null => null,
        UnknownTombstoneSecretException missing => missing,
        _ => Find(exception.InnerException),
    };
}

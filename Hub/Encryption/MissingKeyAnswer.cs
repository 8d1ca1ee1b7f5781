using IntegrationHub.Storage.Sealing;
using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Encryption;

/// <summary>Answers a call that needs something which is sealed with a key that this hub does not have.</summary>
internal sealed class MissingKeyAnswer : IExceptionHandler
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
        await Problems.Of(StatusCodes.Status503ServiceUnavailable, "encryption-key-missing", "Hub:Encryption:Keys", missing.Message).ExecuteAsync(httpContext);
        return true;
    }

    private static MissingSealingKeyException? Find(Exception? exception) => exception switch
    {
        null => null,
        MissingSealingKeyException missing => missing,
        _ => Find(exception.InnerException),
    };
}

using Microsoft.AspNetCore.Diagnostics;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub;

/// <summary>Answers whatever call comes to a hub that lacks a secret which the database's rows need: it takes nothing in and decides about nobody until it has the secret.</summary>
/// <typeparam name="T">What is thrown where it is needed; its message says which one, and what to do.</typeparam>
/// <param name="type">Of the problem.</param>
/// <param name="setting">That names the secret.</param>
internal sealed class MissingSecretAnswer<T>(string type, string setting) : IExceptionHandler
    where T : Exception
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
        await Problems.Of(StatusCodes.Status503ServiceUnavailable, type, setting, missing.Message).ExecuteAsync(httpContext);
        return true;
    }

    private static T? Find(Exception? exception) => exception switch
    {
        null => null,
        T missing => missing,
        _ => Find(exception.InnerException),
    };
}

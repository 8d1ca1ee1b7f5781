using System.Net;
using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// Lets a request through with the API key (<c>Authorization: Bearer …</c>, compared in constant time). Without a configured key only
/// requests from this machine pass. Liveness and readiness are open: they tell nothing but up or down.
/// </summary>
internal sealed class ApiKeyGate(RequestDelegate next, ApiKey key)
{
    public Task InvokeAsync(HttpContext http)
    {
        if (http.Request.Path.StartsWithSegments("/healthz") || MayPass(http))
        {
            return next(http);
        }

        var detail = key.IsConfigured
            ? "Send the API key as 'Authorization: Bearer <key>'."
            : "No API key is configured, so only this machine may call. Set HUB_API_KEY or Hub:ApiKeyFile to admit others.";
        http.Response.Headers.WWWAuthenticate = "Bearer";
        return Problems.Of(StatusCodes.Status401Unauthorized, "unauthorized", "Authorization", detail).ExecuteAsync(http);
    }

    private bool MayPass(HttpContext http)
    {
        if (!key.IsConfigured)
        {
            return http.Connection.RemoteIpAddress is { } address && IPAddress.IsLoopback(address);
        }

        var header = http.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.Ordinal) && key.Matches(header["Bearer ".Length..]);
    }
}

/// <summary>The API key, read anew on every use so that it can be rotated without a restart.</summary>
internal sealed class ApiKey(string? file)
{
    /// <summary>Name of the environment variable.</summary>
    public const string Variable = "HUB_API_KEY";

    public bool IsConfigured => Read() is not null;

    /// <summary>Compares in constant time, also for keys of another length.</summary>
    public bool Matches(string given) =>
        Read() is { } expected && CryptographicOperations.FixedTimeEquals(Hash(given), Hash(expected));

    private static byte[] Hash(string text) => SHA256.HashData(Encoding.UTF8.GetBytes(text));

    private string? Read()
    {
        var value = Environment.GetEnvironmentVariable(Variable);
        if (string.IsNullOrEmpty(value) && file is not null && File.Exists(file))
        {
            value = File.ReadAllText(file).TrimEnd();
        }

        return string.IsNullOrEmpty(value) ? null : value;
    }
}

using IntegrationHub.Hub.Security.Oidc;

namespace IntegrationHub.Hub.Security;

/// <summary>How browsers come to the hub.</summary>
internal static class BrowserRoad
{
    /// <summary>Whether by TLS: the call itself came so, or <see cref="OidcOptions.ConsoleUrl"/> says that TLS ends in front of the hub, whatever the hub itself is called by.</summary>
#pragma warning disable RS0030 // the one place that asks both
    public static bool IsSafe(HttpContext http) => http.Request.IsHttps || http.RequestServices.GetRequiredService<OidcOptions>().IsConsoleSafe;
#pragma warning restore RS0030
}

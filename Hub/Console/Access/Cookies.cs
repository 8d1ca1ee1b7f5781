using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Access;

/// <summary>The console's cookies: no script reads those that are kept, and pages of other sites send none.</summary>
internal static class Cookies
{
    /// <summary>A cookie's value, or null.</summary>
    public static string? Find(HttpContext http, string name) => http.Request.Cookies[NameOf(http, name)] is { Length: > 0 } value ? value : null;

    /// <summary>Keeps a value as long as the browser is open.</summary>
    public static void Keep(HttpContext http, string name, string value) => http.Response.Cookies.Append(NameOf(http, name), value, Options(http));

    /// <summary>Forgets it.</summary>
    public static void Forget(HttpContext http, string name) => http.Response.Cookies.Delete(NameOf(http, name), Options(http));

    /// <summary>Over TLS no other host can set it.</summary>
    private static string NameOf(HttpContext http, string name) => BrowserRoad.IsSafe(http) ? $"__Host-{name}" : name;

    private static CookieOptions Options(HttpContext http) => new() { HttpOnly = true, Secure = BrowserRoad.IsSafe(http), SameSite = SameSiteMode.Lax, Path = "/" };
}

using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>Whether a browser makes the call for a page of another site. Browsers say so themselves, and pages cannot keep them from it.</summary>
internal static class BrowserOrigin
{
    private const string FetchSite = "Sec-Fetch-Site";

    /// <summary>The refusal of a call that another site's page makes; null for all others, and for callers that are no browsers.</summary>
    public static CallRefusal? Refuse(HttpRequest request)
    {
        var site = request.Headers[FetchSite].ToString();
        if (site.Length > 0 && site is not ("same-origin" or "none"))
        {
            return CrossSite(FetchSite);
        }

        var origin = request.Headers[HeaderNames.Origin].ToString();
        return origin.Length == 0 || IsOwn(origin, request) ? null : CrossSite(HeaderNames.Origin);
    }

    /// <summary>The scheme is left out: behind a proxy that ends TLS the hub sees another one than the browser.</summary>
    private static bool IsOwn(string origin, HttpRequest request) =>
        Uri.TryCreate(origin, UriKind.Absolute, out var from) && from.Scheme is "http" or "https"
        && request.Host.HasValue
        && string.Equals(from.Host.Trim('[', ']'), request.Host.Host.Trim('[', ']'), StringComparison.OrdinalIgnoreCase)
        && from.Port == (request.Host.Port ?? (from.IsDefaultPort ? from.Port : -1));

    private static CallRefusal CrossSite(string header) => new(
        StatusCodes.Status403Forbidden, "cross-site", header,
        "A web page of another site may not call the hub. Call it from a program, or from a page that the hub itself serves.");
}

using System.Net;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// Who may call a hub that has no API key: programs on this machine and the hub's own pages. That a connection comes from this machine is not
/// enough: a web page, a name that its owner resolves to loopback, and a proxy come from here too.
/// </summary>
/// <param name="urls">The hub's own addresses, as in <c>Hub:Urls</c>.</param>
internal sealed class LocalCalls(string urls)
{
    private static readonly string[] _forwarded =
    [
        "Forwarded", "Via", "X-Real-IP", "X-Client-IP", "X-Cluster-Client-IP", "X-Original-Host", "X-Original-For", "X-ProxyUser-IP", "True-Client-IP", "CF-Connecting-IP", "Fastly-Client-IP",
    ];

    private readonly HashSet<string> _hosts = new(
        urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(url => BindingAddress.Parse(url).Host).Where(IsOneName),
        StringComparer.OrdinalIgnoreCase);

    /// <summary>Why the call may not pass, or null when it may.</summary>
    public CallRefusal? Refuse(HttpContext http)
    {
        var request = http.Request;
        if (http.Connection.RemoteIpAddress is not { } address || !IPAddress.IsLoopback(address))
        {
            return new CallRefusal(
                StatusCodes.Status401Unauthorized, "unauthorized", HeaderNames.Authorization,
                "No API key is configured, so only this machine may call. Set HUB_API_KEY or Hub:ApiKeyFile to admit others.");
        }

        if (!IsLocal(request.Host))
        {
            return new CallRefusal(
                StatusCodes.Status403Forbidden, "host-foreign", HeaderNames.Host,
                "No API key is configured, so the hub answers only to localhost, 127.0.0.1, [::1] and the hosts of Hub:Urls. Call it by one of these, add the name to Hub:Urls, or set HUB_API_KEY or Hub:ApiKeyFile.");
        }

        if (request.Headers.Keys.FirstOrDefault(IsForwarded) is { } header)
        {
            return new CallRefusal(
                StatusCodes.Status403Forbidden, "forwarded", header,
                $"The call comes through a proxy ({header}), and no API key is configured. Set HUB_API_KEY or Hub:ApiKeyFile before others may come through it, or call the hub directly.");
        }

        return BrowserOrigin.Refuse(request);
    }

    private bool IsLocal(HostString host) =>
        host.HasValue && (string.Equals(host.Host, "localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host.Host, out var address) && IPAddress.IsLoopback(address))
            || _hosts.Contains(host.Host));

    private static bool IsForwarded(string header) =>
        header.StartsWith("X-Forwarded-", StringComparison.OrdinalIgnoreCase) || _forwarded.Contains(header, StringComparer.OrdinalIgnoreCase);

    /// <summary>A wildcard names no host.</summary>
    private static bool IsOneName(string host) => host is not ("*" or "+") && !(IPAddress.TryParse(host, out var address) && (address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any)));
}

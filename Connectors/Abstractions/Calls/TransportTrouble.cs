using System.Net.Sockets;

namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>Names for what the network does to a call: stable codes that an operator can act on.</summary>
public static class TransportTrouble
{
    /// <summary>Nobody listens at the address.</summary>
    public const string ConnectionRefused = "connection_refused";

    /// <summary>The name of the host is not known.</summary>
    public const string NameUnknown = "dns";

    /// <summary>No secure connection could be made.</summary>
    public const string NotSecure = "tls";

    /// <summary>The proxy refused the way.</summary>
    public const string ProxyRefused = "proxy";

    /// <summary>No connection was made for another reason.</summary>
    public const string NotReached = "not_reached";

    /// <summary>No answer came in time.</summary>
    public const string Timeout = "timeout";

    /// <summary>The connection broke before the answer was whole.</summary>
    public const string ConnectionFailed = "connection_failed";

    /// <summary>The name of what a transport threw.</summary>
    public static string NameOf(Exception failure) => failure switch
    {
        OperationCanceledException or TimeoutException => Timeout,
        HttpRequestException { HttpRequestError: HttpRequestError.NameResolutionError } => NameUnknown,
        HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError } => NotSecure,
        HttpRequestException { HttpRequestError: HttpRequestError.ProxyTunnelError } => ProxyRefused,
        HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError, InnerException: var cause } => cause switch
        {
            SocketException { SocketErrorCode: SocketError.ConnectionRefused } => ConnectionRefused,
            SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => NameUnknown,
            SocketException { SocketErrorCode: SocketError.TimedOut } or OperationCanceledException or TimeoutException => Timeout,
            _ => NotReached,
        },
        _ => ConnectionFailed,
    };
}

using System.Net.Sockets;
using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>Names what the network did to a call, and tells whether anything of the call can have reached the vendor.</summary>
internal static class TransportFailure
{
    /// <summary>The answer that stands for a failure of the transport.</summary>
    public static MarketoAnswer Of(Exception failure) => failure is HttpRequestException { HttpRequestError: var error }
        ? error switch
        {
            HttpRequestError.NameResolutionError => NeverSent(MarketoOutcomes.NameUnknown),
            HttpRequestError.SecureConnectionError => NeverSent(MarketoOutcomes.NotSecure),
            HttpRequestError.ProxyTunnelError => NeverSent(MarketoOutcomes.ProxyRefused),
            HttpRequestError.ConnectionError => NeverSent(NameOf(failure.InnerException)),
            _ => MarketoAnswer.Failed(MarketoOutcomes.ConnectionFailed),
        }
        : MarketoAnswer.Failed(MarketoOutcomes.ConnectionFailed);

    private static string NameOf(Exception? cause) => cause switch
    {
        SocketException { SocketErrorCode: SocketError.ConnectionRefused } => MarketoOutcomes.ConnectionRefused,
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => MarketoOutcomes.NameUnknown,
        SocketException { SocketErrorCode: SocketError.TimedOut } or OperationCanceledException or TimeoutException => MarketoOutcomes.Timeout,
        _ => MarketoOutcomes.NotReached,
    };

    private static MarketoAnswer NeverSent(string code) => MarketoAnswer.Failed(code, wasNeverSent: true);
}

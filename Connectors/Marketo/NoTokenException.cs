using IntegrationHub.Connectors.Marketo.Wire;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>A call that was not made because there is no access token. The message holds a code alone.</summary>
/// <param name="reason">Why there is none, as the answer to the call.</param>
internal sealed class NoTokenException(MarketoAnswer reason) : Exception(reason.Failure)
{
    /// <summary>Why there is none.</summary>
    public MarketoAnswer Reason { get; } = reason;
}

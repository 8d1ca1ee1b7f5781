namespace IntegrationHub.Hub.Intake.Census;

/// <summary>Why a call of Census cannot be answered; its message is shown to the person who set the sync up.</summary>
/// <param name="code">Code of JSON-RPC 2.0.</param>
/// <param name="message">What is wrong and what to do, without personal data.</param>
internal sealed class CensusException(int code, string message) : Exception(message)
{
    public const int ParseError = -32700;
    public const int InvalidRequest = -32600;
    public const int MethodNotFound = -32601;
    public const int InvalidParams = -32602;
    public const int Unavailable = -32000;

    public int Code { get; } = code;
}

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>What goes wrong with a call.</summary>
public enum FaultKind
{
    /// <summary>The answer has <see cref="Fault.Status"/> (429, 5xx …), nothing is applied.</summary>
    Status,

    /// <summary>The answer comes after <see cref="Fault.Delay"/>; otherwise as usual, other faults included.</summary>
    Slow,

    /// <summary>No answer until the client gives up, nothing is applied.</summary>
    Timeout,

    /// <summary>The connection breaks, nothing is applied.</summary>
    Reset,

    /// <summary>The call is applied, then the connection breaks; with a <see cref="Fault.Delay"/> the client waits that long first.</summary>
    LostResponse,

    /// <summary>The call is applied, the answer keeps its status and its body is cut off in the middle.</summary>
    MalformedBody,

    /// <summary>The call is applied, the answer keeps its status and has no body.</summary>
    EmptyBody,

    /// <summary>The vendor no longer takes the token that the client holds.</summary>
    TokenExpiry,

    /// <summary>Single records are refused for good in the vendor's way, see <see cref="Fault.Records"/>, <see cref="Fault.Keys"/> and <see cref="Fault.Probability"/>.</summary>
    RejectRecords,

    /// <summary>The vendor answers with a code that no document names, nothing is applied.</summary>
    UnknownCode,

    /// <summary>The answer has <see cref="Fault.Headers"/> beside its own; otherwise as usual, other faults included.</summary>
    Headers,

    /// <summary>A vendor's own fault, named by <see cref="Fault.Variant"/>; the sandbox's README lists them.</summary>
    Vendor,
}

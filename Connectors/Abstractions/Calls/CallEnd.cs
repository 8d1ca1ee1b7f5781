namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>How a call to a vendor ended.</summary>
public enum CallEnd
{
    /// <summary>With an answer, whatever it says.</summary>
    Answered,

    /// <summary>The gate did not admit it, or somebody in it must not be sent any more.</summary>
    NotAdmitted,

    /// <summary>No connection was made, or it broke before anything of the body left.</summary>
    NotReached,

    /// <summary>No answer came in time.</summary>
    TimedOut,

    /// <summary>The connection broke before the answer was whole.</summary>
    Broken,
}

namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>
/// Whether a call reached its vendor: the one rule by which what may have been done is told from what cannot have been. An operation that
/// recognises no repeat is ambiguous after <see cref="Maybe"/>, whatever a vendor's page says of sending a call again.
/// </summary>
public enum Sent
{
    /// <summary>Nothing of its body left: not admitted, no credentials, no connection. The vendor cannot have done anything.</summary>
    No,

    /// <summary>It left, and no answer says what became of it: no answer, a broken one, a 408 or a 5xx. The vendor may have done it.</summary>
    Maybe,

    /// <summary>The vendor answered it.</summary>
    Yes,
}

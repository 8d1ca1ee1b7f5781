namespace IntegrationHub.Identity;

/// <summary>What is kept of a person's decision for one purpose, as far as rules ask.</summary>
/// <param name="Status">What the person said.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="ExpiresAt">When a grant ends by itself, or null.</param>
/// <param name="HasEvidence">True when something shows the decision.</param>
public readonly record struct StoredDecision(DecidedStatus Status, DateTimeOffset DecidedAt, DateTimeOffset? ExpiresAt, bool HasEvidence);

/// <summary>What a person said.</summary>
public enum DecidedStatus
{
    /// <summary>No, and every word that is not known.</summary>
    Denied,

    /// <summary>Yes.</summary>
    Granted,

    /// <summary>Yes, and that has ended by itself.</summary>
    Expired,
}

namespace IntegrationHub.Identity;

/// <summary>What is kept of a person's decision for one purpose, as far as rules ask.</summary>
/// <param name="Status">What the person said.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="ExpiresAt">When a grant ends by itself, or null.</param>
/// <param name="HasEvidence">True when something shows the decision.</param>
public readonly record struct StoredDecision(DecidedStatus Status, DateTimeOffset DecidedAt, DateTimeOffset? ExpiresAt, bool HasEvidence);

using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>That a producer says two profiles are one person. Personal data.</summary>
/// <param name="EventId">The fact.</param>
/// <param name="Stays">First key of the profile that stays at the producer, by precedence.</param>
/// <param name="Gone">First key of the one that is gone there.</param>
/// <param name="Producer">Who says it.</param>
/// <param name="OccurredAt">When it was so.</param>
public sealed record MergeProposal(Guid EventId, PersonKey Stays, PersonKey Gone, string Producer, DateTimeOffset OccurredAt);

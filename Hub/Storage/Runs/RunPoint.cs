namespace IntegrationHub.Storage.Runs;

/// <summary>Records of a run that were settled in a span of time, by outcome.</summary>
/// <param name="At">When the span begins, in UTC.</param>
/// <param name="Counts">Records by a word of <see cref="Deliveries.LedgerOutcome"/>; outcomes that none had are left out.</param>
public sealed record RunPoint(DateTimeOffset At, IReadOnlyDictionary<string, long> Counts);

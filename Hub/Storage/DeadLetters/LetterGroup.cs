namespace IntegrationHub.Storage.DeadLetters;

/// <summary>Dead letters of one destination, operation and code.</summary>
/// <param name="Destination">Their destination.</param>
/// <param name="Operation">Their operation, snake_case.</param>
/// <param name="Code">Reason code.</param>
/// <param name="Counts">How many of each status there are; those with none are left out.</param>
/// <param name="FirstAt">When the first of them died.</param>
/// <param name="LastAt">When the last of them died.</param>
/// <param name="Days">How many died on each of the last seven days (UTC), today last.</param>
/// <param name="LastSuccessAt">When the destination last took one of the operation, or null.</param>
/// <param name="LastActionId">The last action that concerned them, or null.</param>
public sealed record LetterGroup(
    string Destination, string Operation, string Code, IReadOnlyDictionary<string, long> Counts, DateTimeOffset FirstAt, DateTimeOffset LastAt, IReadOnlyList<long> Days,
    DateTimeOffset? LastSuccessAt, long? LastActionId)
{
    /// <summary>How many wait for somebody to do something.</summary>
    public long Waiting => Counts.GetValueOrDefault(LetterStatus.Open) + Counts.GetValueOrDefault(LetterStatus.CameBack);
}

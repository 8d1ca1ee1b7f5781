namespace IntegrationHub.Storage.Standings;

/// <summary>What was stated of a person.</summary>
/// <param name="Latest">The facts that came in last, the latest first.</param>
/// <param name="Count">How many there are, up to <see cref="Most"/>.</param>
/// <param name="AreMore">True when there are more than were counted.</param>
public sealed record StatedFacts(IReadOnlyList<StatedFact> Latest, long Count, bool AreMore)
{
    /// <summary>Most facts that are counted.</summary>
    public const int Most = 1_000;
}

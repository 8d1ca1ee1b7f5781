namespace IntegrationHub.Hub.Configuration;

/// <summary>Which purpose is the vendor's global state, which are topics of it.</summary>
/// <param name="MarketingEmail">The purpose whose denial is the vendor's global opt-out of marketing e-mail; null when none is.</param>
/// <param name="Topics">Topics at the vendor by purpose.</param>
internal sealed record ConsentSection(string? MarketingEmail, IReadOnlyDictionary<string, TopicSection> Topics)
{
    /// <summary>All purposes that are kept there.</summary>
    public IEnumerable<string> Purposes => Topics.Keys.Concat(MarketingEmail is null ? [] : [MarketingEmail]).Distinct(StringComparer.Ordinal);
}

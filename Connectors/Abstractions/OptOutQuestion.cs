namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What to read of a feed of opt-outs.</summary>
/// <param name="Feed">One of <see cref="IOptOutFeed.OptOutFeeds"/>.</param>
/// <param name="Cursor">The <see cref="OptOutPage.Cursor"/> of the page before, on whatever day that was; null to begin.</param>
/// <param name="Since">Where to begin without a cursor.</param>
/// <param name="Topics">The destination's topics of consent, as the vendor names them; empty for none.</param>
public sealed record OptOutQuestion(string Feed, string? Cursor, DateTimeOffset Since, IReadOnlyList<string> Topics);

namespace IntegrationHub.Storage.Ledger;

/// <summary>Decisions about a purpose that came in of late, by what they say and where they were made. Counts alone.</summary>
/// <param name="Purpose">The purpose; <c>suppression:REASON</c> of who wants to be left alone.</param>
/// <param name="Status">A word of <see cref="Identity.ConsentWord"/>.</param>
/// <param name="Source">Where they were made.</param>
/// <param name="Count">How many lines of the ledger; one decision may stand under several keys.</param>
/// <param name="LastAt">When the last of them came in.</param>
public sealed record ConsentDay(string Purpose, string Status, string Source, long Count, DateTimeOffset LastAt);

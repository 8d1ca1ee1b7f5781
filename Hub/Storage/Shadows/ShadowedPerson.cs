namespace IntegrationHub.Storage.Shadows;

/// <summary>All that a shadow states of one person. Personal data.</summary>
/// <param name="SubjectKey">The key that the person is filed under.</param>
/// <param name="Statements">What it states, each with the number of its row.</param>
public sealed record ShadowedPerson(string SubjectKey, IReadOnlyList<(long Id, ShadowStatement Statement)> Statements);

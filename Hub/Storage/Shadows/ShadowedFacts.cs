namespace IntegrationHub.Storage.Shadows;

/// <summary>What became of facts of shadows.</summary>
/// <param name="Erased">Facts of which nothing was kept because they name somebody who was erased.</param>
/// <param name="News">Facts whose event id was not known; empty for rows of a list, which have none of their own.</param>
public sealed record ShadowedFacts(IReadOnlySet<Guid> Erased, IReadOnlySet<Guid> News);

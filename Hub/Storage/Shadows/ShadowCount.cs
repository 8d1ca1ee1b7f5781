namespace IntegrationHub.Storage.Shadows;

/// <summary>Of how many people a shadow and what counts say what of one thing.</summary>
/// <param name="Kind">See <see cref="ShadowKind"/>.</param>
/// <param name="Name">The attribute, the kind of key or the audience.</param>
/// <param name="OnlyCounting">People of whom only what counts says it.</param>
/// <param name="OnlyShadow">People of whom only the shadow does; whoever is not known is among them.</param>
/// <param name="Different">People of whom both do, not the same.</param>
/// <param name="Equal">People of whom both say the same.</param>
/// <param name="LastAt">When the shadow stated it last, of whomever; null where it never did.</param>
public sealed record ShadowCount(string Kind, string Name, long OnlyCounting, long OnlyShadow, long Different, long Equal, DateTimeOffset? LastAt);

namespace IntegrationHub.Hub.Configuration;

/// <summary>What a signal of a browser or device denies: the Global Privacy Control.</summary>
/// <param name="Denies">The purposes that it denies.</param>
/// <param name="Places">Countries and states where it does; null for everywhere.</param>
/// <param name="IsOverridable">True when a later decision of the person counts over it.</param>
internal sealed record ConsentSignal(IReadOnlyList<string> Denies, IReadOnlyList<string>? Places, bool IsOverridable);

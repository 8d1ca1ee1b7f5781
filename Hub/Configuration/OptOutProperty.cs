namespace IntegrationHub.Hub.Configuration;

/// <summary>A property of a vendor that means an opt-out.</summary>
/// <param name="Purpose">What is denied.</param>
/// <param name="Denied">The values that deny it, compared without case. Other values say nothing: a vendor's data never grant.</param>
internal sealed record OptOutProperty(string Purpose, IReadOnlyList<string> Denied);

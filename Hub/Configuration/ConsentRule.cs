namespace IntegrationHub.Hub.Configuration;

/// <summary>A named rule.</summary>
/// <param name="Name">Its name, shown with every decision.</param>
/// <param name="Allow">What it decides.</param>
internal sealed record ConsentRule(string Name, bool Allow);

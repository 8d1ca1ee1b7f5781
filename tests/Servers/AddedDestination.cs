namespace IntegrationHub.TestServers;

/// <summary>A destination that is served by one of the sample's connectors, at an address of its own.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Of">The sample's destination that it is like.</param>
/// <param name="Port">Loopback port where the vendor is.</param>
public sealed record AddedDestination(string Name, string Of, int Port)
{
    /// <summary>File that holds the API key of a Braze; null for the sample's key.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Further lines of its file.</summary>
    public string More { get; init; } = "";
}

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a file of members costs.</summary>
/// <param name="Calls">Vendor calls.</param>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="BytesADay">Bytes that the vendor lets all integrations of the account extract a day.</param>
public readonly record struct ExtractCost(long Calls, long Bytes, long BytesADay);

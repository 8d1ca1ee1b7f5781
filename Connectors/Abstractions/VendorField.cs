namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A field of people as a vendor's account has it.</summary>
/// <param name="Name">The name by which the API knows it.</param>
/// <param name="Type">Its type in the vendor's words; empty where the vendor does not say.</param>
public sealed record VendorField(string Name, string Type)
{
    /// <summary>Longest value in the vendor's count; null where the vendor tells none.</summary>
    public int? Length { get; init; }

    /// <summary>True when the API cannot write it.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>True when it is kept and what is written to it is dropped.</summary>
    public bool IsArchived { get; init; }
}

namespace IntegrationHub.Storage.Fields;

/// <summary>A field as a vendor had it from a look on.</summary>
/// <param name="Destination">The destination.</param>
/// <param name="Name">The vendor's name of it.</param>
/// <param name="SeenAt">When it was first seen so.</param>
/// <param name="Shape">How it is.</param>
/// <param name="Was">How it was before; null when it was not known.</param>
public sealed record FieldVersion(string Destination, string Name, DateTimeOffset SeenAt, FieldShape Shape, FieldShape? Was)
{
    /// <summary>False when another version came after it.</summary>
    public bool IsCurrent { get; init; } = true;
}

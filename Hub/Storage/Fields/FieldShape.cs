namespace IntegrationHub.Storage.Fields;

/// <summary>What a vendor says of a field.</summary>
/// <param name="State">One of <see cref="FieldState"/>.</param>
/// <param name="Type">Its type in the vendor's words; empty where the vendor does not say.</param>
/// <param name="Length">Longest value, or null.</param>
/// <param name="IsReadOnly">True when the API cannot write it.</param>
public sealed record FieldShape(string State, string Type, int? Length, bool IsReadOnly);

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A field of a person as the vendor shows it; what an object or a list holds in parts (<see cref="FieldAddress"/>) is shown beside the whole. Contains personal data: never log the value.</summary>
/// <param name="Name">The vendor's name of the field, or that of a part.</param>
/// <param name="Value">JSON text of the value, as the vendor spells it.</param>
/// <param name="IsVendorsOwn">True when the vendor may have filled it by itself, so that a value alone does not say that somebody wrote there; also where the vendor does not tell.</param>
public sealed record ShownField(string Name, string Value, bool IsVendorsOwn);

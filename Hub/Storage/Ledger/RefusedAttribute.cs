namespace IntegrationHub.Storage.Ledger;

/// <summary>An attribute that a statement does not change.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Kind"><see cref="Violation.NotOwner"/>, <see cref="Violation.Direction"/>, <see cref="Violation.NotMutable"/> or <see cref="Violation.Conflict"/>.</param>
public readonly record struct RefusedAttribute(string Name, string Kind);

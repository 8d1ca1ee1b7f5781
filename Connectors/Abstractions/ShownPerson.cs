namespace IntegrationHub.Connectors.Abstractions;

/// <summary>A person as the vendor shows it. Contains personal data: never log it.</summary>
/// <param name="RemoteId">The vendor's id, or null when the vendor has none.</param>
/// <param name="Fields">Every field that has a value, each once.</param>
public sealed record ShownPerson(string? RemoteId, IReadOnlyList<ShownField> Fields)
{
    /// <summary>True when the vendor shows the person as opted out of all marketing e-mail, false when it shows that this is not so, null when it does not say.</summary>
    public bool? IsOptedOut { get; init; }
}

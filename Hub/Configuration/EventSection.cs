namespace IntegrationHub.Hub.Configuration;

/// <summary>How a destination is told of events of one name.</summary>
/// <param name="Name">The vendor's name or id of the kind of event.</param>
/// <param name="NameProperty">The vendor's property that holds the canonical name, or null for none.</param>
/// <param name="Properties">The vendor's property by the canonical one; no other property leaves the hub.</param>
internal sealed record EventSection(string Name, string? NameProperty, IReadOnlyDictionary<string, string> Properties)
{
    /// <summary>The vendor's name or id for events of the past, under which nothing starts there; null where the file says none.</summary>
    public string? BackfillName { get; init; }

    /// <summary>The vendor's property that is true for events of the past, which everything that starts there leaves out; null for none.</summary>
    public string? BackfillFlag { get; init; }
}

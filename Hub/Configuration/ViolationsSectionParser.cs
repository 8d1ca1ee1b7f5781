namespace IntegrationHub.Hub.Configuration;

/// <summary>Reads <c>violations</c> of a source or of an event type: what becomes of facts that depart from their contract. Only of what is unplanned there is a choice.</summary>
internal static class ViolationsSectionParser
{
    private static readonly string[] _alwaysSetAside = ["unplanned_event", "required_missing", "type_mismatch"];

    private enum SetAside
    {
        Quarantine,
    }

    /// <summary>What becomes of unplanned properties, or null when nothing is said.</summary>
    public static UnplannedProperty? Parse(YamlSection section)
    {
        var unplanned = section.Choice<UnplannedProperty>("unplanned_property");
        foreach (var kind in _alwaysSetAside)
        {
            section.Choice<SetAside>(kind);
        }

        section.RejectUnknownKeys();
        return unplanned;
    }
}

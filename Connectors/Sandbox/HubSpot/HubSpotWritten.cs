namespace IntegrationHub.Connectors.Sandbox.HubSpot;

/// <summary>What became of an input.</summary>
internal struct HubSpotWritten
{
    public int Contact;
    public bool IsNew;
    public DateTime Created;

    /// <summary>The changes as they are kept; null when they are kept as sent.</summary>
    public FieldChange[]? Kept;
}

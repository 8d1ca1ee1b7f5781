namespace IntegrationHub.Hub.Configuration;

/// <summary>What becomes of a fact that holds a property which its schema does not know.</summary>
internal enum UnplannedProperty
{
    /// <summary>The property is left out and told; the fact is taken in.</summary>
    Omit,

    /// <summary>The fact is set aside.</summary>
    Quarantine,

    /// <summary>In the payload the property is kept with the fact, and told; elsewhere it is left out.</summary>
    Allow,
}

namespace IntegrationHub.Hub.Configuration;

/// <summary>What becomes of an attribute on its way to a destination.</summary>
internal enum FieldHandling
{
    /// <summary>It is sent as it is mapped.</summary>
    Send,

    /// <summary>The SHA-256 of the mapped value is sent in its place.</summary>
    Hash,

    /// <summary>It is not sent.</summary>
    Drop,
}

namespace IntegrationHub.Hub.Consent;

/// <summary>Whether a person lives in a region, as far as it is known.</summary>
internal enum PlaceFit
{
    /// <summary>No.</summary>
    Never,

    /// <summary>It may be: country or state are not known.</summary>
    Perhaps,

    /// <summary>Yes.</summary>
    Surely,
}

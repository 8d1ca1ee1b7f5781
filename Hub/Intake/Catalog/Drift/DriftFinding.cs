namespace IntegrationHub.Hub.Intake.Catalog.Drift;

/// <summary>Something that is not as it used to be. Nothing was set aside for it.</summary>
/// <param name="Kind">One of the constants here.</param>
/// <param name="Producer">Whose facts.</param>
/// <param name="Path">The field; empty for the facts as a whole.</param>
/// <param name="Value">The new value, where it may be shown; else null.</param>
/// <param name="Usual">What is usual: facts of such an hour or day, or the share of facts without the field; null for a new value.</param>
/// <param name="Now">The same now; for a new value how many facts have it.</param>
/// <param name="Since">From when on.</param>
internal sealed record DriftFinding(string Kind, string Producer, string Path, string? Value, double? Usual, double Now, DateTimeOffset Since)
{
    /// <summary>No facts where there are some usually.</summary>
    public const string Silent = "volume_silent";

    /// <summary>Far fewer facts than usual at such a time of the week.</summary>
    public const string Low = "volume_low";

    /// <summary>Far more facts than usual at such a time of the week.</summary>
    public const string High = "volume_high";

    /// <summary>A field says nothing far more often than it used to.</summary>
    public const string NullSpike = "null_spike";

    /// <summary>A value that a field with few values never had.</summary>
    public const string NewValue = "new_value";
}

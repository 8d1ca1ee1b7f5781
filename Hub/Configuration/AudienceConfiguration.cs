namespace IntegrationHub.Hub.Configuration;

/// <summary>An audience as configured.</summary>
internal sealed record AudienceConfiguration
{
    /// <summary>Key, which is the file name without its extension; up to 64 characters.</summary>
    public required string Key { get; init; }

    /// <summary>Name for people.</summary>
    public required string DisplayName { get; init; }

    /// <summary>Team that answers for who is in it, or null when nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>What each column of a snapshot means, in the order of the file.</summary>
    public required IReadOnlyList<SnapshotColumn> Columns { get; init; }

    /// <summary>Country of phone numbers in its lists that name none, ISO 3166 code; null to keep such numbers as they are.</summary>
    public string? DefaultCountry { get; init; }

    /// <summary>When a run waits for a person.</summary>
    public required AudienceGuardrail Guardrail { get; init; }

    /// <summary>How what vendors hold of it is compared; what it does not say is as the destination says.</summary>
    public ReconcileSection Reconcile { get; init; } = ReconcileSection.Default;

    /// <summary>Names of the destinations that the audience goes to.</summary>
    public required IReadOnlyList<string> Destinations { get; init; }
}

/// <summary>When a run waits for a person.</summary>
/// <param name="MaxRemovalShare">Largest share of the current members that a run may remove by itself, 0 to 1.</param>
/// <param name="MaxAdditionMultiple">Largest multiple of the current members that a run may add by itself, or null for no limit.</param>
internal sealed record AudienceGuardrail(double MaxRemovalShare, double? MaxAdditionMultiple);

/// <summary>A column of a snapshot.</summary>
/// <param name="Header">The header in CSV and the property in NDJSON, exactly as spelled there.</param>
/// <param name="Role">What the column holds.</param>
/// <param name="Attribute">Canonical attribute with <see cref="ColumnRole.Attribute"/>, purpose with <see cref="ColumnRole.Consent"/>, else null.</param>
internal sealed record SnapshotColumn(string Header, ColumnRole Role, string? Attribute);

/// <summary>What a column of a snapshot holds.</summary>
internal enum ColumnRole
{
    /// <summary>A canonical attribute.</summary>
    Attribute,

    /// <summary>The company's id of the person.</summary>
    ExternalId,

    /// <summary>The e-mail address.</summary>
    Email,

    /// <summary>The phone number.</summary>
    Phone,

    /// <summary>Whether the person agreed to a purpose.</summary>
    Consent,

    /// <summary>When the person decided what the consent columns say.</summary>
    ConsentTime,

    /// <summary>Nothing that the hub keeps.</summary>
    Ignored,
}

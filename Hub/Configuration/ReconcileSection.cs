namespace IntegrationHub.Hub.Configuration;

/// <summary>What is done about differences between vendor and hub.</summary>
internal enum Healing
{
    /// <summary>They are told.</summary>
    Report,

    /// <summary>Who is missing, and fields that differ, are owed again.</summary>
    Missing,

    /// <summary>That, and members who should not be there are removed.</summary>
    All,
}

/// <summary>Whose fields are read.</summary>
internal enum FieldReading
{
    /// <summary>Those of a sample.</summary>
    Sample,

    /// <summary>Everybody's.</summary>
    Whole,
}

/// <summary>How what a vendor holds is compared with what the hub believes. What is null is said elsewhere, or by default.</summary>
/// <param name="Heal">What is done about differences.</param>
/// <param name="Fields">Whose fields are read.</param>
/// <param name="Sample">People in the sample, about; from 1.</param>
/// <param name="ReadBackShare">Share of the vendor's calls of a day that comparing may take, above 0 to 1.</param>
internal sealed record ReconcileSection(Healing? Heal, FieldReading? Fields, int? Sample, double? ReadBackShare)
{
    /// <summary>People in the sample when nobody says otherwise.</summary>
    public const int DefaultSample = 400;

    /// <summary>Share of the day's calls when nobody says otherwise.</summary>
    public const double DefaultReadBackShare = 0.01;

    /// <summary>Nothing is said.</summary>
    public static ReconcileSection Default { get; } = new(null, null, null, null);
}

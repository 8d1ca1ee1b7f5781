namespace IntegrationHub.Hub.Configuration;

/// <summary>How fast backfills of a destination go.</summary>
/// <param name="Share">Share of the pace of its quota, and of its calls at one time, that backfills may use, above 0 to 1.</param>
/// <param name="Rate">People per time that a backfill writes that names no rate of its own, as <c>50/s</c>; null when only the share limits it.</param>
internal sealed record BackfillSection(double Share, string? Rate)
{
    /// <summary>Share when nobody says otherwise: whatever else comes up finds half of the pace unused.</summary>
    public const double DefaultShare = 0.5;

    /// <summary>Nothing is said.</summary>
    public static BackfillSection Default { get; } = new(DefaultShare, null);
}

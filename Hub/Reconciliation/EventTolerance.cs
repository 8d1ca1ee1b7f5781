using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>What numbers of events may differ by before it is a finding. Pure.</summary>
internal static class EventTolerance
{
    /// <summary>Share of the owed events that may be without an account: the facts of people who were erased since do not tell their name any more.</summary>
    public const double Books = 0.001;

    /// <summary>Share of the confirmed events that a vendor may count less: its counts lag, and it counts by its own clock.</summary>
    public const double Vendor = 0.02;

    /// <summary>The finding about a number of events that does not come out, as its cause; null when it does. That a vendor counts more is none: others may tell it of events too.</summary>
    public static string? CauseOf(EventVolume volume) =>
        volume.Unaccounted > volume.Owed * Books ? FindingCause.NotAccounted
        : volume.Told is { } told && told < volume.Happened * (1 - Vendor) ? FindingCause.FewerThere
        : null;
}

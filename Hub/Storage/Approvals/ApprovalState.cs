namespace IntegrationHub.Storage.Approvals;

/// <summary>How an approval stands.</summary>
public static class ApprovalState
{
    /// <summary>Words are missing.</summary>
    public const string Waiting = "waiting";

    /// <summary>All that were needed agreed, and what waited was set free.</summary>
    public const string Approved = "approved";

    /// <summary>Somebody refused.</summary>
    public const string Refused = "refused";

    /// <summary>Nobody decided in time.</summary>
    public const string Expired = "expired";

    /// <summary>What it is about has changed, is over or was asked for anew.</summary>
    public const string Withdrawn = "withdrawn";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } = [Waiting, Approved, Refused, Expired, Withdrawn];
}

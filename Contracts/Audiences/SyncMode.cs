namespace IntegrationHub.Contracts.Audiences;

/// <summary>The values of <see cref="StartAudienceSync.Mode"/>. A reader that meets another value refuses the run.</summary>
public static class SyncMode
{
    /// <summary>Considers every member: upserts changed profiles, adds who is missing, removes only whom this hub added.</summary>
    public const string Full = "full";

    /// <summary>Considers only subjects that changed since they were last planned for the destination; cost follows the change, not the audience.</summary>
    public const string Delta = "delta";

    /// <summary>As <see cref="Full"/>, and also removes members that somebody else added at the vendor. Needs a connector that can list members.</summary>
    public const string Mirror = "mirror";

    /// <summary>
    /// Compares what the vendor holds with what the hub believes, and owes only what the healing policy of the reconciliation says about those who differ. Nothing else is
    /// sent: what changed since the last run stays owed.
    /// </summary>
    public const string Reconcile = "reconcile";
}

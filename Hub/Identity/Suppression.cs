namespace IntegrationHub.Identity;

/// <summary>
/// Reasons to leave somebody alone whatever they agreed to: a hard bounce, a complaint, a legal hold. They stand in the ledger side by side, each as a purpose of its own that is denied,
/// and granted again when the reason is gone. Pure.
/// </summary>
public static class Suppression
{
    /// <summary>What their purposes begin with; no purpose of the rules holds a colon.</summary>
    public const string Prefix = "suppression:";

    /// <summary>The reason of a profile whose person another profile shows: two became one, and this one is sent nothing any more. The hub's own; nobody states it.</summary>
    public const string Merged = "merged";

    /// <summary>What stands with a profile for it.</summary>
    public static PurposeConsent OfMerged { get; } = new(ConsentWord.Denied, DateTimeOffset.UnixEpoch, "identity");

    /// <summary>The purpose that a reason stands under.</summary>
    /// <param name="reason">For example <c>hard_bounce</c>.</param>
    public static string PurposeOf(string reason) => Prefix + reason;
}

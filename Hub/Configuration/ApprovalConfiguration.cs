namespace IntegrationHub.Hub.Configuration;

/// <summary>What <c>approvals.yaml</c> says of one kind; null where it says nothing.</summary>
/// <param name="Needed">How many have to agree, from 1 to 5.</param>
/// <param name="FourEyes">Whether whoever agrees has to be a person, and another one than asked.</param>
/// <param name="AbovePeople">Nobody is asked about things that concern so many people or fewer.</param>
/// <param name="Expires">After so long it is too late to agree.</param>
internal sealed record ApprovalConfiguration(int? Needed, bool? FourEyes, long? AbovePeople, TimeSpan? Expires)
{
    /// <summary>The kind that the clock may not refuse, whatever is written.</summary>
    public const string Erasure = "erasure";

    /// <summary>What can wait for approval.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["sync", "backfill", "rollback", "config", "merge", Erasure, "replay", "reveal", "letters", "loud"];
}

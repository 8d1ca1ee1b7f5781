using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Approvals;

/// <summary>What can wait for approval.</summary>
internal static class ApprovalKind
{
    public const string Sync = "sync";
    public const string Backfill = "backfill";
    public const string Rollback = "rollback";
    public const string Config = "config";
    public const string Merge = "merge";
    public const string Erasure = ApprovalConfiguration.Erasure;
    public const string Replay = "replay";
    public const string Reveal = "reveal";
    public const string Letters = "letters";

    /// <summary>Backfills that may create people and start a vendor's automation.</summary>
    public const string Loud = "loud";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All => ApprovalConfiguration.Kinds;

    /// <summary>True for those that the clock alone does not refuse: a person's request has a deadline and an alarm of its own, and a run that a guardrail holds is to be looked at.</summary>
    public static bool WaitsForEver(string kind) => kind is Sync or Erasure;

    /// <summary>True for those that four eyes look at wherever people have keys, unless <c>approvals.yaml</c> says otherwise.</summary>
    public static bool IsOfFourEyes(string kind) => kind is Backfill or Loud or Config or Merge or Erasure or Replay;
}

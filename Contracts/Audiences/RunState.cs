namespace IntegrationHub.Contracts.Audiences;

/// <summary>The states of a run as they stand in its row, in messages and in the API. A reader treats a name that it does not know as "not over".</summary>
public static class RunState
{
    /// <summary>Asked for; no row yet.</summary>
    public const string Requested = "Requested";

    /// <summary>The snapshot is being merged into the ledger.</summary>
    public const string Snapshotting = "Snapshotting";

    /// <summary>The hub decides what the destination owes the audience.</summary>
    public const string Planning = "Planning";

    /// <summary>The guardrail holds the plan for a person.</summary>
    public const string AwaitingApproval = "AwaitingApproval";

    /// <summary>Deliveries may be claimed: in this state and in no other.</summary>
    public const string Delivering = "Delivering";

    /// <summary>Members are read back from the vendor.</summary>
    public const string Verifying = "Verifying";

    /// <summary>A person holds the run.</summary>
    public const string Paused = "Paused";

    /// <summary>What is pending is being settled; then the run is over.</summary>
    public const string Canceling = "Canceling";

    /// <summary>Over: everything arrived.</summary>
    public const string Completed = "Completed";

    /// <summary>Over: something was refused, or the vendor still differs.</summary>
    public const string CompletedWithIssues = "CompletedWithIssues";

    /// <summary>Over: a step could not succeed.</summary>
    public const string Failed = "Failed";

    /// <summary>Over: a person stopped it.</summary>
    public const string Canceled = "Canceled";

    /// <summary>Over before, and being taken back by a rollback.</summary>
    public const string RollingBack = "RollingBack";

    /// <summary>Over: what it wrote was taken back where nobody had changed it since.</summary>
    public const string RolledBack = "RolledBack";
}

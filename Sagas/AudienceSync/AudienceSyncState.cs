using MassTransit;

namespace IntegrationHub.Sagas.AudienceSync;

/// <summary>
/// One run that makes one destination look like one audience. The row is the run's record: it stays after the end and is what the console,
/// the CLI and the API show. It holds ids, counts and times, never members. All times are UTC.
/// </summary>
public sealed class AudienceSyncState : SagaStateMachineInstance
{
    /// <summary>The run.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>Name of the state in which the run is; up to 64 characters. Deliveries are claimable only while it is <c>Delivering</c>.</summary>
    public string CurrentState { get; set; } = "";

    /// <summary>Key of the audience.</summary>
    public string Audience { get; set; } = "";

    /// <summary>Name of the destination.</summary>
    public string Destination { get; set; } = "";

    /// <summary>One of <see cref="Contracts.Audiences.SyncMode"/>, or the refused value when the run failed at its start.</summary>
    public string Mode { get; set; } = "";

    /// <summary>Lane of the run's deliveries; always <c>bulk</c>.</summary>
    public string Lane { get; set; } = "bulk";

    /// <summary>Snapshot that is applied first; null when the run takes the audience as the ledger knows it.</summary>
    public Guid? SnapshotId { get; set; }

    /// <summary>Guardrail, 0 to 1: a plan that removes a larger share of the current members waits for approval.</summary>
    public double MaxRemovalShare { get; set; }

    /// <summary>Guardrail: a plan that adds more than this multiple of the current members waits for approval; null: no limit.</summary>
    public double? MaxAdditionMultiple { get; set; }

    /// <summary>Operator name, <c>cli</c> or <c>api</c>.</summary>
    public string RequestedBy { get; set; } = "";

    /// <summary>When the run was asked for.</summary>
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>Set when the hub reports the plan.</summary>
    public DateTimeOffset? PlannedAt { get; set; }

    /// <summary>Set when deliveries become claimable for the first time.</summary>
    public DateTimeOffset? DeliveringAt { get; set; }

    /// <summary>Set when no delivery of the run is pending.</summary>
    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>Set by every read-back; the last one counts.</summary>
    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>Set on entering a final state.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Last sign that the run moves: a new state, a settled claim or an answered read-back.</summary>
    public DateTimeOffset LastProgressAt { get; set; }

    /// <summary>Time of the last progress before the stall; set by a diagnosis, cleared by progress.</summary>
    public DateTimeOffset? StalledSince { get; set; }

    /// <summary>What the run waits for and what to do, in one sentence; set while it awaits approval, is paused, is stalled, or gives the vendor time.</summary>
    public string? WaitingFor { get; set; }

    /// <summary>Code of the diagnosis; set while the run is stalled.</summary>
    public string? DiagnosisCode { get; set; }

    /// <summary>What the diagnosis says to do; set while the run is stalled.</summary>
    public string? DiagnosisDetail { get; set; }

    /// <summary>Why the run failed, in snake_case; set when a step failed for good.</summary>
    public string? FailureCode { get; set; }

    /// <summary>What to do about the failure; set with <see cref="FailureCode"/>.</summary>
    public string? FailureDetail { get; set; }

    /// <summary>State in which the run goes on; set on pausing, moved on by answers that arrive while paused, cleared by resuming.</summary>
    public string? ResumeState { get; set; }

    /// <summary>Records in the plan; set with <see cref="PlannedAt"/>.</summary>
    public long? Planned { get; set; }

    /// <summary>Members that the plan adds; set with <see cref="PlannedAt"/>.</summary>
    public long? ToAdd { get; set; }

    /// <summary>Members that the plan removes; set with <see cref="PlannedAt"/>.</summary>
    public long? ToRemove { get; set; }

    /// <summary>Members whose profile the plan updates; set with <see cref="PlannedAt"/>.</summary>
    public long? ToUpdate { get; set; }

    /// <summary>Rows of the audience's last list that name nobody, while the plan removes people who may be among them; 0 when no removal is in doubt.</summary>
    public long? UnreadRows { get; set; }

    /// <summary>Members that the destination had when the plan was made, as far as the hub knew; set with <see cref="PlannedAt"/>.</summary>
    public long? CurrentMembers { get; set; }

    /// <summary>Members that the destination should have; set with <see cref="VerifiedAt"/>.</summary>
    public long? Expected { get; set; }

    /// <summary>Expected members that were found at the vendor; set with <see cref="VerifiedAt"/>.</summary>
    public long? Found { get; set; }

    /// <summary>Expected members that were not found; set with <see cref="VerifiedAt"/>.</summary>
    public long? Missing { get; set; }

    /// <summary>Members at the vendor that should not be there; set with <see cref="VerifiedAt"/>.</summary>
    public long? Unexpected { get; set; }

    /// <summary>Read-back that is under way or due next, counting from 1; set on entering Verifying.</summary>
    public int? VerificationRound { get; set; }

    /// <summary>When the members are read back again; set while the vendor is given time to show what was delivered.</summary>
    public DateTimeOffset? ReadBackAt { get; set; }

    /// <summary>Who let the run pass its guardrail; set by the approval.</summary>
    public string? ApprovedBy { get; set; }

    /// <summary>Set by the approval.</summary>
    public DateTimeOffset? ApprovedAt { get; set; }

    /// <summary>Who canceled the run; set by the cancellation.</summary>
    public string? CanceledBy { get; set; }

    /// <summary>Pending progress timeout; set while the run waits for the hub.</summary>
    public Guid? ProgressTimeoutTokenId { get; set; }

    /// <summary>Pending pause between two read-backs; set while the vendor has not caught up.</summary>
    public Guid? VerificationDelayTokenId { get; set; }

    /// <summary>Version of the row: PostgreSQL's <c>xmin</c>. Not stored where one writer at a time is the rule (SQLite).</summary>
    public uint RowVersion { get; set; }
}

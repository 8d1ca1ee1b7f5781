using MassTransit;

namespace IntegrationHub.Sagas.Runs;

/// <summary>
/// What every run has that plans, delivers and reads back. The row is the run's record: it stays after the end and is what the console, the CLI and the API show. It holds ids, counts
/// and times, never people. All times are UTC.
/// </summary>
public abstract class RunRow : SagaStateMachineInstance
{
    private protected RunRow()
    {
    }

    /// <summary>The run.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>Name of the state in which the run is; up to 64 characters. Deliveries are claimable only while it is <c>Delivering</c>.</summary>
    public string CurrentState { get; set; } = "";

    /// <summary>Name of the destination.</summary>
    public string Destination { get; set; } = "";

    /// <summary>Operator name, <c>cli</c> or <c>api</c>.</summary>
    public string RequestedBy { get; set; } = "";

    /// <summary>When the run was asked for.</summary>
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>Set when the hub reports the plan.</summary>
    public DateTimeOffset? PlannedAt { get; set; }

    /// <summary>Set when deliveries become claimable for the first time.</summary>
    public DateTimeOffset? DeliveringAt { get; set; }

    /// <summary>Until when the run waited for a person's word; set by an approval, and whenever a run that was paused goes on. What is owed since before did not wait for the hub till then.</summary>
    public DateTimeOffset? HeldUntil { get; set; }

    /// <summary>Set when no delivery of the run is pending.</summary>
    public DateTimeOffset? DeliveredAt { get; set; }

    /// <summary>Set by every read-back; the last one counts.</summary>
    public DateTimeOffset? VerifiedAt { get; set; }

    /// <summary>Set on entering a final state for the first time; stays when the run is rolled back.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Last sign that the run moves: a new state, a settled claim or an answered read-back.</summary>
    public DateTimeOffset LastProgressAt { get; set; }

    /// <summary>Time of the last progress before the stall; set by a diagnosis, cleared by progress.</summary>
    public DateTimeOffset? StalledSince { get; set; }

    /// <summary>What the run waits for and what to do, in one sentence; set while it awaits approval, is paused, is stalled, is taken back, or gives the vendor time.</summary>
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

    /// <summary>People whom the destination should show; set with <see cref="VerifiedAt"/>.</summary>
    public long? Expected { get; set; }

    /// <summary>Those of them whom it shows; set with <see cref="VerifiedAt"/>.</summary>
    public long? Found { get; set; }

    /// <summary>Those of them whom it does not show, or shows otherwise; set with <see cref="VerifiedAt"/>.</summary>
    public long? Missing { get; set; }

    /// <summary>Read-back that is under way or due next, counting from 1; set on entering Verifying.</summary>
    public int? VerificationRound { get; set; }

    /// <summary>When the destination is read back again; set while the vendor is given time to show what was delivered.</summary>
    public DateTimeOffset? ReadBackAt { get; set; }

    /// <summary>Who let the plan be delivered; set by the approval.</summary>
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

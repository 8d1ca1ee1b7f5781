using MassTransit;

namespace IntegrationHub.Sagas.Erasure;

/// <summary>
/// One person's erasure. The row is its record: it stays after the end and is what the certificate is made of. It holds no key of the person, only a keyed hash. All times are UTC.
/// </summary>
public sealed class ErasureState : SagaStateMachineInstance
{
    /// <summary>The erasure.</summary>
    public Guid CorrelationId { get; set; }

    /// <summary>One of <see cref="ErasurePhase"/>.</summary>
    public string CurrentState { get; set; } = "";

    /// <summary>One of <see cref="ErasureLaw"/>.</summary>
    public string Law { get; set; } = "";

    /// <summary>Why, as who asked for it says.</summary>
    public string Reason { get; set; } = "";

    /// <summary>Names the person without telling who it is: <c>hmac:VERSION:…</c>.</summary>
    public string SubjectHash { get; set; } = "";

    /// <summary>Who asked for it.</summary>
    public string RequestedBy { get; set; } = "";

    /// <summary>When.</summary>
    public DateTimeOffset RequestedAt { get; set; }

    /// <summary>When it has to be done by law.</summary>
    public DateTimeOffset Deadline { get; set; }

    /// <summary>The approval that it waits, or waited, for; null when none was needed.</summary>
    public Guid? ApprovalId { get; set; }

    /// <summary>Who agreed, or refused; null while nobody did.</summary>
    public string? DecidedBy { get; set; }

    /// <summary>From then on nothing about the person left.</summary>
    public DateTimeOffset? SuppressedAt { get; set; }

    /// <summary>When every destination had deleted the person, or could not.</summary>
    public DateTimeOffset? DestinationsAt { get; set; }

    /// <summary>When the hub's own tables held nothing of the person any more.</summary>
    public DateTimeOffset? ErasedAt { get; set; }

    /// <summary>Set on entering a final state.</summary>
    public DateTimeOffset? FinishedAt { get; set; }

    /// <summary>Set when half of the time was over and the person was not erased yet.</summary>
    public DateTimeOffset? AlarmedAt { get; set; }

    /// <summary>The look after the erasure that is next; 0 before.</summary>
    public int Recheck { get; set; }

    /// <summary>True when a destination could not delete, or showed the person again and did not let go.</summary>
    public bool WithIssues { get; set; }

    /// <summary>What is waited for, in a sentence; null when nothing is.</summary>
    public string? WaitingFor { get; set; }

    /// <summary>Token of the next look.</summary>
    public Guid? LookTokenId { get; set; }

    /// <summary>Token of the alarm.</summary>
    public Guid? HalfTimeTokenId { get; set; }

    /// <summary>Row version where the database has one.</summary>
    public uint RowVersion { get; set; }
}

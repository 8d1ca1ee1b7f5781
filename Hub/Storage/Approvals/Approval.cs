namespace IntegrationHub.Storage.Approvals;

/// <summary>A request with what was said to it.</summary>
/// <param name="ApprovalId">Its id.</param>
/// <param name="Request">What is asked for.</param>
/// <param name="Decisions">What was said, in order.</param>
/// <param name="State">One of <see cref="ApprovalState"/>.</param>
/// <param name="EndedAt">When it ceased to wait; null before.</param>
public sealed record Approval(Guid ApprovalId, ApprovalRequest Request, IReadOnlyList<ApprovalDecision> Decisions, string State, DateTimeOffset? EndedAt)
{
    /// <summary>Name of the column that this version cannot read; null when all can be read. What was said is then not known, and nobody can decide.</summary>
    public string? Unreadable { get; init; }

    /// <summary>How many still have to agree.</summary>
    public int Missing => Math.Max(0, Request.Needed - Decisions.Count(decision => decision.Approves));
}

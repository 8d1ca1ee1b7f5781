namespace IntegrationHub.Storage.Approvals;

/// <summary>What somebody asks others to agree to.</summary>
/// <param name="Kind">One of: sync, backfill, rollback, config, merge, erasure, replay, reveal, letters.</param>
/// <param name="Subject">What it is about, as <c>backfill:ID</c>. Of a kind and a subject one waits at a time.</param>
/// <param name="PlanHash">Hash of what is to be looked at; an agreement holds for this and nothing else.</param>
/// <param name="RequestedBy">Id of the principal that asks.</param>
/// <param name="At">When.</param>
/// <param name="ExpiresAt">When it is too late to agree; null for never.</param>
/// <param name="Needed">How many have to agree, from 1.</param>
/// <param name="FourEyes">Whether whoever agrees has to be a person, and another one than asks.</param>
/// <param name="Summary">What is agreed to, in a sentence or a few, without personal data.</param>
public sealed record ApprovalRequest(string Kind, string Subject, string PlanHash, string RequestedBy, DateTimeOffset At, DateTimeOffset? ExpiresAt, int Needed, bool FourEyes, string Summary);

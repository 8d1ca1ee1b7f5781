namespace IntegrationHub.Storage.Backfills;

/// <summary>What a backfill is about and, once it is planned, what it would do.</summary>
/// <param name="Scope">What it is about.</param>
/// <param name="PlanJson">The plan as people are shown it; null before it stands.</param>
/// <param name="PlanVersion">Version of mapping and consent policy under which it was made; null before it stands.</param>
/// <param name="PlanHash">Names the plan; null before it stands.</param>
public sealed record StoredPlan(BackfillScope Scope, string? PlanJson, string? PlanVersion, string? PlanHash);

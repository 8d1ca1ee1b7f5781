namespace IntegrationHub.Storage.Standings;

/// <summary>In what a comparison found a person to differ.</summary>
/// <param name="RunId">The run that compared.</param>
/// <param name="Kind">One of <see cref="Reconciliations.FindingKind"/>.</param>
/// <param name="Cause">One of <see cref="Reconciliations.FindingCause"/>; null while it is not found out.</param>
/// <param name="Field">The vendor's field, or null.</param>
public sealed record RunFinding(Guid RunId, string Kind, string? Cause, string? Field);

namespace IntegrationHub.Hub.Reconciliation;

/// <summary>How a stretch of comparing ended.</summary>
/// <param name="IsDone">True when everything is compared.</param>
/// <param name="GoesOnAt">When it goes on, when it is not done.</param>
/// <param name="Heal">What is done about what was found, one of <see cref="Storage.Reconciliations.HealingWord"/>.</param>
internal sealed record ReconcilePass(bool IsDone, DateTimeOffset GoesOnAt, string Heal);

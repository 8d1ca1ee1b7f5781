namespace IntegrationHub.Storage.Alerts;

/// <summary>An alert in the book.</summary>
/// <param name="AlertId">Its id.</param>
/// <param name="Told">Severity with which it was last told to anybody; empty when it was not told, because it is silenced.</param>
/// <param name="What">What it says now.</param>
/// <param name="OpenedAt">When it was opened.</param>
/// <param name="SeenAt">When it was last found to hold.</param>
/// <param name="ResolvedAt">When it was over, or null.</param>
/// <param name="Silence">Why nobody is told, or null.</param>
public sealed record StoredAlert(long AlertId, string Told, AlertInput What, DateTimeOffset OpenedAt, DateTimeOffset SeenAt, DateTimeOffset? ResolvedAt, AlertSilence? Silence);

namespace IntegrationHub.Storage.Alerts;

/// <summary>That nobody is told of a cause for a while.</summary>
/// <param name="Until">When it ends.</param>
/// <param name="Reason">Why.</param>
/// <param name="By">Who said so.</param>
public sealed record AlertSilence(DateTimeOffset Until, string Reason, string By);

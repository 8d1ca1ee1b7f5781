namespace IntegrationHub.Hub.Security;

/// <summary>Why the command of this call is given, for the audit log.</summary>
/// <param name="Reason">As it was said.</param>
internal sealed record SaidWhy(string Reason);

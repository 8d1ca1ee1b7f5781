namespace IntegrationHub.Hub.Configuration;

/// <summary>How e-mail is sent.</summary>
/// <param name="Host">The server.</param>
/// <param name="Port">Its port.</param>
/// <param name="IsPlain">True when it may go unencrypted, as to a relay on the same machine.</param>
/// <param name="User">Who logs in, or null.</param>
/// <param name="From">The sender's address.</param>
/// <param name="To">The receivers' addresses.</param>
internal sealed record MailSection(string Host, int Port, bool IsPlain, string? User, string From, IReadOnlyList<string> To);

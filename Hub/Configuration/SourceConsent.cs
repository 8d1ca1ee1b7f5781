namespace IntegrationHub.Hub.Configuration;

/// <summary>What a source's consent categories mean.</summary>
/// <param name="Categories">Purpose by category. A category that is not named says nothing.</param>
/// <param name="MayGrant">
/// True when its preference call may grant. Any source may say that somebody withdrew; consent that travels with another call never leaves that call's fact.
/// </param>
internal sealed record SourceConsent(IReadOnlyDictionary<string, string> Categories, bool MayGrant);

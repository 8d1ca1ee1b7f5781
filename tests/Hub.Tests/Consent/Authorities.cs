using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;

namespace IntegrationHub.Hub.Tests.Consent;

/// <summary>Authorities for tests of what is read.</summary>
internal static class Authorities
{
    /// <summary>Everybody may grant: the configuration names no sources.</summary>
    public static ConsentAuthority Everybody { get; } = new(new ConsentRules("v1", []), []);

    /// <summary>The authority of named sources beside the destination <c>marketo</c>.</summary>
    public static ConsentAuthority Of(params ConsentSource[] sources) => new(new ConsentRules("v1", []) { Sources = sources }, ["marketo"]);
}

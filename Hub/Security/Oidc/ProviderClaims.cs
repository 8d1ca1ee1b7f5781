using System.Security.Claims;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>
/// Reads who somebody is from the claims of a token that was proven. A program must never pass for a person, who may be one of four eyes: what tells that nobody sat there when the token
/// was given differs between providers, and any of the signs is enough.
/// </summary>
internal sealed class ProviderClaims(OidcOptions options, ProviderRoles roles)
{
    private const int LongestId = 200;
    private const int LongestName = 100;

    /// <summary>Whom an access token is about.</summary>
    /// <returns>The caller, or in words why nobody can be made of it.</returns>
    public (ProvenCaller? Caller, string? Problem) Read(ClaimsIdentity token) => ClientOf(token) is var client && IsOfProgram(token, client) ? Service(token, client) : Person(token);

    /// <summary>Who signed in.</summary>
    /// <returns>The person, or in words why nobody can be made of it.</returns>
    public (ProvenCaller? Caller, string? Problem) Person(ClaimsIdentity token)
    {
        var claim = options.PrincipalClaim;
        if (Value(token, claim) is not { } said)
        {
            return (null, $"The provider does not say who this is: the token has not exactly one claim '{claim}'.");
        }

        if (claim == "email" && Value(token, "email_verified") is "false" or "False")
        {
            return (null, "The provider has not verified this address of e-mail, so it proves nobody.");
        }

        return Make(token, PrincipalKind.Person, "person", claim == "sub" ? said : said.ToLowerInvariant(), Value(token, "name") ?? Value(token, "preferred_username") ?? Value(token, "email"));
    }

    private (ProvenCaller? Caller, string? Problem) Service(ClaimsIdentity token, string? client) => client is null
        ? (null, "The token is a program's and does not say which: it has no client_id, azp, appid or cid.")
        : Make(token, PrincipalKind.Service, "service", client, null);

    private (ProvenCaller? Caller, string? Problem) Make(ClaimsIdentity token, PrincipalKind kind, string prefix, string said, string? name)
    {
        var id = $"{prefix}:{said}";
        return id.Length > LongestId || said.Length == 0 || said.Any(character => character is < '!' or > '~') ? (null, "What the provider calls this caller is no id for the hub: 1 to 190 visible ASCII characters.")
            : id == Security.Principal.OfApiKey.Id ? (null, $"{id} is the hub's own name for the key of its settings. Call the client something else.")
            : (new ProvenCaller(id, kind, Short(name) ?? said, roles.Known(token.FindAll(options.RolesClaim).Select(group => group.Value))), null);
    }

    private static string? ClientOf(ClaimsIdentity token) => Value(token, "client_id") ?? Value(token, "azp") ?? Value(token, "appid") ?? Value(token, "cid");

    private static bool IsOfProgram(ClaimsIdentity token, string? client)
    {
        var subject = Value(token, "sub");
        return Value(token, "idtyp") == "app" // Entra, where that optional claim is on
            || (subject is not null && Value(token, "oid") == subject) // Entra: a person's sub is made per application, that of a program is its oid
            || Value(token, "gty") == "client-credentials" // Auth0
            || (client is not null && (
                subject == client // RFC 9068, section 2.2: the subject of a client's own token is the client; so Okta
                || subject == $"{client}@clients" // Auth0
                || string.Equals(Value(token, "preferred_username"), $"service-account-{client}", StringComparison.OrdinalIgnoreCase))); // Keycloak
    }

    private static string? Value(ClaimsIdentity token, string claim) => token.FindAll(claim).Take(2).ToList() is [{ Value: { Length: > 0 } value }] ? value : null;

    private static string? Short(string? name) => name is { Length: > LongestName } ? name[..LongestName] : name;
}

using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.IdentityModel.Tokens;
using Microsoft.Net.Http.Headers;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>Access tokens of the identity provider at the API: whose they are, or why they open nothing.</summary>
internal sealed partial class BearerTokens(OidcOptions options, ProviderWord provider, ProviderClaims claims, ProviderRoles roles, KeyRing keys, ILogger<BearerTokens> logger)
{
    /// <summary>Problem type of a token that proves nothing.</summary>
    public const string Refused = "token-refused";

    private static readonly string[] _kindsOfOthers = ["ID", "Refresh", "Offline", "Logout"];

    /// <summary>Whether tokens are taken at all.</summary>
    public bool IsOn => options.TakesTokens;

    /// <summary>Whether a text is meant as one; keys of the hub have no dots.</summary>
    public bool Takes(string given) => IsOn && given.AsSpan().Count('.') == 2;

    /// <summary>Who calls by the token of the request.</summary>
    /// <exception cref="System.Data.Common.DbException">The database does not answer, so it cannot be told who was disabled.</exception>
    public async Task<(Principal? Caller, CallRefusal? Refusal)> FindAsync(HttpContext http)
    {
        if (await provider.ForTokensAsync(http.RequestAborted) is null)
        {
            return (null, new CallRefusal(StatusCodes.Status503ServiceUnavailable, "provider-unavailable", HeaderNames.Authorization, "The identity provider does not answer, so the token cannot be checked. Send the call again; keys of the hub ('keys create') work meanwhile."));
        }

        var proof = await http.AuthenticateAsync(JwtBearerDefaults.AuthenticationScheme);
        if (proof.Principal?.Identity is not ClaimsIdentity { IsAuthenticated: true } token)
        {
            return Refuse(Why(proof.Failure));
        }

        if (IsOfAnotherKind(token))
        {
            return Refuse("it is no access token: what signs people in opens no API");
        }

        var (caller, problem) = claims.Read(token);
        if (caller is null)
        {
            return Refuse(problem!);
        }

        if (await keys.IsDisabledAsync(caller.Id, http.RequestAborted))
        {
            return (null, new CallRefusal(StatusCodes.Status403Forbidden, "principal-disabled", HeaderNames.Authorization, Disabled(caller.Id)));
        }

        return caller.Groups.Count == 0
            ? (null, new CallRefusal(StatusCodes.Status403Forbidden, "role-missing", HeaderNames.Authorization, RoleMissing(caller.Id, options.RolesClaim)))
            : (roles.Principal(caller), null);
    }

    /// <summary>What whoever was disabled is told.</summary>
    public static string Disabled(string id) => $"{id} was disabled at this hub, so what the identity provider says opens nothing. Ask whoever has the scope {Scope.Admin}: 'keys enable'.";

    /// <summary>What whoever has no role is told.</summary>
    public static string RoleMissing(string id, string claim) =>
        $"The identity provider knows {id}, but none of the groups that it names (claim '{claim}') has a role at this hub. Ask whoever keeps the groups to put you into one that has; which those are, whoever runs the hub knows: Hub:Oidc:Viewers, Operators, Approvers, PrivacyOfficers and Admins.";

    private (Principal?, CallRefusal?) Refuse(string why)
    {
        LogRefused(options.Audience!, why);
        return (null, new CallRefusal(StatusCodes.Status401Unauthorized, Refused, HeaderNames.Authorization, $"The token opens nothing: {why}. Get another one from the identity provider."));
    }

    private string Why(Exception? failure) => failure switch
    {
        SecurityTokenExpiredException => "it has expired",
        SecurityTokenNotYetValidException => "it is not valid yet; compare the clocks of hub and provider",
        SecurityTokenNoExpirationException => "it never expires",
        SecurityTokenInvalidAudienceException => $"it was made for others; this hub is '{options.Audience}'",
        SecurityTokenInvalidIssuerException => $"another issuer than {options.Authority} made it",
        SecurityTokenInvalidTypeException => "it is no access token",
        _ => "it has no signature that the provider's keys prove",
    };

    /// <summary>An ID token says who signed in somewhere, and goes to places that an access token never sees.</summary>
    private static bool IsOfAnotherKind(ClaimsIdentity token) => token.HasClaim(claim => claim.Type is "nonce" or "at_hash" or "c_hash" or "events" || (claim.Type == "typ" && _kindsOfOthers.Contains(claim.Value)));

    [LoggerMessage(3851, LogLevel.Warning, "A token for {Name} was refused: {Reason}")]
    private partial void LogRefused(string name, string reason);
}

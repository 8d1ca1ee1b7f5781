using System.ComponentModel.DataAnnotations;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>The identity provider that vouches for people and programs by OpenID Connect, beside the keys of the hub; section <c>Hub:Oidc</c>. Groups are separated by semicolons, and are written as the provider writes them.</summary>
internal sealed class OidcOptions
{
    /// <summary>Address of the provider, which is its issuer, for example <c>https://login.example.org/realms/work</c>. Without it callers have keys of the hub alone; with it nobody calls without a key or a token.</summary>
    public string? Authority { get; set; }

    /// <summary>Id of the client as which the provider knows the console. Without it people sign in by key alone.</summary>
    public string? ClientId { get; set; }

    /// <summary>File that holds that client's secret, 16 characters or more, read anew on every use; needed with <see cref="ClientId"/>. Every hub of a database has the same.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>What access tokens for the API are made for, their <c>aud</c>. Without it the API takes keys alone.</summary>
    public string? Audience { get; set; }

    /// <summary>Where browsers find the console, for example <c>https://hub.example.org</c>: needed where TLS ends in front of the hub, also where people sign in with keys alone. With <c>https</c> every cookie of the console is for TLS only. Else the address that a browser came with.</summary>
    public string? ConsoleUrl { get; set; }

    /// <summary>What the sign-in page calls the provider.</summary>
    [Required]
    public string Name { get; set; } = "your identity provider";

    /// <summary>Scopes that the console asks the provider for, separated by spaces; <c>openid</c> is one of them.</summary>
    [Required]
    public string Scopes { get; set; } = "openid profile email";

    /// <summary>Claim that says who a person is: <c>person:</c> and its value. All but <c>sub</c> are written in lower case. It has to be the same in both kinds of tokens, never given to another person, and nothing that people can change themselves.</summary>
    [Required]
    public string PrincipalClaim { get; set; } = "sub";

    /// <summary>Claim that names the groups, or roles, of whoever the token is about.</summary>
    [Required]
    public string RolesClaim { get; set; } = "groups";

    /// <summary>Groups whose members are viewers.</summary>
    public string? Viewers { get; set; }

    /// <summary>Groups whose members are operators.</summary>
    public string? Operators { get; set; }

    /// <summary>Groups whose members are approvers.</summary>
    public string? Approvers { get; set; }

    /// <summary>Groups whose members are privacy officers.</summary>
    public string? PrivacyOfficers { get; set; }

    /// <summary>Groups whose members are admins.</summary>
    public string? Admins { get; set; }

    /// <summary>How long the console goes by what the provider said at sign-in, whatever its reader does meanwhile; then the provider is asked again.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "08:00:00")]
    public TimeSpan LongestSession { get; set; } = TimeSpan.FromHours(8);

    /// <summary>Whether signing out of the console signs out at the provider, too, where it offers that. Set to <c>false</c> where the provider refuses a sign-out that shows no ID token, as Okta does: the hub keeps none.</summary>
    public bool SignOutAtProvider { get; set; } = true;

    /// <summary>Whether the provider has to be called by HTTPS. One on this machine need not be.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>Whether there is a provider.</summary>
    internal bool IsOn => Authority is not null;

    /// <summary>Whether people sign in there.</summary>
    internal bool SignsIn => IsOn && ClientId is not null;

    /// <summary>Whether the API takes its tokens.</summary>
    internal bool TakesTokens => IsOn && Audience is not null;

    /// <summary>Whether browsers come by TLS, as far as it is said.</summary>
    internal bool IsConsoleSafe => ConsoleUrl?.StartsWith("https:", StringComparison.OrdinalIgnoreCase) is true;
}

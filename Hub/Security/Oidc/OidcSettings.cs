using System.ComponentModel.DataAnnotations;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>Checks what is said of the identity provider, without calling it and without a look at the secret.</summary>
internal static class OidcSettings
{
    private const string Section = "Hub:Oidc";

    /// <summary>Every error; none where no provider is named.</summary>
    public static IEnumerable<ConfigurationError> Check(OidcOptions options)
    {
        var results = new List<ValidationResult>();
        Validator.TryValidateObject(options, new ValidationContext(options), results, validateAllProperties: true);
        foreach (var result in results)
        {
            yield return Wrong($"{result.MemberNames.First()}: {result.ErrorMessage}", "Set it or leave it out.");
        }

        if (options.ConsoleUrl is not null && Address(options.ConsoleUrl) is not { PathAndQuery: "/" })
        {
            yield return Wrong("ConsoleUrl is no address of a host.", "Write it without a path: https://hub.example.org.");
        }

        if (options.Authority is null)
        {
            if (options.ClientId is not null || options.Audience is not null)
            {
                yield return Wrong("Authority is missing.", "Set it to the issuer of the provider, such as https://login.example.org/realms/work.");
            }

            yield break;
        }

        if (Address(options.Authority) is not { } authority || authority.Query.Length > 0)
        {
            yield return Wrong("Authority is no address.", "Set it to the issuer of the provider, such as https://login.example.org/realms/work.");
        }
        else if (NeedsHttps(options) && authority.Scheme != Uri.UriSchemeHttps)
        {
            yield return Wrong("Authority is called without TLS, so anybody on the way could say who somebody is.", "Use https, or set Hub:Oidc:RequireHttps=false on a network that you trust whole.");
        }

        if (options.ClientId is null && options.Audience is null)
        {
            yield return Wrong("neither ClientId nor Audience is set, so nobody could come from the provider.", "Set ClientId for the console, Audience for the API, or both.");
        }

        if (options.ClientId is not null && options.ClientSecretFile is null)
        {
            yield return Wrong("ClientSecretFile is missing.", "Name the file that holds the client's secret.");
        }

        if (!options.Scopes.Split(' ').Contains("openid"))
        {
            yield return Wrong("Scopes lacks openid.", "Write 'openid profile email', and what else the provider wants to be asked for.");
        }

        if (new ProviderRoles(options).IsEmpty)
        {
            yield return Wrong("no group has a role, so nobody who comes from the provider could do anything.", "Set one of Viewers, Operators, Approvers, PrivacyOfficers, Admins to the groups that are these.");
        }
    }

    /// <summary>Whether the provider has to be called by TLS; not on this machine.</summary>
    public static bool NeedsHttps(OidcOptions options) => options.RequireHttps && !(Address(options.Authority) is { IsLoopback: true });

    private static Uri? Address(string? text) => Uri.TryCreate(text, UriKind.Absolute, out var address) && address.Scheme is "http" or "https" && address is { UserInfo: "", Fragment: "" } ? address : null;

    private static ConfigurationError Wrong(string problem, string fix) => new("settings", 0, $"{Section}: {problem}", fix);
}

using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>What the provider publishes of itself: its issuer, addresses and keys, as they were an hour ago at most, and at once when a token is signed with a key that nobody knows.</summary>
internal sealed partial class ProviderWord(OidcOptions options, IOptionsMonitor<JwtBearerOptions> bearer, IOptionsMonitor<OpenIdConnectOptions> browser, TimeProvider time, ILogger<ProviderWord> logger)
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(10);

    /// <summary>For the API; null when the provider does not answer and was never heard of before.</summary>
    public Task<OpenIdConnectConfiguration?> ForTokensAsync(CancellationToken cancellationToken) => ReadAsync(bearer.Get(JwtBearerDefaults.AuthenticationScheme).ConfigurationManager!, cancellationToken);

    /// <summary>For the console; null as the other one.</summary>
    public Task<OpenIdConnectConfiguration?> ForSignInAsync(CancellationToken cancellationToken) => ReadAsync(browser.Get(OpenIdConnectDefaults.AuthenticationScheme).ConfigurationManager!, cancellationToken);

    private async Task<OpenIdConnectConfiguration?> ReadAsync(IConfigurationManager<OpenIdConnectConfiguration> manager, CancellationToken cancellationToken)
    {
        try
        {
            return await manager.GetConfigurationAsync(cancellationToken).WaitAsync(_patience, time, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogSilent(options.Authority!, (exception.InnerException ?? exception).GetType().Name);
            return null;
        }
    }

    [LoggerMessage(3850, LogLevel.Warning, "The identity provider {Name} does not answer ({Error}): nobody can sign in there, and its tokens cannot be checked; keys of the hub work")]
    private partial void LogSilent(string name, string error);
}

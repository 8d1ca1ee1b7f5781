using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>Brings ASP.NET Core's two ways of OpenID Connect: tokens at the API, signing in at the console. Neither looks at a request by itself: the gates ask.</summary>
internal static class ProviderSetup
{
    /// <summary>Where the provider sends browsers back to.</summary>
    public const string Callback = "/sign-in/callback";

    private const string Nobody = "nobody-by-default";

    /// <summary>Signatures that are proven with a public key; with none a token is anybody's, and with a shared secret whoever checks it could make it.</summary>
    private static readonly string[] _algorithms =
    [
        SecurityAlgorithms.RsaSha256, SecurityAlgorithms.RsaSha384, SecurityAlgorithms.RsaSha512, SecurityAlgorithms.RsaSsaPssSha256, SecurityAlgorithms.RsaSsaPssSha384, SecurityAlgorithms.RsaSsaPssSha512,
        SecurityAlgorithms.EcdsaSha256, SecurityAlgorithms.EcdsaSha384, SecurityAlgorithms.EcdsaSha512,
    ];

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan _between = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _clocks = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _longestSignIn = TimeSpan.FromMinutes(15);

    /// <summary>Adds what reads the provider's words; before the console.</summary>
    /// <exception cref="HubConfigurationException">The client's secret is missing.</exception>
    public static IServiceCollection AddProvider(this IServiceCollection services, OidcOptions oidc)
    {
        services.AddSingleton(oidc).AddSingleton<ProviderRoles>().AddSingleton<ProviderClaims>().AddSingleton<ProviderWord>().AddSingleton<BearerTokens>().AddSingleton<ClientSecret>().AddSingleton<SignInSeal>();
        if (!oidc.IsOn)
        {
            return services;
        }

        AppContext.SetSwitch("Switch.Microsoft.IdentityModel.UpdateConfigAsBlocking", true); // else the first token with a new key is refused while the keys are read behind it
        var authentication = services.AddAuthentication(Nobody);
        if (oidc.TakesTokens)
        {
            authentication.AddJwtBearer(bearer => SetUp(bearer, oidc));
            services.PostConfigure<JwtBearerOptions>(JwtBearerDefaults.AuthenticationScheme, bearer => ForgetWithdrawnKeys(bearer.ConfigurationManager));
        }

        if (oidc.SignsIn)
        {
            new ClientSecret(oidc).Check();
            authentication.AddOpenIdConnect();
            services.AddOptions<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme).Configure<SignInSeal>((browser, seal) => SetUp(browser, oidc, seal));
            services.PostConfigure<OpenIdConnectOptions>(OpenIdConnectDefaults.AuthenticationScheme, browser => ForgetWithdrawnKeys(browser.ConfigurationManager));
        }

        return services;
    }

    /// <summary>Takes the provider's answers to a sign-in.</summary>
    public static void UseProvider(this WebApplication web)
    {
        if (web.Services.GetRequiredService<OidcOptions>().IsOn)
        {
            web.UseAuthentication();
        }
    }

    private static void SetUp(JwtBearerOptions bearer, OidcOptions oidc)
    {
        bearer.Authority = oidc.Authority;
        bearer.RequireHttpsMetadata = OidcSettings.NeedsHttps(oidc);
        (bearer.BackchannelTimeout, bearer.AutomaticRefreshInterval, bearer.RefreshInterval) = (_patience, _fresh, _between);
        (bearer.MapInboundClaims, bearer.SaveToken) = (false, false);
        bearer.TokenValidationParameters = Proof(oidc.Audience!);
        bearer.TokenValidationParameters.TypeValidator = TypeOf;
    }

    private static void SetUp(OpenIdConnectOptions browser, OidcOptions oidc, SignInSeal seal)
    {
        browser.Authority = oidc.Authority;
        browser.RequireHttpsMetadata = OidcSettings.NeedsHttps(oidc);
        (browser.BackchannelTimeout, browser.AutomaticRefreshInterval, browser.RefreshInterval) = (_patience, _fresh, _between);
        browser.ClientId = oidc.ClientId;
        browser.ResponseType = OpenIdConnectResponseType.Code;
        browser.ResponseMode = OpenIdConnectResponseMode.Query; // a form that another site posts is refused at the console, and its cookies go with no such form
        browser.PushedAuthorizationBehavior = PushedAuthorizationBehavior.Disable;
        browser.CallbackPath = Callback;
        browser.Scope.Clear();
        foreach (var scope in oidc.Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            browser.Scope.Add(scope);
        }

        (browser.UsePkce, browser.MapInboundClaims, browser.SaveTokens, browser.DisableTelemetry) = (true, false, false, true);
        browser.TokenValidationParameters = Proof(oidc.ClientId!);
        browser.DataProtectionProvider = seal;
        (browser.RemoteAuthenticationTimeout, browser.ProtocolValidator.NonceLifetime) = (_longestSignIn, _longestSignIn);
        SetUp(browser.CorrelationCookie, "hub-sign-in.", oidc);
        SetUp(browser.NonceCookie, "hub-sign-in-nonce.", oidc);
    }

    /// <summary>Over TLS no other host can set them, as the console's own cookies.</summary>
    private static void SetUp(CookieBuilder cookie, string name, OidcOptions oidc)
    {
        cookie.Name = oidc.IsConsoleSafe ? $"__Host-{name}" : name;
        cookie.Path = "/";
        cookie.SameSite = SameSiteMode.Lax;
        cookie.SecurePolicy = oidc.IsConsoleSafe ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
    }

    private static TokenValidationParameters Proof(string audience) => new()
    {
        ValidAudience = audience,
        ValidAlgorithms = _algorithms,
        RequireSignedTokens = true,
        RequireExpirationTime = true,
        ClockSkew = _clocks,
    };

    /// <summary>Providers write <c>at+jwt</c> (RFC 9068), <c>JWT</c> or nothing at all.</summary>
    private static string TypeOf(string? type, SecurityToken token, TokenValidationParameters parameters) => type?.ToUpperInvariant() is null or "" or "JWT" or "AT+JWT" or "APPLICATION/AT+JWT"
        ? type ?? ""
        : throw new SecurityTokenInvalidTypeException("The token is of a kind that opens no API.");

    /// <summary>Else a key that the provider has withdrawn would go on opening for an hour.</summary>
    private static void ForgetWithdrawnKeys(IConfigurationManager<OpenIdConnectConfiguration>? manager)
    {
        if (manager is BaseConfigurationManager { } known)
        {
            known.UseLastKnownGoodConfiguration = false;
        }
    }
}

using System.Collections.Immutable;
using System.Net.Http.Json;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;
using OpenIddict.Abstractions;
using OpenIddict.Server;
using OpenIddict.Server.AspNetCore;
using Known = OpenIddict.Abstractions.OpenIddictConstants;

namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>A real OpenID provider (OpenIddict) on loopback, which signs in whoever is said to sit at the browser without asking.</summary>
internal sealed class IdentityProvider : IAsyncDisposable
{
    /// <summary>What the hub's API is called there.</summary>
    public const string Audience = "hub-api";

    /// <summary>The console's client.</summary>
    public const string Console = "hub-console";

    /// <summary>Its secret.</summary>
    public const string Secret = "the secret of the console's client";

    /// <summary>A program's client.</summary>
    public const string Program = "nightly-load";

    private const string Scheme = OpenIddictServerAspNetCoreDefaults.AuthenticationScheme;
    private readonly WebApplication _web;
    private readonly SqliteConnection _database;
    private readonly HttpClient _http;

    private IdentityProvider(WebApplication web, SqliteConnection database, RsaSecurityKey key)
    {
        (_web, _database, Key) = (web, database, key);
        _http = new HttpClient { BaseAddress = new Uri(web.Urls.Single()) };
    }

    /// <summary>Its issuer.</summary>
    public Uri Address => _http.BaseAddress!;

    /// <summary>What it signs with.</summary>
    public RsaSecurityKey Key { get; private set; }

    /// <summary>Who sits at the browser, and who asks for a token.</summary>
    public Member Present { get; set; } = new("nobody", "Nobody");

    /// <summary>Whether every connection is closed unanswered.</summary>
    public bool IsDown { get; set; }

    /// <summary>Whether it lets nobody in.</summary>
    public bool Denies { get; set; }

    /// <summary>How often somebody was signed out.</summary>
    public int SignOuts { get; private set; }

    /// <summary>Starts one.</summary>
    public static async Task<IdentityProvider> StartAsync()
    {
        var database = new SqliteConnection("Data Source=:memory:");
        await database.OpenAsync();
        var key = NewKey();
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddDbContext<DbContext>(options => options.UseSqlite(database).UseOpenIddict());
        builder.Services.AddOpenIddict()
            .AddCore(core => core.UseEntityFrameworkCore().UseDbContext<DbContext>())
            .AddServer(server =>
            {
                server.SetAuthorizationEndpointUris("authorize").SetTokenEndpointUris("token").SetEndSessionEndpointUris("leave");
                server.AllowAuthorizationCodeFlow().RequireProofKeyForCodeExchange().AllowClientCredentialsFlow().AllowPasswordFlow();
                server.RegisterScopes(Known.Scopes.Profile, Known.Scopes.Email);
                server.AddEphemeralEncryptionKey().AddSigningKey(key).DisableAccessTokenEncryption();
                server.UseAspNetCore().DisableTransportSecurityRequirement().EnableAuthorizationEndpointPassthrough().EnableTokenEndpointPassthrough().EnableEndSessionEndpointPassthrough();
            });
        var web = builder.Build();
        IdentityProvider? provider = null;
        web.Use(async (http, next) =>
        {
            if (provider!.IsDown)
            {
                http.Abort();
                return;
            }

            await next(http);
        });
        web.UseRouting();
        web.UseAuthentication();
        web.MapGet("/authorize", (HttpContext http) => provider!.Denies
            ? Results.Forbid(new AuthenticationProperties(new Dictionary<string, string?> { [OpenIddictServerAspNetCoreConstants.Properties.Error] = Known.Errors.AccessDenied }), [Scheme])
            : Results.SignIn(PrincipalOf(provider.Present, http.GetOpenIddictServerRequest()!), null, Scheme));
        web.MapPost("/token", async (HttpContext http) =>
        {
            var request = http.GetOpenIddictServerRequest()!;
            return Results.SignIn(
                request.IsAuthorizationCodeGrantType() ? Deliver((await http.AuthenticateAsync(Scheme)).Principal!)
                : PrincipalOf(request.IsClientCredentialsGrantType() ? new Member(request.ClientId!, "", provider!.Present.Groups) : provider!.Present, request),
                null, Scheme);
        });
        web.MapGet("/leave", () =>
        {
            provider!.SignOuts++;
            return Results.SignOut(new AuthenticationProperties { RedirectUri = "/" }, [Scheme]);
        });
        await web.StartAsync();
        provider = new IdentityProvider(web, database, key);
        await provider.WriteAsync(services => services.GetRequiredService<DbContext>().Database.EnsureCreatedAsync());
        await provider.AddAsync(new OpenIddictApplicationDescriptor { ClientId = "cli", Permissions = { Known.Permissions.Endpoints.Token, Known.Permissions.GrantTypes.Password } });
        await provider.AddAsync(new OpenIddictApplicationDescriptor { ClientId = Program, ClientSecret = Secret, Permissions = { Known.Permissions.Endpoints.Token, Known.Permissions.GrantTypes.ClientCredentials } });
        return provider;
    }

    /// <summary>Makes the console of a hub known.</summary>
    public Task AddConsoleAsync(Uri hub) => AddAsync(new OpenIddictApplicationDescriptor
    {
        ClientId = Console,
        ClientSecret = Secret,
        RedirectUris = { new Uri(hub, "/sign-in/callback") },
        PostLogoutRedirectUris = { new Uri(hub, "/signed-out") },
        Permissions =
        {
            Known.Permissions.Endpoints.Authorization, Known.Permissions.Endpoints.Token, Known.Permissions.Endpoints.EndSession, Known.Permissions.GrantTypes.AuthorizationCode, Known.Permissions.ResponseTypes.Code, Known.Permissions.Scopes.Profile, Known.Permissions.Scopes.Email,
        },
    });

    /// <summary>A token that it gives to whoever is there.</summary>
    public Task<string> TokenAsync(Member member)
    {
        Present = member;
        return AskAsync(new() { ["grant_type"] = "password", ["client_id"] = "cli", ["username"] = member.Subject, ["password"] = "any" });
    }

    /// <summary>A token that it gives to the program.</summary>
    public Task<string> ProgramTokenAsync(params string[] groups)
    {
        Present = new Member(Program, "", groups);
        return AskAsync(new() { ["grant_type"] = "client_credentials", ["client_id"] = Program, ["client_secret"] = Secret });
    }

    /// <summary>A token as it would give it, signed with its key, but for one thing.</summary>
    public string Forge(Action<SecurityTokenDescriptor>? but = null)
    {
        var token = new SecurityTokenDescriptor
        {
            Issuer = Address.AbsoluteUri,
            Audience = Audience,
            Expires = DateTime.UtcNow.AddMinutes(10),
            TokenType = "at+jwt",
            Claims = new Dictionary<string, object> { ["sub"] = "anna", ["client_id"] = "cli", ["groups"] = new[] { "hub-viewers" } },
            SigningCredentials = new SigningCredentials(Key, SecurityAlgorithms.RsaSha256),
        };
        but?.Invoke(token);
        return new JsonWebTokenHandler().CreateToken(token);
    }

    /// <summary>Signs with another key from now on, and publishes the former one no more.</summary>
    public void Rotate()
    {
        Key = NewKey();
        var keys = _web.Services.GetRequiredService<IOptionsMonitor<OpenIddictServerOptions>>().CurrentValue.SigningCredentials;
        keys.Clear();
        keys.Add(new SigningCredentials(Key, SecurityAlgorithms.RsaSha256));
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _web.DisposeAsync();
        await _database.DisposeAsync();
    }

    /// <summary>A key that nobody has seen.</summary>
    public static RsaSecurityKey NewKey() => new(RSA.Create(2048)) { KeyId = Guid.NewGuid().ToString("N") };

    private static ClaimsPrincipal PrincipalOf(Member member, OpenIddictRequest request)
    {
        var identity = new ClaimsIdentity("provider", Known.Claims.Name, "groups");
        identity.SetClaim(Known.Claims.Subject, member.Subject).SetClaim(Known.Claims.Name, member.Name).SetClaims("groups", [.. member.Groups]).SetClaim(Known.Claims.Email, $"{member.Subject}@example.org");
        var principal = new ClaimsPrincipal(identity);
        principal.SetScopes(request.GetScopes()).SetResources(Audience);
        return Deliver(principal);
    }

    private static ClaimsPrincipal Deliver(ClaimsPrincipal principal)
    {
        principal.SetDestinations(_ => ImmutableArray.Create(Known.Destinations.AccessToken, Known.Destinations.IdentityToken));
        return principal;
    }

    private async Task<string> AskAsync(Dictionary<string, string> fields)
    {
        using var answer = await _http.PostAsync("/token", new FormUrlEncodedContent(fields));
        var body = await answer.Content.ReadFromJsonAsync<JsonElement>();
        Assert.That(answer.IsSuccessStatusCode, Is.True, body.ToString());
        return body.GetProperty("access_token").GetString()!;
    }

    private Task AddAsync(OpenIddictApplicationDescriptor client) => WriteAsync(services => services.GetRequiredService<IOpenIddictApplicationManager>().CreateAsync(client).AsTask());

    private async Task WriteAsync(Func<IServiceProvider, Task> write)
    {
        await using var scope = _web.Services.CreateAsyncScope();
        await write(scope.ServiceProvider);
    }
}

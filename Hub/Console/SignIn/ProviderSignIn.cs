using System.Security.Claims;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Deeds;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace IntegrationHub.Hub.Console.SignIn;

/// <summary>
/// Signs people in at the identity provider, by the authorization code flow with PKCE, state and nonce, and keeps nothing of what it sends but who they are and their groups that have a role.
/// Whatever goes wrong is said on the sign-in page, where a key of the hub works all the same.
/// </summary>
internal sealed partial class ProviderSignIn(OidcOptions options, ProviderWord provider, ProviderClaims claims, ClientSecret secret, KeyRing keys, BrowserSessions sessions, ILogger<ProviderSignIn> logger)
{
    private const string Silent = "The identity provider does not answer. Try again in a moment; until it does, sign in with a key of the hub.";
    private const string NoSecret = "The hub does not find the secret that it needs to ask the identity provider. Tell whoever runs it to look at Hub:Oidc:ClientSecretFile; until then, sign in with a key of the hub.";
    private const string Unfinished = "This sign-in did not come to its end: it was begun in another browser or more than 15 minutes ago, or it is not the identity provider's. Nobody was signed in. Begin again.";

    /// <summary>Sends the browser to the provider.</summary>
    public async Task<IResult> BeginAsync(HttpContext http)
    {
        if (secret.Read() is null)
        {
            return Page(http, StatusCodes.Status503ServiceUnavailable, NoSecret);
        }

        if (await provider.ForSignInAsync(http.RequestAborted) is null)
        {
            return Page(http, StatusCodes.Status503ServiceUnavailable, Silent);
        }

        await http.ChallengeAsync(OpenIdConnectDefaults.AuthenticationScheme, new AuthenticationProperties { RedirectUri = SignInRoutes.Own(http.Request.Query["to"].ToString()) });
        return Results.Empty;
    }

    /// <summary>Where the browser ends the provider's session; null where it offers no such address, does not answer, or shall be left alone. No ID token goes along as a hint, because none is kept: a provider may ask the person instead.</summary>
    public async Task<string?> AddressOfSignOutAsync(HttpContext http)
    {
        if (!options.SignOutAtProvider || (await provider.ForSignInAsync(http.RequestAborted))?.EndSessionEndpoint is not { } end || !Uri.TryCreate(end, UriKind.Absolute, out var address) || address.Scheme is not ("https" or "http"))
        {
            return null;
        }

        return new OpenIdConnectMessage { IssuerAddress = end, ClientId = options.ClientId, PostLogoutRedirectUri = Here(http, ProviderRoutes.SignedOutHere), EnableTelemetryParameters = false }.CreateLogoutRequestUrl();
    }

    /// <summary>Takes the answers.</summary>
    public static void Listen(OpenIdConnectEvents events)
    {
        events.OnRedirectToIdentityProvider = context => Of(context.HttpContext).Prepare(context);
        events.OnAuthorizationCodeReceived = context => Of(context.HttpContext).Prove(context);
        events.OnAccessDenied = context => RefuseAsync(context, StatusCodes.Status403Forbidden, "The identity provider let nobody in: it was asked not to, or does not allow you this hub. Nobody was signed in.");
        events.OnRemoteFailure = context => Of(context.HttpContext).ExplainAsync(context);
        events.OnTicketReceived = context => Of(context.HttpContext).AdmitAsync(context);

        static ProviderSignIn Of(HttpContext http) => http.RequestServices.GetRequiredService<ProviderSignIn>();
    }

    private Task Prepare(RedirectContext context)
    {
        context.ProtocolMessage.RedirectUri = Here(context.HttpContext, ProviderSetup.Callback);
        return Task.CompletedTask;
    }

    private Task Prove(AuthorizationCodeReceivedContext context)
    {
        context.TokenEndpointRequest!.ClientSecret = secret.Read();
        return Task.CompletedTask;
    }

    private async Task ExplainAsync(RemoteFailureContext context)
    {
        LogUnfinished(options.ClientId!, (context.Failure?.InnerException ?? context.Failure)?.GetType().Name ?? "no reason");
        var isSilent = context.Failure is HttpRequestException or TaskCanceledException or IOException;
        await RefuseAsync(context, isSilent ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status400BadRequest, isSilent ? Silent : Unfinished);
    }

    private async Task AdmitAsync(TicketReceivedContext context)
    {
        var (caller, problem) = claims.Person((ClaimsIdentity)context.Principal!.Identity!);
        if (caller is null)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, problem!);
            return;
        }

        if (caller.Groups.Count == 0)
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, BearerTokens.RoleMissing(caller.Id, options.RolesClaim));
            return;
        }

        if (await keys.IsDisabledAsync(caller.Id, context.HttpContext.RequestAborted))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, BearerTokens.Disabled(caller.Id));
            return;
        }

        await sessions.BeginAsync(context.HttpContext, caller);
        LogSignedIn(caller.Id);
        context.Response.Redirect(SignInRoutes.Own(context.ReturnUri ?? "/"));
        context.HandleResponse();
    }

    private static async Task RefuseAsync(HandleRequestContext<RemoteAuthenticationOptions> context, int status, string problem)
    {
        await Page(context.HttpContext, status, problem).ExecuteAsync(context.HttpContext);
        context.HandleResponse();
    }

    private static RazorComponentResult<SignInPage> Page(HttpContext http, int status, string problem)
    {
        http.Features.Set(new Draft(problem, new Dictionary<string, string>()));
        return new RazorComponentResult<SignInPage> { StatusCode = status, PreventStreamingRendering = true };
    }

    private string Here(HttpContext http, string path) => options.ConsoleUrl is { } address ? $"{address.TrimEnd('/')}{path}" : $"{http.Request.Scheme}://{http.Request.Host}{path}";

    [LoggerMessage(3852, LogLevel.Information, "{Name} has signed in at the identity provider")]
    private partial void LogSignedIn(string name);

    [LoggerMessage(3853, LogLevel.Warning, "A sign-in of {Name} at the identity provider did not come to its end ({Error})")]
    private partial void LogUnfinished(string name, string error);
}

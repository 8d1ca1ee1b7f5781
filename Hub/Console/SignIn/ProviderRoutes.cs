using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.SignIn;

/// <summary>Signing in and out at the identity provider.</summary>
internal static class ProviderRoutes
{
    /// <summary>Where a sign-in begins.</summary>
    public const string Begin = "/sign-in/provider";

    /// <summary>Says of <see cref="SignedOutPage"/> that the session at the provider ends, too.</summary>
    public const string AtProvider = "provider";

    /// <summary>Where a browser is when its session here has ended: a page, and not the provider at once, because no form of the console may lead to another site.</summary>
    public const string SignedOut = $"{SignedOutHere}?at={AtProvider}";

    /// <summary>Where the provider sends it back to.</summary>
    public const string SignedOutHere = "/signed-out";

    public static void MapProviderSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet(Begin, (HttpContext http, ProviderSignIn provider) => provider.BeginAsync(http)).WithMetadata(new ConsolePage(), new OpenToStrangers()).ExcludeFromDescription();
        // Answered before it comes here; as a route it has the headers of a page, and what brings no answer of the provider is sent back to the start.
        routes.MapGet(ProviderSetup.Callback, () => Results.Redirect("/sign-in")).WithMetadata(new ConsolePage(), new OpenToStrangers()).ExcludeFromDescription();
        routes.MapGet(SignedOutHere, () => new RazorComponentResult<SignedOutPage> { PreventStreamingRendering = true }).WithMetadata(new ConsolePage(), new OpenToStrangers()).ExcludeFromDescription();
    }
}

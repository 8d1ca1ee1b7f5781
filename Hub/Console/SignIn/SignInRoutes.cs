using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Deeds;
using IntegrationHub.Hub.Console.Layout;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.SignIn;

/// <summary>Signing in and out, and what a browser keeps of its reader's taste.</summary>
internal static class SignInRoutes
{
    public static void MapSignIn(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/sign-in", () => new RazorComponentResult<SignInPage> { PreventStreamingRendering = true }).WithMetadata(new ConsolePage(), new OpenToStrangers()).ExcludeFromDescription();
        routes.MapPost("/sign-in", SignInAsync).WithMetadata(new ConsolePage(), new OpenToStrangers(), new SignInAttempt()).ExcludeFromDescription();
        routes.MapPost("/sign-out", async (HttpContext http, BrowserSessions sessions) =>
        {
            if (!FormToken.IsGood(http, await http.Request.ReadFormAsync(http.RequestAborted)))
            {
                return Results.Redirect("/");
            }

            return Results.Redirect(await sessions.EndAsync(http) ? ProviderRoutes.SignedOut : "/sign-in");
        }).WithMetadata(new ConsolePage(), new OpenToStrangers()).ExcludeFromDescription();
        routes.MapPost("/theme", async (HttpContext http) =>
        {
            var form = await http.Request.ReadFormAsync(http.RequestAborted);
            if (FormToken.IsGood(http, form) && Themes.All.Contains(form["to"].ToString()))
            {
                http.Response.Cookies.Append(Themes.Cookie, form["to"].ToString(), new CookieOptions { MaxAge = TimeSpan.FromDays(365), SameSite = SameSiteMode.Lax, HttpOnly = true, Secure = BrowserRoad.IsSafe(http) });
            }

            return Results.Redirect(Own(form["back"].ToString()));
        }).WithMetadata(new ConsolePage(), new OpenToStrangers()).ExcludeFromDescription();
    }

    private static async Task<IResult> SignInAsync(HttpContext http, BrowserSessions sessions)
    {
        var form = await http.Request.ReadFormAsync(http.RequestAborted);
        if (FormToken.IsGood(http, form) && await sessions.BeginAsync(http, form["api-key"].ToString().Trim()))
        {
            return Results.Redirect(Own(http.Request.Query["to"].ToString()));
        }

        http.Features.Set(new Draft("This key opens nothing: it is unknown, has expired or was revoked. Nothing was kept of it.", new Dictionary<string, string>()));
        return new RazorComponentResult<SignInPage> { StatusCode = StatusCodes.Status401Unauthorized, PreventStreamingRendering = true };
    }

    /// <summary>An address of the hub itself: nobody is sent elsewhere.</summary>
    internal static string Own(string address) =>
        address.StartsWith('/') && !address.StartsWith("//", StringComparison.Ordinal) && !address.Contains('\\', StringComparison.Ordinal) && !address.Any(char.IsControl) ? address : "/";
}

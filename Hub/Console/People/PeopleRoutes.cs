using System.Text.Json.Nodes;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Deeds;
using IntegrationHub.Hub.Explain;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.People;

/// <summary>The forms about people: a key is sent in the body and leads to a page whose address holds the hub's own number; values are shown in full only in the answer to a form, and gone after a minute.</summary>
internal static class PeopleRoutes
{
    private const int LargestForm = 16 * 1024;

    /// <summary>Seconds for which values are shown in full.</summary>
    private const int Shown = 60;

    public static void MapPeople(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/people", FindAsync).WithMetadata(new ConsolePage()).Needs(Scope.PeopleRead).ExcludeFromDescription();
        routes.MapPost("/people/{profile:long}", RevealAsync).WithMetadata(new ConsolePage()).Needs(Scope.PeopleReveal).ExcludeFromDescription();
    }

    private static async Task<IResult> FindAsync(HttpContext http, HubApi api)
    {
        if (await ReadAsync(http) is not { } form)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        if (!FormToken.IsGood(http, form))
        {
            return Again<PeoplePage>(http, "The form is older than this browser's visit. Ask once more.", StatusCodes.Status400BadRequest);
        }

        var (kind, key) = (form["kind"].ToString(), form["key"].ToString().Trim());
        var answer = await api.PostAsync<PersonLookupJson>(http, "/v1/profiles/lookup", new JsonObject { ["key"] = kind.Length == 0 ? key : $"{kind}:{key}" }, null);
        if (answer.Value is not { } found)
        {
            return Again<PeoplePage>(http, answer.Problem!, answer.Status);
        }

        if (found.ProfileId is { } id)
        {
            return Results.Redirect(FormattableString.Invariant($"/people/{id}"));
        }

        http.Features.Set(found);
        return new RazorComponentResult<PeoplePage> { PreventStreamingRendering = true };
    }

    private static async Task<IResult> RevealAsync(long profile, HttpContext http, HubApi api)
    {
        if (await ReadAsync(http) is not { } form)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        if (!FormToken.IsGood(http, form))
        {
            return Again<PersonPage>(http, "The form is older than this browser's visit, so nothing was shown. Ask once more.", StatusCodes.Status400BadRequest);
        }

        var body = new JsonObject { ["reveal"] = true, ["reason"] = form["reason"].ToString(), ["live"] = form["live"].Count > 0 };
        if (form["destination"].ToString() is { Length: > 0 } destination)
        {
            body["destination"] = destination;
        }

        var answer = await api.PostAsync<ExplanationJson>(http, FormattableString.Invariant($"/v1/profiles/{profile}/explain"), body, null);
        if (answer.Value is null)
        {
            return Again<PersonPage>(http, answer.Problem!, answer.Status);
        }

        http.Features.Set(answer);
        http.Response.Headers["Refresh"] = FormattableString.Invariant($"{Shown};url=/people/{profile}");
        return new RazorComponentResult<PersonPage> { PreventStreamingRendering = true };
    }

    /// <summary>A form about people; null when it is none, or larger than any.</summary>
    public static async Task<IFormCollection?> ReadAsync(HttpContext http)
    {
        try
        {
            return http.Request.ContentLength is <= LargestForm && http.Request.HasFormContentType ? await http.Request.ReadFormAsync(http.RequestAborted) : null;
        }
        catch (Exception exception) when (exception is InvalidDataException or BadHttpRequestException)
        {
            return null;
        }
    }

    /// <summary>The page again, which says why nothing was shown.</summary>
    public static RazorComponentResult<TPage> Again<TPage>(HttpContext http, string problem, int status)
        where TPage : Microsoft.AspNetCore.Components.IComponent
    {
        http.Features.Set(new Draft(problem, new Dictionary<string, string>()));
        return new RazorComponentResult<TPage> { StatusCode = status, PreventStreamingRendering = true };
    }
}

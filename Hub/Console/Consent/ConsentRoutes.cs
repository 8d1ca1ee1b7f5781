using System.Text.Json.Nodes;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Deeds;
using IntegrationHub.Hub.Console.People;
using IntegrationHub.Hub.Privacy;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.Consent;

/// <summary>The form that asks what somebody agreed to: the key is sent in the body, and the answer is a page that does not name it.</summary>
internal static class ConsentRoutes
{
    /// <summary>Kinds of keys that consent stands under.</summary>
    public static IReadOnlyList<string> Kinds { get; } = ["external_id", "email", "crm_id", "phone", "anonymous_id", "device_id"];

    public static void MapConsent(this IEndpointRouteBuilder routes) =>
        routes.MapPost("/consent", FindAsync).WithMetadata(new ConsolePage()).Needs(Scope.PeopleRead).ExcludeFromDescription();

    private static async Task<IResult> FindAsync(HttpContext http, HubApi api)
    {
        if (await PeopleRoutes.ReadAsync(http) is not { } form)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        if (!FormToken.IsGood(http, form))
        {
            return Again(http, "The form is older than this browser's visit. Ask once more.", StatusCodes.Status400BadRequest);
        }

        var kind = Kinds.FirstOrDefault(known => known == form["kind"].ToString()) ?? Kinds[0];
        var answer = await api.PostAsync<ConsentFileJson>(http, "/v1/consents/show", new JsonObject { ["subject"] = new JsonObject { [kind] = form["key"].ToString().Trim() } }, null);
        if (answer.Value is null)
        {
            return Again(http, answer.Problem!, answer.Status);
        }

        http.Features.Set(answer.Value);
        return new RazorComponentResult<ConsentPage> { PreventStreamingRendering = true };
    }

    private static RazorComponentResult<ConsentPage> Again(HttpContext http, string problem, int status) => PeopleRoutes.Again<ConsentPage>(http, problem, status);
}

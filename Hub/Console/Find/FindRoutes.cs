using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.Console.People;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using Microsoft.AspNetCore.Http.HttpResults;

namespace IntegrationHub.Hub.Console.Find;

/// <summary>
/// Search: an id, a destination, an audience, a letter or a code leads to its page. Never people, but somebody may type one all the same: what is typed is sent in the body, and only what
/// the hub knows by that name gets into an address.
/// </summary>
internal static class FindRoutes
{
    public static void MapFind(this IEndpointRouteBuilder routes) => routes.MapPost("/find", FindAsync).WithMetadata(new ConsolePage()).Needs(Scope.RunsRead).ExcludeFromDescription();

    private static async Task<IResult> FindAsync(HttpContext http, HubApi api)
    {
        if (await PeopleRoutes.ReadAsync(http) is not { } form)
        {
            return Results.StatusCode(StatusCodes.Status400BadRequest);
        }

        return FormToken.IsGood(http, form) && await PlaceOfAsync(http, api, form["q"].ToString().Trim()) is { } place
            ? Results.Redirect(place)
            : new RazorComponentResult<FindPage> { PreventStreamingRendering = true };
    }

    /// <summary>The page of what is called so; null when nothing is.</summary>
    private static async Task<string?> PlaceOfAsync(HttpContext http, HubApi api, string text)
    {
        if (Guid.TryParse(text, out var id))
        {
            return (await api.GetAsync<RunJson>(http, $"/v1/runs/{id}")).Value is not null ? $"/runs/{id}"
                : (await api.GetAsync<ApprovalJson>(http, $"/v1/approvals/{id}")).Value is not null ? $"/approvals/{id}" : null;
        }

        if (text.All(char.IsAsciiDigit) && text.Length is > 0 and < 19)
        {
            return (await api.GetAsync<DeadLetterJson>(http, $"/v1/dead-letters/{text}")).Value is not null ? $"/dead-letters/{text}" : null;
        }

        var destinations = (await api.GetAsync<PageJson<DestinationJson>>(http, "/v1/destinations")).Value?.Items ?? [];
        if (destinations.FirstOrDefault(one => IsCalled(one.Destination)) is { } found)
        {
            return $"/destinations/{Uri.EscapeDataString(found.Destination)}";
        }

        var groups = (await api.GetAsync<PageJson<LetterGroupJson>>(http, "/v1/dead-letters/groups")).Value?.Items ?? [];
        if (groups.FirstOrDefault(one => IsCalled(one.Code)) is { } group)
        {
            return Addresses.Of("/dead-letters/group", ("destination", group.Destination), ("operation", group.Operation), ("code", group.Code));
        }

        var audiences = (await api.GetAsync<PageJson<AudienceJson>>(http, "/v1/audiences")).Value?.Items ?? [];
        return audiences.FirstOrDefault(one => IsCalled(one.Audience)) is { } audience ? Addresses.Of("/runs", ("audience", audience.Audience)) : null;

        bool IsCalled(string name) => string.Equals(name, text, StringComparison.OrdinalIgnoreCase);
    }
}

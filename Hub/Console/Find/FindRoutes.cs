using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Parts;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Find;

/// <summary>Search: an id, a destination, an audience, a letter or a code leads to its page. Never people: their values stand in no address.</summary>
internal static class FindRoutes
{
    public static void MapFind(this IEndpointRouteBuilder routes) => routes.MapGet("/find", async (string? q, HttpContext http, HubApi api) =>
    {
        var text = q?.Trim() ?? "";
        if (Guid.TryParse(text, out var id))
        {
            return Results.Redirect((await api.GetAsync<RunJson>(http, $"/v1/runs/{id}")).Value is not null ? $"/runs/{id}" : $"/approvals/{id}");
        }

        if (text.All(char.IsAsciiDigit) && text.Length is > 0 and < 19)
        {
            return Results.Redirect($"/dead-letters/{text}");
        }

        var destinations = (await api.GetAsync<PageJson<DestinationJson>>(http, "/v1/destinations")).Value?.Items ?? [];
        if (destinations.FirstOrDefault(one => string.Equals(one.Destination, text, StringComparison.OrdinalIgnoreCase)) is { } found)
        {
            return Results.Redirect($"/destinations/{Uri.EscapeDataString(found.Destination)}");
        }

        var groups = (await api.GetAsync<PageJson<LetterGroupJson>>(http, "/v1/dead-letters/groups")).Value?.Items ?? [];
        return groups.FirstOrDefault(one => string.Equals(one.Code, text, StringComparison.OrdinalIgnoreCase)) is { } group
            ? Results.Redirect(Addresses.Of("/dead-letters/group", ("destination", group.Destination), ("operation", group.Operation), ("code", group.Code)))
            : Results.Redirect(Addresses.Of("/runs", ("audience", text)));
    }).WithMetadata(new ConsolePage()).Needs(Scope.RunsRead).ExcludeFromDescription();
}

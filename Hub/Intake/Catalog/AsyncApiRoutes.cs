using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Hub.Intake.Catalog;

/// <summary>The description of the hub's messages, and the schemas that it refers to: files of the contracts, as they are.</summary>
internal static class AsyncApiRoutes
{
    private const string Resources = "IntegrationHub.Contracts.";

    public static void MapAsyncApi(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/asyncapi/v1.json", () => Show("asyncapi.json")).WithName("showAsyncApi").Produces(200, contentType: "application/json");
        routes.MapGet("/asyncapi/Schemas/{file}", (string file) => Show($"Schemas.{file}")).WithName("showSchema").Produces(200, contentType: "application/schema+json").ProducesProblem(404);
    }

    private static IResult Show(string name) => typeof(ICanonicalEvent).Assembly.GetManifestResourceStream(Resources + name) is { } file
        ? Results.Stream(file, name.StartsWith("Schemas.", StringComparison.Ordinal) ? "application/schema+json" : "application/json")
        : Problems.Of(404, "schema-unknown", "file", "There is no such schema. /asyncapi/v1.json names those that there are.");
}

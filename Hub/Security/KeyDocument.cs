using Microsoft.AspNetCore.OpenApi;
using Microsoft.OpenApi;

namespace IntegrationHub.Hub.Security;

/// <summary>
/// Says in the OpenAPI document what the gate does: which calls need a key, and the scope that its principal needs, as OpenAPI 3.1 writes roles
/// (https://spec.openapis.org/oas/v3.1.1.html#security-requirement-object).
/// </summary>
internal static class KeyDocument
{
    private const string Key = "api_key";

    /// <summary>Adds the document.</summary>
    public static IServiceCollection AddHubDocument(this IServiceCollection services) => services.AddOpenApi(document => document
        .AddDocumentTransformer((text, _, _) =>
        {
            text.Components ??= new OpenApiComponents();
            text.AddComponent(Key, new OpenApiSecurityScheme
            {
                Type = SecuritySchemeType.Http,
                Scheme = "bearer",
                Description = "A key of this hub ('keys create'), or an access token of its identity provider where Hub:Oidc names one. Without any key at the hub, calls from its own machine need none.",
            });
            return Task.CompletedTask;
        })
        .AddOperationTransformer((operation, context, _) =>
        {
            operation.Security = NeedsOf(context.Description.ActionDescriptor.EndpointMetadata) is { } scopes
                ? [new OpenApiSecurityRequirement { [new OpenApiSecuritySchemeReference(Key, context.Document)] = scopes }]
                : [];
            return Task.CompletedTask;
        }));

    /// <summary>The scopes that a call needs, none where any key does; null where it needs no key.</summary>
    private static List<string>? NeedsOf(IList<object> route) =>
        route.OfType<ScopeNeed>().FirstOrDefault() is { } need ? [need.Scope]
        : route.OfType<ProvenBySender>().Any() ? null
        : [];
}

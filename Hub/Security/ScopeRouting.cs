namespace IntegrationHub.Hub.Security;

/// <summary>How routes say what they need.</summary>
internal static class ScopeRouting
{
    /// <summary>Lets only callers with the scope in; others get 403 with its name.</summary>
    /// <param name="route">The route.</param>
    /// <param name="scope">One of <see cref="Scope"/>.</param>
    public static RouteHandlerBuilder Needs(this RouteHandlerBuilder route, string scope) => Scope.All.Contains(scope)
        ? route.WithMetadata(new ScopeNeed(scope)).ProducesProblem(StatusCodes.Status401Unauthorized).ProducesProblem(StatusCodes.Status403Forbidden)
        : throw new ArgumentOutOfRangeException(nameof(scope), scope, "Use a constant of Scope.");
}

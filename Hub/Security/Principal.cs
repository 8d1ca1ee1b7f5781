namespace IntegrationHub.Hub.Security;

/// <summary>Who acts. A request is a principal, never a key: two keys of one person are one person.</summary>
/// <param name="Id">What stands wherever it says who did something: <c>person:anna</c>, <c>service:api-key</c>, <c>local:USER</c>, <c>schedule:NAME</c>.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Name">How people call it.</param>
internal sealed record Principal(string Id, PrincipalKind Kind, string Name)
{
    /// <summary>What it may do.</summary>
    public IReadOnlySet<string> Scopes { get; init; } = new HashSet<string>();

    /// <summary>True when the identity provider vouches for it, and says what it may do by groups; false when a key of the hub does.</summary>
    public bool IsOfProvider { get; init; }

    /// <summary>True when it can be one of four eyes.</summary>
    public bool IsPerson => Kind is PrincipalKind.Person or PrincipalKind.Local;

    /// <summary>The program that has the one key of <c>HUB_API_KEY</c> or <c>Hub:ApiKeyFile</c>; it may do everything.</summary>
    public static Principal OfApiKey { get; } = new("service:api-key", PrincipalKind.Service, "API key") { Scopes = Scope.All };

    /// <summary>Whoever sits at this machine; may do everything.</summary>
    public static Principal Local { get; } = new($"local:{Environment.UserName}", PrincipalKind.Local, Environment.UserName) { Scopes = Scope.All };

    /// <summary>A schedule.</summary>
    public static Principal OfSchedule(string name) => new($"schedule:{name}", PrincipalKind.Schedule, name);
}

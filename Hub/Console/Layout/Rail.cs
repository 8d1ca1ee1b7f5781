using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Console.Layout;

/// <summary>The pages in the rail, with what one needs to see them and the key that goes there.</summary>
internal static class Rail
{
    /// <summary>In groups, in their order.</summary>
    public static IReadOnlyList<IReadOnlyList<(string Text, string Path, string Scope, string Key)>> Groups { get; } =
    [
        [("Overview", "/", Scope.RunsRead, "o"), ("Runs", "/runs", Scope.RunsRead, "r"), ("Dead letters", "/dead-letters", Scope.RunsRead, "t"), ("Destinations", "/destinations", Scope.RunsRead, "d")],
        [("Approvals", "/approvals", Scope.RunsRead, "p"), ("Audiences", "/audiences", Scope.RunsRead, "c"), ("Backfills", "/backfills", Scope.RunsRead, "b"), ("Actions", "/actions", Scope.RunsRead, "x"), ("Schedules", "/schedules", Scope.RunsRead, "s")],
        [("People", "/people", Scope.PeopleRead, "w"), ("Consent", "/consent", Scope.PeopleRead, "n"), ("Erasures", "/erasures", Scope.PrivacyWrite, "e")],
        [("Catalog", "/catalog", Scope.RunsRead, "l"), ("Map", "/map", Scope.RunsRead, "m"), ("Changes", "/changes", Scope.RunsRead, "g")],
        [("Alerts", "/alerts", Scope.RunsRead, "a"), ("Hubs", "/hubs", Scope.RunsRead, "h"), ("Audit", "/audit", Scope.AuditRead, "u")],
    ];
}

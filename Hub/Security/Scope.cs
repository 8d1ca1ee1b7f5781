namespace IntegrationHub.Hub.Security;

/// <summary>What a caller may do. A route needs one of them.</summary>
internal static class Scope
{
    /// <summary>Send facts, lists of members and lists of consent.</summary>
    public const string FactsWrite = "facts:write";

    /// <summary>See runs, destinations, schedules, the catalog and what waits for approval: counts, states and ids.</summary>
    public const string RunsRead = "runs:read";

    /// <summary>Start, pause, resume and cancel runs; settle what was set aside; ring schedules.</summary>
    public const string RunsWrite = "runs:write";

    /// <summary>Agree to what waits for approval, or refuse it.</summary>
    public const string RunsApprove = "runs:approve";

    /// <summary>Have changes of the configuration planned.</summary>
    public const string ConfigPlan = "config:plan";

    /// <summary>Have them applied.</summary>
    public const string ConfigApply = "config:apply";

    /// <summary>See people, masked, and who is who.</summary>
    public const string PeopleRead = "people:read";

    /// <summary>See what is masked.</summary>
    public const string PeopleReveal = "people:reveal";

    /// <summary>Decide about people: who is who, erasure, access.</summary>
    public const string PrivacyWrite = "privacy:write";

    /// <summary>Ask whether a person may be contacted.</summary>
    public const string PolicyCheck = "policy:check";

    /// <summary>Read and check the audit log.</summary>
    public const string AuditRead = "audit:read";

    /// <summary>Make and revoke keys, and say who may do what.</summary>
    public const string Admin = "admin";

    /// <summary>All of them.</summary>
    public static IReadOnlySet<string> All { get; } = new HashSet<string>(StringComparer.Ordinal)
    {
        FactsWrite, RunsRead, RunsWrite, RunsApprove, ConfigPlan, ConfigApply, PeopleRead, PeopleReveal, PrivacyWrite, PolicyCheck, AuditRead, Admin,
    };

    /// <summary>True when whoever calls such a route changes something by his own decision, so that it is noted who did it, and a repeat does nothing.</summary>
    public static bool IsOfCommands(string scope) => scope is RunsWrite or RunsApprove or ConfigPlan or ConfigApply or PrivacyWrite or Admin;
}

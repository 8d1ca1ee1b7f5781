using IntegrationHub.Identity;

namespace IntegrationHub.Hub.Configuration;

/// <summary>The whole configuration folder, checked and immutable.</summary>
internal sealed record HubConfiguration
{
    /// <summary>Hash of all files that were read: hubs with another one follow other rules.</summary>
    public string Version { get; init; } = "";

    /// <summary>Destinations by name.</summary>
    public required IReadOnlyDictionary<string, DestinationConfiguration> Destinations { get; init; }

    /// <summary>Mappings by name, which is the file name without its extension.</summary>
    public required IReadOnlyDictionary<string, MappingFile> Mappings { get; init; }

    /// <summary>The rules of consent.</summary>
    public required ConsentRules Consent { get; init; }

    /// <summary>What of a person may leave for whom; null without <c>policy.yaml</c>: then whatever a mapping names leaves, unless it is sensitive.</summary>
    public PolicyRules? Policy { get; init; }

    /// <summary>Whose attributes are; null without <c>ownership.yaml</c>: then whoever states one last changes it.</summary>
    public OwnershipRules? Ownership { get; init; }

    /// <summary>What <c>facts.yaml</c> says of event types, by type; empty without that file.</summary>
    public IReadOnlyDictionary<string, FactTypeConfiguration> Facts { get; init; } = new Dictionary<string, FactTypeConfiguration>();

    /// <summary>Schedules by name; empty without <c>schedules.yaml</c>.</summary>
    public IReadOnlyDictionary<string, ScheduleConfiguration> Schedules { get; init; } = new Dictionary<string, ScheduleConfiguration>();

    /// <summary>What <c>approvals.yaml</c> says of kinds of approvals, by kind; empty without that file.</summary>
    public IReadOnlyDictionary<string, ApprovalConfiguration> Approvals { get; init; } = new Dictionary<string, ApprovalConfiguration>();

    /// <summary>What is promised, by destination and lane; as usual without <c>slo.yaml</c>.</summary>
    public SloRules Slo { get; init; } = SloRules.Usual;

    /// <summary>Who is told of alerts; nobody without <c>alerts.yaml</c>.</summary>
    public IReadOnlyList<AlertRoute> AlertRoutes { get; init; } = [];

    /// <summary>Audiences by key.</summary>
    public required IReadOnlyDictionary<string, AudienceConfiguration> Audiences { get; init; }

    /// <summary>What was called otherwise before; nothing without <c>renames.yaml</c>.</summary>
    public FormerNames FormerNames { get; init; } = FormerNames.None;

    /// <summary>The key of an audience that somebody may call by a former one; of any other name the name itself.</summary>
    public string AudienceKeyOf(string name) => FormerNames.OfAudience(name);

    /// <summary>Which keys tell people; the defaults where there is no <c>identity.yaml</c>.</summary>
    public IdentityRules Identity { get; init; } = IdentityRules.Default;

    /// <summary>Canary people by name; none without <c>canaries.yaml</c>.</summary>
    public IReadOnlyDictionary<string, CanaryConfiguration> Canaries { get; init; } = new Dictionary<string, CanaryConfiguration>();

    /// <summary>Sources of webhooks by name.</summary>
    public IReadOnlyDictionary<string, SourceConfiguration> Sources { get; init; } = new Dictionary<string, SourceConfiguration>();
}

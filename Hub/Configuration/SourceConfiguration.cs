namespace IntegrationHub.Hub.Configuration;

/// <summary>A source as configured: a system that calls the hub's webhooks.</summary>
internal sealed record SourceConfiguration
{
    /// <summary>Name, which is the file name without its extension; its facts name it as their producer.</summary>
    public required string Name { get; init; }

    /// <summary>The name that ids of its facts are made of, where it is another one: the first that it had. Not part of the configuration, see decision 0111.</summary>
    public string? NameInIds { get; init; }

    /// <summary>Team that answers for it, or null when nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>In whose words it speaks.</summary>
    public required SourceDialect Dialect { get; init; }

    /// <summary>How its calls are proven.</summary>
    public required SignatureSection Signature { get; init; }

    /// <summary>The address that it calls, as it knows it; null where no scheme signs it.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Names of events that are not only put into snake_case.</summary>
    public IReadOnlyDictionary<string, string> EventNames { get; init; } = new Dictionary<string, string>();

    /// <summary>Names of traits and fields that are not only put into snake_case.</summary>
    public IReadOnlyDictionary<string, string> TraitNames { get; init; } = new Dictionary<string, string>();

    /// <summary>True when a page or a screen that somebody looked at is a fact.</summary>
    public bool PageViews { get; init; }

    /// <summary>What its consent categories mean, or null when it says nothing about consent.</summary>
    public SourceConsent? Consent { get; init; }

    /// <summary>Audiences of the hub by the source's keys.</summary>
    public IReadOnlyDictionary<string, string> Audiences { get; init; } = new Dictionary<string, string>();

    /// <summary>Destinations by the names of the products in the <c>integrations</c> of its calls, where the file says so.</summary>
    public IReadOnlyDictionary<string, string> Integrations { get; init; } = new Dictionary<string, string>();

    /// <summary>The hub's destinations with their connectors: what <c>integrations</c> may mean by itself.</summary>
    public IReadOnlyDictionary<string, string> Connectors { get; init; } = new Dictionary<string, string>();

    /// <summary>What becomes of facts of it that hold what their schema does not know; as <c>facts.yaml</c> says when null.</summary>
    public UnplannedProperty? Unplanned { get; init; }

    /// <summary>The audience whose members RudderStack's records are; null for none.</summary>
    public string? RecordAudience { get; init; }

    /// <summary>The destination whose contacts HubSpot speaks of; null when nobody says.</summary>
    public string? Destination { get; init; }

    /// <summary>HubSpot's properties that mean an opt-out.</summary>
    public IReadOnlyDictionary<string, OptOutProperty> OptOuts { get; init; } = new Dictionary<string, OptOutProperty>();

    /// <summary>Rules of the dialect <see cref="SourceDialect.Json"/>, in the order of the file: the first that fits a call makes its facts.</summary>
    public IReadOnlyList<JsonFactRule> Facts { get; init; } = [];

    /// <summary>Calls of the dialect <see cref="SourceDialect.Json"/> that deliberately are nothing: conditions as in <see cref="JsonFactRule.When"/>.</summary>
    public IReadOnlyList<IReadOnlyDictionary<string, string>> Ignored { get; init; } = [];
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Configuration;

/// <summary>A destination as configured: one account at a vendor.</summary>
internal sealed record DestinationConfiguration
{
    /// <summary>Name of the limit of calls at one time; it is none of the connector's.</summary>
    public const string Concurrency = "concurrency";

    /// <summary>Name, which is the file name without its extension.</summary>
    public required string Name { get; init; }

    /// <summary>Team that answers for the account, or null when nobody is named.</summary>
    public string? Owner { get; init; }

    /// <summary>Name of the connector that serves it.</summary>
    public required string Connector { get; init; }

    /// <summary>Where the vendor's API answers, or null when <see cref="UsesSandbox"/>.</summary>
    public required Uri? BaseUrl { get; init; }

    /// <summary>True when neither a base URL nor any credential is set: the host serves it by the sandbox in its own process.</summary>
    public required bool UsesSandbox { get; init; }

    /// <summary>The vendor field that identifies a person.</summary>
    public required string IdentityKey { get; init; }

    /// <summary>References to the secrets, by the name that the connector gives them.</summary>
    public required IReadOnlyDictionary<string, SecretReference> Credentials { get; init; }

    /// <summary>Plain settings by name.</summary>
    public required IReadOnlyDictionary<string, string> Settings { get; init; }

    /// <summary>Name of the mapping.</summary>
    public required string Mapping { get; init; }

    /// <summary>Country of phone numbers that name none, ISO 3166 code, where the mapping names none; null to refuse such numbers.</summary>
    public string? DefaultCountry { get; init; }

    /// <summary>The purposes that a person must allow before anything is sent there; 1 or more.</summary>
    public required IReadOnlyList<string> Purposes { get; init; }

    /// <summary>Name of an audience at the vendor unless it is given by id or name; <c>{key}</c> and <c>{display_name}</c> are filled in.</summary>
    public required string AudienceNamePattern { get; init; }

    /// <summary>Audiences that are represented otherwise than by the pattern, by audience key.</summary>
    public required IReadOnlyDictionary<string, AudienceRepresentation> Audiences { get; init; }

    /// <summary>How the destination keeps consent, or null when it is told of none.</summary>
    public ConsentSection? Consent { get; init; }

    /// <summary>True when the vendor is asked who opted out there, where its connector can.</summary>
    public bool AsksForOptOuts { get; init; } = true;

    /// <summary>How the destination is told of events, by canonical name; of an event that is not named it is told nothing.</summary>
    public IReadOnlyDictionary<string, EventSection> Events { get; init; } = new Dictionary<string, EventSection>();

    /// <summary>How what the vendor holds is compared, where the audience says nothing.</summary>
    public ReconcileSection Reconcile { get; init; } = ReconcileSection.Default;

    /// <summary>How fast backfills go.</summary>
    public BackfillSection Backfill { get; init; } = BackfillSection.Default;

    /// <summary>True when changes of people and memberships are sent as they happen; false when they wait for a run.</summary>
    public bool Live { get; init; }

    /// <summary>Whether it gets people whom it does not have.</summary>
    public CreationRule Create { get; init; }

    /// <summary>What it is owed when two people turn out to be one.</summary>
    public MergeRule OnMerge { get; init; }

    /// <summary>What it is owed when a profile is deleted.</summary>
    public DeletionRule OnDelete { get; init; }

    /// <summary>Kinds of keys that it holds as aliases, with the vendor's label of each; empty when it holds none.</summary>
    public IReadOnlyDictionary<KeyKind, string> Aliases { get; init; } = new Dictionary<KeyKind, string>();

    /// <summary>How the ledger is to owe it changes of identity.</summary>
    /// <param name="keyKind">What it knows people by: <c>external_id</c> or <c>email</c>.</param>
    public IdentityRoute RouteOfIdentity(string keyKind) => new(Name, keyKind)
    {
        OnMerge = OnMerge switch { MergeRule.Merge => "merge", MergeRule.Ignore => "ignore", _ => "retire" },
        OnDelete = OnDelete == DeletionRule.Delete ? "delete" : "retire",
        Aliases = [.. Aliases.Keys.Select(PersonKey.WordOf)],
    };

    /// <summary>What of the file cannot be undone once it was done at the vendor, one sentence each.</summary>
    public IEnumerable<string> Irreversible()
    {
        if (OnMerge == MergeRule.Merge)
        {
            yield return "on_merge: merge joins two people at the vendor for good. An unmerge parts them in the hub; there they stay one.";
        }

        if (OnDelete == DeletionRule.Delete)
        {
            yield return "on_delete: delete deletes a person at the vendor for good as soon as a fact says profile_deleted.";
        }
    }

    /// <summary>Calls that the destination may use, by the name that the connector gives the limit, or <see cref="Concurrency"/>; what is not named is as the vendor documents it.</summary>
    public IReadOnlyDictionary<string, int> Quota { get; init; } = new Dictionary<string, int>();

    /// <summary>Share of a daily (or hourly) quota after which a lane is refused, by lane, 0 to 1.</summary>
    public IReadOnlyDictionary<string, double> DailyShares { get; init; } = new Dictionary<string, double>();

    /// <summary>What to ask the connector for so that it finds or makes the vendor's side of an audience.</summary>
    public AudienceRequest RequestFor(AudienceConfiguration audience)
    {
        Audiences.TryGetValue(audience.Key, out var representation);
        var name = representation?.Name ?? AudienceNamePattern
            .Replace("{key}", audience.Key, StringComparison.Ordinal)
            .Replace("{display_name}", audience.DisplayName, StringComparison.Ordinal);
        return new AudienceRequest(audience.Key, name, representation?.Id);
    }

    /// <summary>The settings for the connector of a destination that has its own base URL and credentials.</summary>
    public DestinationSettings ToSettings() => new()
    {
        Name = Name,
        BaseUrl = BaseUrl ?? throw new InvalidOperationException($"Destination {Name} has no base URL: it uses the sandbox."),
        IdentityKey = IdentityKey,
        Values = Settings,
        Secrets = Credentials.ToDictionary(static c => c.Key, static c => (Func<string?>)c.Value.Read, StringComparer.Ordinal),
    };

    /// <summary>The settings for the connector of a destination that the sandbox serves.</summary>
    /// <param name="sandboxUrl">Where the vendor's sandbox answers.</param>
    /// <param name="sandboxSecrets">The credentials that the sandbox accepts, by the connector's names.</param>
    public DestinationSettings ToSettings(Uri sandboxUrl, IReadOnlyDictionary<string, string> sandboxSecrets) => new()
    {
        Name = Name,
        BaseUrl = sandboxUrl,
        IdentityKey = IdentityKey,
        Values = Settings,
        Secrets = sandboxSecrets.ToDictionary(static s => s.Key, static s => (Func<string?>)(() => s.Value), StringComparer.Ordinal),
    };
}

/// <summary>How a destination represents one audience.</summary>
/// <param name="Name">Name at the vendor, or null for the pattern's.</param>
/// <param name="Id">Id at the vendor, or null to find it by name.</param>
internal sealed record AudienceRepresentation(string? Name, string? Id);

using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Runs;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Explain;

/// <summary>What is known of one person for one destination, before anything is concluded. Holds personal data.</summary>
/// <param name="Profile">The profile that shows the person.</param>
/// <param name="Audiences">How the person stands in each audience that goes to the destination.</param>
/// <param name="Remote">What the destination is believed to have; null when nothing.</param>
internal sealed record PersonStanding(KnownProfile Profile, IReadOnlyList<AudienceStanding> Audiences, RemoteStanding? Remote)
{
    /// <summary>What is owed there.</summary>
    public IReadOnlyList<PendingDelivery> Pending { get; init; } = [];

    /// <summary>What became of the person there, the latest first.</summary>
    public IReadOnlyList<DecidedOutcome> Outcomes { get; init; } = [];

    /// <summary>Dead letters about the person there, the latest first.</summary>
    public IReadOnlyList<DeadLetterView> Letters { get; init; } = [];

    /// <summary>The latest run of each audience there.</summary>
    public IReadOnlyList<LastRun> Runs { get; init; } = [];

    /// <summary>In what these runs found the person to differ.</summary>
    public IReadOnlyList<RunFinding> Findings { get; init; } = [];

    /// <summary>Rows of the audiences' last lists that were refused and are about the person.</summary>
    public IReadOnlyList<RefusedRow> Refused { get; init; } = [];

    /// <summary>Why runs there stand still.</summary>
    public IReadOnlyDictionary<Guid, Verdict> RunVerdicts { get; init; } = new Dictionary<Guid, Verdict>();

    /// <summary>Why lanes of the destination stand still, by name.</summary>
    public IReadOnlyDictionary<string, Verdict> LaneVerdicts { get; init; } = new Dictionary<string, Verdict>();

    /// <summary>Who holds the person's key there, by its hash; null where the vendor tells keys apart by case.</summary>
    public IReadOnlyDictionary<Guid, long>? KeyHolders { get; init; }

    /// <summary>What has to be through before anything else is sent about the person.</summary>
    public IdentityAhead? Ahead { get; init; }

    /// <summary>What the vendor showed when it was asked just now; null when it was not asked.</summary>
    public VendorLook? Look { get; init; }

    /// <summary>Fields that are written once and were offered there, by name.</summary>
    public IReadOnlyDictionary<string, WrittenField> Written { get; init; } = new Dictionary<string, WrittenField>();

    /// <summary>Versions of policies by their numbers.</summary>
    public IReadOnlyDictionary<int, StoredPolicy> Policies { get; init; } = new Dictionary<int, StoredPolicy>();
}

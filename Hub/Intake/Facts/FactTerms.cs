using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Storage.Configurations;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>
/// By what facts are read, and told from those of shadows: the version that the hub runs, and from the moment that another one is in force that one, until the hub runs it too. The intake compares
/// the version in the statement that takes the ledger, so a hub that has not heard reads what it takes in anew. How keys tell people and which values stay is the ledger's, and changes with the hub.
/// </summary>
internal sealed class FactTerms(HubConfiguration configuration, RunningConfiguration? running = null, ConfigurationCompiler? compiler = null, OutboxTransaction? transactions = null) : IDisposable
{
    private readonly Terms _own = Terms.Of(configuration, null);
    private readonly SemaphoreSlim _turn = new(1);
    private volatile Terms? _inForce;

    /// <summary>What holds now.</summary>
    public Terms Now => _inForce ?? _own with { Version = running?.Version };

    /// <summary>Those of the version that is in force at this moment.</summary>
    public async Task<Terms> InForceAsync(CancellationToken cancellationToken)
    {
        if (Now.Version is { } version && transactions is not null && await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken)) is { } active && active.Version != version)
        {
            await FollowAsync(version, cancellationToken);
        }

        return Now;
    }

    /// <summary>Reads those of the version in force.</summary>
    /// <param name="behind">The version that is not in force any more; nothing is done when others have looked since.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task FollowAsync(long behind, CancellationToken cancellationToken)
    {
        await _turn.WaitAsync(cancellationToken);
        try
        {
            if (Now.Version == behind && transactions is not null && await transactions.ReadAsync(db => ConfigurationBook.ActiveAsync(db, cancellationToken)) is { } active)
            {
                _inForce = active.ContentHash == running?.ContentHash
                    ? _own with { Version = active.Version }
                    : await transactions.ReadAsync(db => ConfigurationBook.FindAsync(db, active.Version, cancellationToken)) is { } stored ? Behind(ConfigurationFiles.Of(stored.Files), active.Version) : _inForce;
            }
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <inheritdoc/>
    public void Dispose() => _turn.Dispose();

    /// <summary>Those of a version that this hub does not run yet: its ledger, and its own doors, go on with the names that it knows.</summary>
    private Terms Behind(ConfigurationFiles files, long version)
    {
        var renamed = running is null ? [] : NameChanges.Between(running.Files, files, FormerNames.OfSources).Changes;
        var terms = Terms.Of(Read(files, renamed), version);
        return terms with { Rules = terms.Rules.Behind([.. renamed.Select(change => (change.From, change.To))]) };
    }

    /// <summary>Of a version that this hub cannot run, often for a secret that is missing, whose statements count can be read all the same.</summary>
    private HubConfiguration Read(ConfigurationFiles files, IReadOnlyList<NameChange> renamed)
    {
        if (compiler?.Compile(files).Configuration is { } whole)
        {
            return whole;
        }

        var errors = new List<ConfigurationError>();
        var folder = new ConfigurationFolder(files, errors);
        var ownership = folder.Has(ConfigurationLoader.OwnershipFile) && folder.Read(ConfigurationLoader.OwnershipFile) is { } file ? OwnershipFileParser.Parse(file) : null;
        var known = renamed.Aggregate(configuration, static (all, change) => change.In(all));
        return errors.Count == 0
            ? known with { Ownership = ownership is null ? null : ownership with { Vendors = VendorsOf(files) }, FormerNames = RenamesFileParser.Read(files) }
            : known;
    }

    private static Dictionary<string, string> VendorsOf(ConfigurationFiles files)
    {
        var folder = new ConfigurationFolder(files, []);
        var vendors = folder.NamesIn("destinations").ToDictionary(ConsentSource.OfVendor, static destination => destination, StringComparer.Ordinal);
        foreach (var source in folder.ReadAll("sources", isNeeded: false))
        {
            if (source.Root.Text("destination") is { } destination)
            {
                vendors[source.Name] = destination;
            }
        }

        return vendors;
    }

    /// <summary>Those of one version.</summary>
    /// <param name="Version">Its number; null where none has one.</param>
    /// <param name="Authority">Who may grant and deny.</param>
    /// <param name="Rules">What becomes of what departs from its contract.</param>
    internal sealed record Terms(long? Version, ConsentAuthority Authority, FactRules Rules)
    {
        public static Terms Of(HubConfiguration configuration, long? version) => new(version, ConsentAuthority.Of(configuration), FactRules.Of(configuration));

        /// <summary>True when what a fact states is compared and does not count.</summary>
        public bool IsShadow(LedgerFact fact) => Rules.Ownership?.Shadows.ContainsKey(fact.Producer) == true;
    }
}

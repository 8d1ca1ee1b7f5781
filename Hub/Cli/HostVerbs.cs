using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Map;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Cli;

/// <summary>The verbs that need the host in this process. Each may end with a <see cref="CommandLineException"/>.</summary>
internal sealed record HostVerbs
{
    /// <summary>Serves until the process is told to stop. Gets settings as <c>--Hub:Bus=RabbitMq</c>.</summary>
    public required Func<string[], CancellationToken, Task> Serve { get; init; }

    /// <summary>Brings the database's schema up to date and tells how it stood before. Gets settings as <c>--Hub:Database=Postgres</c>.</summary>
    public Func<string[], CancellationToken, Task<SchemaStanding>> Migrate { get; init; } = (_, _) => Task.FromResult(new SchemaStanding([], []));

    /// <summary>Says of a database that it was restored to an earlier moment, and tells how many events may have been sent since. Gets settings as <c>--Hub:Database=Postgres</c>.</summary>
    public Func<string[], CancellationToken, Task<long>> Doubt { get; init; } = (_, _) => Task.FromResult(0L);

    /// <summary>Does the whole job on sample data.</summary>
    public required DemoVerb Demo { get; init; }

    /// <summary>Checks the configuration and returns every error. Gets settings as <c>--Hub:ConfigPath=folder</c>.</summary>
    public required Func<string[], CancellationToken, Task<IReadOnlyList<ConfigurationError>>> Validate { get; init; }

    /// <summary>Reads the map of integrations out of a configuration without errors. Gets settings as <c>--Hub:ConfigPath=folder</c>.</summary>
    public Func<string[], MapJson> Map { get; init; } = _ => new MapJson { Configuration = "", Sources = [], Destinations = [], Flows = [] };

    /// <summary>Compares a configuration without errors with what the hub knows: what the next syncs change at the vendors beside their plans. One sentence each.</summary>
    public Func<string[], CancellationToken, Task<IReadOnlyList<string>>> Moves { get; init; } = (_, _) => Task.FromResult<IReadOnlyList<string>>([]);

    /// <summary>What a configuration without errors allows and may not mean. One sentence each, with what to write.</summary>
    public Func<string[], IReadOnlyList<string>> Warnings { get; init; } = _ => [];
}

/// <summary>Does the whole job on sample data.</summary>
/// <param name="request">What was asked for.</param>
/// <param name="report">Told of every step and of the runs as they go.</param>
/// <param name="finished">Awaited once, when the job is over and the host still answers.</param>
/// <param name="cancellationToken">Ends the job.</param>
internal delegate Task DemoVerb(DemoRequest request, Action<RunProgress> report, Func<DemoResult, Task> finished, CancellationToken cancellationToken);

/// <summary>What <c>demo</c> was asked for.</summary>
internal sealed record DemoRequest
{
    /// <summary>Only the first so many customers; null for all.</summary>
    public int? Members { get; init; }

    /// <summary>Go on serving after <c>finished</c>, until the process is told to stop.</summary>
    public bool Serve { get; init; }

    /// <summary>File of customers; the shipped sample when null.</summary>
    public string? Customers { get; init; }

    /// <summary>File of contact preferences, or null.</summary>
    public string? Consent { get; init; }

    /// <summary>File of phone numbers, or null.</summary>
    public string? Phones { get; init; }

    /// <summary>True when standard output must stay free for one JSON value.</summary>
    public bool Json { get; init; }

    /// <summary>Settings as <c>--Hub:Bus=RabbitMq</c>.</summary>
    public string[] Settings { get; init; } = [];
}

/// <summary>What <c>demo</c> did.</summary>
/// <param name="Runs">The finished runs, one per destination.</param>
/// <param name="Notes">Lines for people: what was loaded, what was refused.</param>
/// <param name="Address">Where the host answers.</param>
internal sealed record DemoResult(IReadOnlyList<RunJson> Runs, IReadOnlyList<string> Notes, Uri Address);

/// <summary>How far a job is.</summary>
/// <param name="Step">What it does now, one line; null to keep the last one.</param>
/// <param name="Runs">The runs as they stand, once there are some.</param>
internal sealed record RunProgress(string? Step, IReadOnlyList<RunJson> Runs)
{
    /// <summary>How fast runs go, by run, in a few words; shown beside their bars.</summary>
    public IReadOnlyDictionary<Guid, string> Pace { get; init; } = new Dictionary<Guid, string>();
}

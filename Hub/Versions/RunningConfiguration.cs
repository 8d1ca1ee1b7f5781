using IntegrationHub.Hub.Configuration;
using IntegrationHub.Storage.Configurations;

namespace IntegrationHub.Hub.Versions;

/// <summary>The configuration that a hub runs, from its begin to its end: who runs another one is another hub, though it may be in the same process.</summary>
/// <param name="files">Its files.</param>
/// <param name="version">Its number; null for a folder's, which the start gives one.</param>
internal sealed class RunningConfiguration(ConfigurationFiles files, long? version)
{
    /// <summary>Of a hub whose folder is not in force, so that it does nothing until it runs what is.</summary>
    public const long None = 0;

    private readonly TaskCompletionSource<ChangeOver> _superseded = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Its files.</summary>
    public ConfigurationFiles Files => files;

    /// <summary>SHA-256 over its files, in hex.</summary>
    public string ContentHash { get; } = files.ContentHash;

    /// <summary>Its number: what is claimed and planned is fenced with it. Null before the start.</summary>
    public long? Version { get; private set; } = version;

    /// <summary>True when another version was seen to be in force.</summary>
    public bool IsBehind { get; private set; }

    /// <summary>What is in force instead, when this hub could run it and has its turn: it is time to.</summary>
    public Task<ChangeOver> Superseded => _superseded.Task;

    /// <summary>What keeps this hub from running the version in force; empty when nothing does.</summary>
    public IReadOnlyList<ConfigurationError> Obstacles { get; private set; } = [];

    /// <summary>Since when this hub sees that its folder differs from what runs, and nobody applied it; null when it does not.</summary>
    public DateTimeOffset? PendingSince { get; set; }

    /// <summary>True when the folder differs from what runs, and nobody applied it.</summary>
    public bool IsPending => PendingSince is not null;

    /// <summary>The number is known, and in force.</summary>
    public void Became(long number) => (Version, IsBehind, Obstacles) = (number, false, []);

    /// <summary>Another version is in force.</summary>
    /// <param name="obstacles">What keeps this hub from running it.</param>
    public void FellBehind(IReadOnlyList<ConfigurationError> obstacles) => (IsBehind, Obstacles) = (true, obstacles);

    /// <summary>Another version is in force, this hub can run it, and it is this hub's turn.</summary>
    public void GiveWay(ChangeOver changeOver)
    {
        FellBehind([]);
        _superseded.TrySetResult(changeOver);
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Verification;

/// <summary>A vendor that tells what it holds: the town that the test says, everybody else's is unknown to it.</summary>
internal sealed class TellingConnector : AcmeConnector, IProfileReading
{
    /// <summary>Town by key.</summary>
    public Dictionary<string, string> Towns { get; } = [];

    /// <summary>Calls so far.</summary>
    public List<IReadOnlyList<string>> Read { get; } = [];

    /// <summary>Keys that it cannot be asked for.</summary>
    public HashSet<string> Unaskable { get; } = [];

    public int MaxKeysPerRead => 3;

    public bool CanBeAskedFor(string key) => !Unaskable.Contains(key);

    public Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        Read.Add(keys);
        Assert.That(keys.All(CanBeAskedFor));
        return Task.FromResult<IReadOnlyList<RemoteProfile>>(
            [.. keys.Where(Towns.ContainsKey).Select(key => new RemoteProfile(key, null, new Dictionary<string, string> { ["id"] = $"\"{key}\"", ["town"] = $"\"{Towns[key]}\"" }))]);
    }
}

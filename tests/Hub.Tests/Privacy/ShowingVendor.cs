using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A vendor that shows whom it holds.</summary>
internal class ShowingVendor(params string[] people) : PeopleVendor(people), IProfileReading
{
    public int MaxKeysPerRead => 2;

    /// <summary>Keys that it cannot be asked for.</summary>
    public HashSet<string> Unaskable { get; } = [];

    public bool CanBeAskedFor(string key) => !Unaskable.Contains(key);

    /// <summary>Whether it has ids of its own, and shows them.</summary>
    public bool HasIds { get; init; } = true;

    public Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RemoteProfile>>(
        !keys.All(CanBeAskedFor) ? throw new DestinationException(new DestinationCondition(DestinationTrouble.Misconfigured, ReasonCode.KeyNotSearchable)) : [.. People.Where(keys.Contains).Select((key, i) => new RemoteProfile(key, HasIds ? $"remote-{i}" : null, new Dictionary<string, string>()))]);
}

using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A vendor that finds people by ids of its own, too.</summary>
internal sealed class TracingVendor(params string[] people) : ShowingVendor(people), IRecordLookup
{
    /// <summary>The keys of its records, by its id.</summary>
    public Dictionary<string, string> Records { get; } = [];

    public int MaxIdsPerLookup => 1;

    public Task<IReadOnlyList<RemoteProfile>> FindRecordsAsync(IReadOnlyList<string> remoteIds, CancellationToken cancellationToken) => Task.FromResult<IReadOnlyList<RemoteProfile>>(
        [.. remoteIds.Where(id => Records.TryGetValue(id, out var key) && (key.Length == 0 || People.Contains(key))).Select(id => new RemoteProfile(Records[id], id, new Dictionary<string, string>()))]);
}

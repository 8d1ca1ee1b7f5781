using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Tests.Delivery;

namespace IntegrationHub.Hub.Tests.Reconciliation;

/// <summary>A vendor that tells who was changed, and notes of whom it was asked by key.</summary>
internal sealed class ChangingVendor : IConnector, IProfileReading, IProfileChangeReading
{
    /// <summary>What it holds of people: the town, by key.</summary>
    public Dictionary<string, string> Towns { get; } = [];

    /// <summary>Whom it tells as changed, by key.</summary>
    public List<string> Changed { get; } = [];

    /// <summary>The keys that were asked for.</summary>
    public List<string> Read { get; } = [];

    /// <summary>Since when it was asked for changes.</summary>
    public List<DateTimeOffset> Asked { get; } = [];

    /// <summary>False for a vendor that tells who, and no field.</summary>
    public bool TellsFields { get; set; } = true;

    /// <summary>How many it says were changed in all; null for those that it tells.</summary>
    public long? Left { get; set; }

    /// <summary>Called when it is asked for changes.</summary>
    public Func<Task> WhenAsked { get; set; } = () => Task.CompletedTask;

    public ConnectorDescriptor Descriptor => Acme.Descriptor;

    public int MaxKeysPerRead => 1;

    public int ProfilesPerChangePage => 2;

    public TimeSpan ChangesAreShownAfter => TimeSpan.FromMinutes(2);

    /// <summary>The id that it has for a key.</summary>
    public static string IdOf(string key) => $"r-{key}";

    public Task<DestinationCondition?> CheckAsync(CancellationToken cancellationToken) => Task.FromResult<DestinationCondition?>(null);

    public Task<EnsureAudienceResult> EnsureAudienceAsync(AudienceRequest request, CancellationToken cancellationToken) =>
        Task.FromResult(new EnsureAudienceResult(new AudienceTarget(request.Audience, "list-1"), null));

    public Task<Receipt> DeliverAsync(Batch batch, CancellationToken cancellationToken) => throw new NotSupportedException("A comparison of fields sends nothing.");

    public Task<IReadOnlyList<RemoteProfile>> ReadProfilesAsync(IReadOnlyList<string> keys, IReadOnlyList<string> fields, CancellationToken cancellationToken)
    {
        lock (Read)
        {
            Read.AddRange(keys);
        }

        return Task.FromResult<IReadOnlyList<RemoteProfile>>([.. keys.Where(Towns.ContainsKey).Select(ProfileOf)]);
    }

    public async Task<ChangedProfilePage> ReadChangedProfilesAsync(DateTimeOffset since, IReadOnlyList<string> fields, string? cursor, CancellationToken cancellationToken)
    {
        Asked.Add(since);
        await WhenAsked();
        var after = cursor is null ? 0 : int.Parse(cursor, System.Globalization.CultureInfo.InvariantCulture);
        var told = Changed.Skip(after).Take(ProfilesPerChangePage).Select(ProfileOf).ToList();
        var next = after + told.Count < Changed.Count ? (after + told.Count).ToString(System.Globalization.CultureInfo.InvariantCulture) : null;
        return new ChangedProfilePage([.. told.Select(profile => TellsFields ? profile : profile with { Fields = new Dictionary<string, string>() })], TellsFields, Left ?? Changed.Count - after, next);
    }

    private RemoteProfile ProfileOf(string key) =>
        new(key, IdOf(key), new Dictionary<string, string> { ["id"] = JsonSerializer.Serialize(key), ["town"] = JsonSerializer.Serialize(Towns[key]) });
}

namespace IntegrationHub.Storage.Watch;

/// <summary>A hub as its heartbeat shows it.</summary>
/// <param name="Name">Its name, unlike any other's.</param>
/// <param name="StartedAt">When it started, by the database's clock.</param>
/// <param name="SeenAt">Its last heartbeat, by the database's clock.</param>
/// <param name="Version">Version of the program.</param>
/// <param name="Configuration">Hash of its configuration folder.</param>
/// <param name="Roles">What it does: <c>runs</c>, <c>intake</c>, <c>deliver-NAME</c> per destination.</param>
/// <param name="Trouble"><c>broker</c> while it does not reach the broker, else null.</param>
/// <param name="IsAlive">False when its last heartbeat is so old that it must have ended without a word.</param>
public sealed record HubSighting(
    string Name, DateTimeOffset StartedAt, DateTimeOffset SeenAt, string Version, string Configuration, IReadOnlyList<string> Roles, string? Trouble, bool IsAlive)
{
    private const string Deliver = "deliver-";

    /// <summary>Number of the configuration that it runs; 0 while it runs none that is in force, null for a hub that does not say, as one of an earlier program.</summary>
    public long? ConfigVersion { get; init; }

    /// <summary>Since when its folder holds something that nobody applied; null when it does not, or when folders are applied as hubs start.</summary>
    public DateTimeOffset? ConfigPendingSince { get; init; }

    /// <summary>The role of a hub that works for a destination.</summary>
    public static string RoleOf(string destination) => Deliver + destination;

    /// <summary>The destinations that some of the living hubs work for.</summary>
    public static IReadOnlySet<string> DestinationsOf(IEnumerable<HubSighting> hubs) =>
        hubs.Where(hub => hub.IsAlive).SelectMany(hub => hub.Roles).Where(role => role.StartsWith(Deliver, StringComparison.Ordinal)).Select(role => role[Deliver.Length..]).ToHashSet(StringComparer.Ordinal);
}

using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Canaries;

namespace IntegrationHub.Hub.Canaries;

/// <summary>Lets canaries set off whose time has come.</summary>
internal sealed class CanaryJourney(HubConfiguration configuration, CanaryDeparture departure, OutboxTransaction transactions, TimeProvider time) : IHubJob
{
    /// <summary>Bells come a moment early or late.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromMinutes(2.5);

    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("canaries", "0 0/5 * * * ?", MissedBell.Skip);

    /// <inheritdoc />
    public string Description => "Lets canary people set off whose time has come: what destinations show of them is compared with what policy allows.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var latest = (await transactions.ReadAsync(db => CanaryTrips.LatestAsync(db, cancellationToken))).GroupBy(trip => trip.Canary, StringComparer.Ordinal).ToDictionary(trips => trips.Key, trips => trips.Max(trip => trip.StatedAt), StringComparer.Ordinal);
        var left = 0;
        foreach (var canary in configuration.Canaries.Values.Where(canary => !latest.TryGetValue(canary.Name, out var last) || last + canary.Every - _tolerance <= time.GetUtcNow()))
        {
            await departure.SetOffAsync(canary, null, cancellationToken);
            left++;
        }

        return $"{left} of {configuration.Canaries.Count} canaries set off; 'canaries list' shows where they are.";
    }
}

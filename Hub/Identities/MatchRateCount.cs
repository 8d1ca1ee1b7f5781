using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Schedules;
using IntegrationHub.Storage.Destinations;

namespace IntegrationHub.Hub.Identities;

/// <summary>Counts once an hour how well destinations know the people of audiences, so that a rate that falls is seen as a trend.</summary>
internal sealed class MatchRateCount(HubConfiguration configuration, DestinationDirectory destinations, OutboxTransaction transactions, TimeProvider time) : IHubJob
{
    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("match_rates", "0 35 * * * ?", MissedBell.Skip);

    /// <inheritdoc />
    public string Description => "Counts how well each destination knows the people of each audience.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var (now, counted) = (time.GetUtcNow(), 0);
        foreach (var audience in configuration.Audiences.Values)
        {
            foreach (var destination in audience.Destinations.Select(destinations.Find).OfType<Destination>())
            {
                await transactions.RunAsync(
                    async (db, _) => await MatchRates.NoteAsync(
                        db, await MatchRates.CountAsync(db, audience.Key, destination.Name, destination.IdentityKeyKind, cancellationToken), now, null, cancellationToken),
                    cancellationToken);
                counted++;
            }
        }

        return $"Counted for {counted} audiences at destinations; 'identity matches' shows them.";
    }
}

using System.Globalization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Schedules;

namespace IntegrationHub.Hub.Fields;

/// <summary>Looks once a day which fields vendors have, within what comparisons may take of the quota.</summary>
internal sealed partial class FieldLook(FieldCatalogue catalogue, DestinationDirectory destinations, ILogger<FieldLook> logger) : IHubJob
{
    /// <inheritdoc />
    public BellPlan Plan { get; } = HubJobs.Plan("fields", "0 10 4 * * ?", MissedBell.Skip);

    /// <inheritdoc />
    public string Description => "Looks which fields each vendor has, and keeps what changed, so that a field that vanished is known before a delivery meets it.";

    /// <inheritdoc />
    public async Task<string> WorkAsync(CancellationToken cancellationToken)
    {
        var (looked, changed, away) = (0, 0, new List<string>());
        foreach (var destination in destinations.All.OrderBy(destination => destination.Name, StringComparer.Ordinal))
        {
            try
            {
                if (await catalogue.ReadAsync(destination, destination.ReadBack.Connector, cancellationToken) is { } news)
                {
                    looked++;
                    changed += news.IsFirst ? 0 : news.Added + news.Changed + news.Gone;
                    if (news is { IsFirst: false } and not { Changed: 0, Gone: 0 })
                    {
                        LogChanged(destination.Name, news.Changed, news.Gone);
                    }
                }
            }
            catch (DestinationException trouble)
            {
                // What troubles the destination is told by the work that waits for it.
                away.Add($"{destination.Name} ({trouble.Condition.Code})");
            }
        }

        return string.Create(
            CultureInfo.InvariantCulture,
            $"Looked at the fields of {looked} destinations: {changed} were otherwise than before.{(away.Count == 0 ? "" : $" Could not be asked, and are asked at the next bell: {string.Join(", ", away)}.")}");
    }

    [LoggerMessage(3906, LogLevel.Warning, "{Destination}: {Changed} fields changed at the vendor and {Gone} are gone; 'destinations fields {Destination}' shows those that the mapping writes")]
    private partial void LogChanged(string destination, int changed, int gone);
}

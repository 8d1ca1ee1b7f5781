namespace IntegrationHub.Hub.Destinations;

/// <summary>Gives tokens and slices back when the hub stops, after the bus has drained and while the database is still at hand.</summary>
internal sealed class QuotaGiveBack(DestinationDirectory destinations) : IHostedService
{
    /// <inheritdoc />
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <inheritdoc />
    public Task StopAsync(CancellationToken cancellationToken) => Task.WhenAll(destinations.All.Select(destination => destination.Quota.DisposeAsync().AsTask()));
}

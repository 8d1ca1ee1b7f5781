namespace IntegrationHub.Hub.Destinations;

/// <summary>Gives back what the destinations hold of shared quotas while the database can still be reached: registered before the bus, so that it stops after it.</summary>
internal sealed class DestinationsStop(DestinationDirectory destinations) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public async Task StopAsync(CancellationToken cancellationToken) => await destinations.DisposeAsync();
}

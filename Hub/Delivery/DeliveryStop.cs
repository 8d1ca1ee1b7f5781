using Microsoft.Extensions.Options;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Ends deliveries before anything else of the hub stops: registered last, so that it stops first.</summary>
internal sealed class DeliveryStop(OpenTurns turns, IOptions<DeliveryOptions> options, TimeProvider time) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => turns.CloseAsync(options.Value.StopGrace, time, cancellationToken);
}

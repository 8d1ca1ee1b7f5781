using IntegrationHub.Contracts.Deliveries;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Deliveries;
using MassTransit;

namespace IntegrationHub.Hub.Delivery;

/// <summary>Rings the doorbell of partitions that have work.</summary>
internal sealed class Doorbell(IBus bus)
{
    /// <summary>Endpoint that answers a destination's doorbells in the lanes of runs.</summary>
    public static string EndpointName(string destination) => $"deliver-{destination}";

    /// <summary>Endpoint that answers them in a lane of a stream: no bulk work stands before them there, and no flood of events before a withdrawal.</summary>
    public static string StreamEndpointName(string destination, string lane) => $"deliver-{destination}-{lane}";

    /// <summary>Rings every given partition. A lost ring is rung again by the sweeper.</summary>
    /// <param name="partitions">The partitions.</param>
    /// <param name="cancellationToken">Ends the waiting and not the ringing: the transport calls a send that is taken back a fault.</param>
    public async Task RingAsync(IReadOnlyCollection<PartitionWithWork> partitions, CancellationToken cancellationToken)
    {
        foreach (var destination in partitions.GroupBy(partition => Lane.HoldsStream(partition.Lane) ? StreamEndpointName(partition.Destination, partition.Lane) : EndpointName(partition.Destination)))
        {
            var endpoint = await bus.GetSendEndpoint(new Uri($"exchange:{destination.Key}"));
            await Task.WhenAll(destination.Select(partition => endpoint.Send(
                new DeliveryDue { Destination = partition.Destination, Lane = partition.Lane, Partition = partition.Partition },
                context => context.Durable = false,
                CancellationToken.None))).WaitAsync(cancellationToken);
        }
    }
}

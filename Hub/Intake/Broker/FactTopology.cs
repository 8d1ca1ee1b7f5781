using RabbitMQ.Client;

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>
/// Exchanges, queues and bindings that facts come in by. They are those that the bus made of them in earlier versions, to the letter: the broker refuses to declare one anew
/// that is different, and producers with the .NET contracts publish to the exchange of the contract.
/// </summary>
internal static class FactTopology
{
    private static readonly Dictionary<string, object?> _quorum = new() { ["x-queue-type"] = "quorum" };

    /// <summary>Declares everything; what is there already stays as it is.</summary>
    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(FactQueue.RawExchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        foreach (var queue in FactQueue.All)
        {
            await channel.ExchangeDeclareAsync(queue.Name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
            await channel.QueueDeclareAsync(queue.Name, durable: true, exclusive: false, autoDelete: false, arguments: _quorum, cancellationToken: cancellationToken);
            await channel.QueueBindAsync(queue.Name, queue.Name, "", cancellationToken: cancellationToken);
            await channel.ExchangeBindAsync(queue.Name, FactQueue.RawExchange, queue.RoutingKey, cancellationToken: cancellationToken);
            foreach (var contract in queue.Contracts)
            {
                var exchange = contract.Exchange;
                await channel.ExchangeDeclareAsync(exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
                await channel.ExchangeBindAsync(queue.Name, exchange, "", cancellationToken: cancellationToken);
            }
        }
    }
}

// Publishes facts to the hub: dotnet run -- FILE.json ...
using System.Text.Json;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

const string Exchange = "hub.events";

var address = new Uri(Environment.GetEnvironmentVariable("AMQP_URL") ?? "amqp://guest:guest@localhost:5672/");
await using var connection = await new ConnectionFactory { Uri = address }.CreateConnectionAsync();

// With confirmations tracked, publishing ends when the broker has stored the fact, and throws when it has not.
await using var channel = await connection.CreateChannelAsync(new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
await channel.ExchangeDeclarePassiveAsync(Exchange); // The hub declares it; without one nobody would listen.

foreach (var file in args)
{
    // A fact in every file. Its event_id was minted when the thing happened and stays the same however often the fact is sent: the hub swallows repeats.
    var body = await File.ReadAllBytesAsync(file);
    var fact = JsonElement.Parse(body);
    var (id, type) = (fact.GetProperty("event_id").GetString()!, fact.GetProperty("event_type").GetString()!);
    var properties = new BasicProperties { ContentType = "application/json", DeliveryMode = DeliveryModes.Persistent, MessageId = id };
    try
    {
        await channel.BasicPublishAsync(Exchange, routingKey: type, mandatory: true, properties, body);
    }
    catch (PublishException exception)
    {
        Console.Error.WriteLine($"{id} was {(exception.IsReturn ? "taken by no queue: start the hub" : "not stored by the broker")}, then send the same fact again.");
        return 1;
    }
}

Console.WriteLine($"{args.Length} published");
return 0;

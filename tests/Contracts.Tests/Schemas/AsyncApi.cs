using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Audiences;

namespace Contracts.Tests.Schemas;

/// <summary>
/// The hub's messages as an AsyncAPI document, version 3.0: what it receives and says over AMQP and HTTP, with the schemas beside it. Nothing that only a run and the hub say to each other.
/// https://www.asyncapi.com/docs/reference/specification/v3.0.0
/// </summary>
internal static class AsyncApi
{
    private const string RawExchange = "hub.events";

    private static readonly Type[] _commands = [typeof(StartAudienceSync), typeof(ApproveAudienceSync), typeof(PauseAudienceSync), typeof(ResumeAudienceSync), typeof(CancelAudienceSync)];

    private static readonly Type[] _lifecycle =
    [
        typeof(AudienceSyncStarted), typeof(AudienceSyncAwaitingApproval), typeof(AudienceSyncStalled), typeof(AudienceSyncCompleted), typeof(AudienceSyncCanceled), typeof(AudienceSyncFailed),
    ];

    public static JsonObject Document()
    {
        var (channels, operations, messages) = (new JsonObject(), new JsonObject(), new JsonObject());
        foreach (var fact in FactSchema.Facts)
        {
            var (name, type) = (Camel(fact.Name), FactSchema.EventType(fact));
            messages[$"{name}V1"] = new JsonObject
            {
                ["name"] = type,
                ["title"] = fact.Name,
                ["summary"] = FactSchema.Of(fact)["description"]!.DeepClone(),
                ["contentType"] = "application/json",
                ["payload"] = new JsonObject { ["$ref"] = $"./Schemas/{type}.v1.json" },
            };
            channels[name] = Channel(type, $"Published on {RawExchange} with the routing key {type}, as JSON or as a CloudEvent.", "broker", [$"{name}V1"], Amqp(RawExchange, "topic"));
            operations[$"intake{fact.Name}"] = Operation("receive", name, [$"{name}V1"]);
        }

        string[] facts = [.. FactSchema.Facts.Select(fact => $"{Camel(fact.Name)}V1")];
        channels["events"] = Channel("/v1/events", "One fact, an array, or one per line; also as CloudEvents. Answered after the commit, per fact.", "hub", facts, null);
        operations["intakeOverHttp"] = Operation("receive", "events", facts);
        operations["intakeOverHttp"]!["bindings"] = new JsonObject { ["http"] = new JsonObject { ["method"] = "POST", ["bindingVersion"] = "0.3.0" } };
        foreach (var contract in _commands.Concat(_lifecycle))
        {
            var name = Camel(contract.Name);
            var schema = FactSchema.OfContract(contract);
            var summary = schema["description"]!.DeepClone();
            schema.Remove("description");
            messages[name] = new JsonObject
            {
                ["name"] = contract.Name,
                ["summary"] = summary,
                ["contentType"] = "application/vnd.masstransit+json",
                ["payload"] = schema,
            };
            channels[name] = Channel($"{contract.Namespace}:{contract.Name}", "In MassTransit's envelope, as message.", "broker", [name], Amqp($"{contract.Namespace}:{contract.Name}", "fanout"));
            operations[$"{(_commands.Contains(contract) ? "obey" : "tell")}{contract.Name}"] = Operation(_commands.Contains(contract) ? "receive" : "send", name, [name]);
        }

        return new JsonObject
        {
            ["asyncapi"] = "3.0.0",
            ["info"] = new JsonObject
            {
                ["title"] = "IntegrationHub",
                ["version"] = "1.0.0",
                ["description"] = "Facts that producers state, commands to runs of audiences, and what runs tell. receive is what the hub takes, send what it says.",
                ["license"] = new JsonObject { ["name"] = "Apache-2.0", ["url"] = "https://www.apache.org/licenses/LICENSE-2.0" },
            },
            ["defaultContentType"] = "application/json",
            ["servers"] = new JsonObject
            {
                ["broker"] = new JsonObject { ["host"] = "broker:5672", ["protocol"] = "amqp", ["description"] = "The broker of Hub:RabbitMq." },
                ["hub"] = new JsonObject { ["host"] = "localhost:8080", ["protocol"] = "http", ["description"] = "The hub at Hub:Urls." },
            },
            ["channels"] = channels,
            ["operations"] = operations,
            ["components"] = new JsonObject { ["messages"] = messages },
        };
    }

    private static JsonObject Channel(string address, string description, string server, IEnumerable<string> messages, JsonObject? bindings)
    {
        var channel = new JsonObject
        {
            ["address"] = address,
            ["description"] = description,
            ["servers"] = new JsonArray(Reference($"servers/{server}")),
            ["messages"] = new JsonObject(messages.Select(message => KeyValuePair.Create(message, (JsonNode?)Reference($"components/messages/{message}")))),
        };
        if (bindings is not null)
            channel["bindings"] = bindings;
        return channel;
    }

    private static JsonObject Amqp(string exchange, string type) => new()
    {
        ["amqp"] = new JsonObject
        {
            ["is"] = "routingKey",
            ["exchange"] = new JsonObject { ["name"] = exchange, ["type"] = type, ["durable"] = true, ["autoDelete"] = false, ["vhost"] = "/" },
            ["bindingVersion"] = "0.3.0",
        },
    };

    private static JsonObject Operation(string action, string channel, IEnumerable<string> messages) => new()
    {
        ["action"] = action,
        ["channel"] = Reference($"channels/{channel}"),
        ["messages"] = new JsonArray([.. messages.Select(message => Reference($"channels/{channel}/messages/{message}"))]),
    };

    private static JsonObject Reference(string path) => new() { ["$ref"] = $"#/{path}" };

    private static string Camel(string name) => char.ToLowerInvariant(name[0]) + name[1..];
}

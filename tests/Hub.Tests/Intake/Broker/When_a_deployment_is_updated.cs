using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Intake.Broker;
using IntegrationHub.TestServers;
using MassTransit;
using RabbitMQ.Client;

namespace IntegrationHub.Hub.Tests.Intake.Broker;

/// <summary>The broker keeps what the last version declared, and refuses to declare a thing that is different.</summary>
public sealed class When_a_deployment_is_updated
{
    [Test]
    public async Task Should_find_the_queues_and_bindings_that_the_bus_made()
    {
        await using var old = await RabbitMqVirtualHost.CreateAsync();
        await using var fresh = await RabbitMqVirtualHost.CreateAsync();
        await LastVersionAsync(old);
        var before = await DefinitionsAsync(old);

        await DeclareAsync(old);
        await DeclareAsync(fresh);

        Assert.That(await DefinitionsAsync(old), Is.EqualTo(before));
        Assert.That(await DefinitionsAsync(fresh), Is.EqualTo(before));
        Assert.That(before, Has.Some.Contains("ConsentUpdated").And.Some.Contains("x-queue-type"));
    }

    [Test]
    public void Should_bind_every_contract() => Assert.That(
        FactQueue.All.SelectMany(queue => queue.Contracts).Select(contract => contract.Exchange.Split(':')[1]), Is.EquivalentTo(Facts.ApprovedFact.Contracts.Select(contract => contract.Name)));

    private static async Task DeclareAsync(RabbitMqVirtualHost broker)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        await FactTopology.DeclareAsync(channel, CancellationToken.None);
    }

    /// <summary>As versions before decision 0031 mapped their endpoints.</summary>
    private static async Task LastVersionAsync(RabbitMqVirtualHost broker)
    {
        LogContext.Current = null;
        var bus = Bus.Factory.CreateUsingRabbitMq(rabbit =>
        {
            rabbit.Host(broker.Uri);
            rabbit.ReceiveEndpoint("hub-consents", endpoint =>
            {
                endpoint.SetQuorumQueue();
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Bind<ConsentUpdated>();
                BindRaw(endpoint, ConsentUpdated.Type);
            });
            rabbit.ReceiveEndpoint("hub-intake", endpoint =>
            {
                endpoint.SetQuorumQueue();
                endpoint.ConfigureConsumeTopology = false;
                endpoint.Bind<ProfileUpdated>();
                endpoint.Bind<ProfileMerged>();
                endpoint.Bind<ProfileDeleted>();
                endpoint.Bind<AudienceMembershipChanged>();
                endpoint.Bind<BehaviorTracked>();
                endpoint.Bind<LeadCreated>();
                endpoint.Bind<LeadEnriched>();
                endpoint.Bind<LeadScored>();
                endpoint.Bind<LeadQualified>();
                endpoint.Bind<AccountUpdated>();
                endpoint.Bind<OpportunityCreated>();
                endpoint.Bind<OpportunityStageChanged>();
                BindRaw(endpoint, "#");
            });
        });
        await bus.StartAsync();
        await bus.StopAsync();
        LogContext.Current = null;
    }

    private static void BindRaw(IRabbitMqReceiveEndpointConfigurator endpoint, string routingKey) => endpoint.Bind("hub.events", exchange =>
    {
        exchange.ExchangeType = "topic";
        exchange.RoutingKey = routingKey;
        exchange.Durable = true;
        exchange.AutoDelete = false;
    });

    private static async Task<List<string>> DefinitionsAsync(RabbitMqVirtualHost broker)
    {
        var definitions = JsonNode.Parse(await broker.Management.GetStringAsync($"api/definitions/{broker.Name}"))!;
        return [.. new[] { "queues", "exchanges", "bindings" }.SelectMany(kind => definitions[kind]!.AsArray().Select(one => $"{kind}: {JsonSerializer.Serialize(one)}")).Order(StringComparer.Ordinal)];
    }
}

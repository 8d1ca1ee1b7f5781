using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>Who runs a hub across machines without TLS is told at the start what to set.</summary>
public sealed class When_a_way_is_plain
{
    [TestCase("amqp://u:p@broker:5672/", "Host=db;SSL Mode=VerifyFull", "broker: is not encrypted")]
    [TestCase("rabbitmq://u:p@broker/", "Host=db;SSL Mode=VerifyFull", "broker: is not encrypted")]
    [TestCase("amqps://u:p@broker/", "Host=db", "database: is not encrypted where the server does without it")]
    [TestCase("amqps://u:p@broker/", "Host=db;SSL Mode=Disable", "database: is not encrypted")]
    [TestCase("amqps://u:p@broker/", "Host=localhost,db:5433;SSL Mode=Require", "database: is encrypted, and the hub does not make sure who answers")]
    [TestCase("amqps://u:p@broker/", "Host=db;SSL Mode=VerifyFull", "")]
    [TestCase("amqp://u:p@127.0.0.1/", "Host=localhost,127.0.0.1:5433", "")]
    [TestCase("amqp://u:p@localhost/", "Host=/var/run/postgresql", "")]
    public void Should_be_told_of_with_what_to_set(string broker, string database, string problem)
    {
        var roads = PlainRoad.Find(new HubOptions { Bus = BusKind.RabbitMq, RabbitMq = broker, Database = StorageDatabase.Postgres, ConnectionString = database }).ToList();
        Assert.That(string.Join('|', roads.Select(road => $"{road.To}: {road.Problem}")), Is.EqualTo(problem));
        Assert.That(roads.Select(road => road.Fix), Is.All.Contains("Hub:"));
    }

    [Test]
    public void Should_be_none_within_one_process() => Assert.That(PlainRoad.Find(new HubOptions()), Is.Empty);
}

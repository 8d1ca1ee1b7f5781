using System.Reflection;
using IntegrationHub.Connectors.Abstractions;

namespace Connectors.Tests.Conformance;

public sealed class When_a_connector_is_registered
{
    private static readonly string[] Covered = [.. FixturesOf<ConnectorConformance>().Select(fixture => fixture.Name)];

    [Test]
    public void Should_be_held_to_the_contract() => Assert.That(Covered, Is.EquivalentTo(ConnectorFleet.Factories.Keys));

    [Test]
    public void Should_be_given_every_answer_by_script()
        => Assert.That(FixturesOf<AnswerConformance>().Select(fixture => fixture.Name), Is.EquivalentTo(ConnectorFleet.Factories.Keys));

    [Test]
    public void Should_be_in_the_fleet_when_its_project_is_referenced()
    {
        var factories = Directory.GetFiles(AppContext.BaseDirectory, "IntegrationHub.Connectors.*.dll")
            .SelectMany(file => Assembly.Load(Path.GetFileNameWithoutExtension(file)).GetTypes())
            .Where(type => type.IsAssignableTo(typeof(IConnectorFactory)) && !type.IsInterface);
        Assert.That(ConnectorFleet.Factories.Values.Select(factory => factory.GetType()), Is.EquivalentTo(factories));
    }

    [Test]
    public void Should_be_waived_only_checks_that_exist() => Assert.Multiple(() =>
    {
        foreach (var waiver in Waivers.All)
        {
            Assert.That(Covered, Does.Contain(waiver.Connector), $"{waiver}");
            Assert.That(typeof(ConnectorConformance).GetMethod(waiver.Check), Is.Not.Null, $"{waiver}");
            Assert.That((waiver.Reason, waiver.Failure), Is.Not.EqualTo(("", "")).And.Matches<(string Reason, string Failure)>(texts => texts.Reason != "" && texts.Failure != ""), $"{waiver}");
        }
    });

    private static IEnumerable<T> FixturesOf<T>() => typeof(T).Assembly.GetTypes()
        .Where(type => type.IsSubclassOf(typeof(T)) && !type.IsAbstract)
        .Select(type => (T)Activator.CreateInstance(type)!);
}

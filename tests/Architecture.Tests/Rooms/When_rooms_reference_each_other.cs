using System.Reflection;
using System.Xml.Linq;

namespace Architecture.Tests.Rooms;

/// <summary>What each assembly may reference; a reference that is only written down in the project file counts too.</summary>
public sealed class When_rooms_reference_each_other
{
    private static readonly string[] _framework = ["System", "Microsoft.Extensions", "netstandard", "mscorlib"];
    private static readonly string[] _house = ["IntegrationHub.Contracts", "IntegrationHub.Connectors.Abstractions"];

    [Test]
    public void Should_keep_contracts_free_of_everything_but_the_base_library()
    {
        Assert.That(Strangers(Room.Contracts, "System"), Is.Empty);
        Assert.That(ProjectReferences("Contracts/IntegrationHub.Contracts.csproj"), Is.Empty);
    }

    [Test]
    public void Should_keep_abstractions_to_contracts_and_the_framework() =>
        Assert.That(Strangers(Room.Abstractions, [.. _framework, "IntegrationHub.Contracts"]), Is.Empty);

    [Test]
    public void Should_keep_connectors_away_from_each_other_the_bus_and_the_database([ValueSource(typeof(Room), nameof(Room.Connectors))] Assembly connector)
    {
        var vendor = connector.GetName().Name!.Split('.')[^1];
        Assert.That(Strangers(connector, [.. _framework, .. _house, "Polly", "CsvHelper"]), Is.Empty);
        Assert.That(
            ProjectReferences($"Connectors/{vendor}/IntegrationHub.Connectors.{vendor}.csproj").Except(["Polly.Core", "CsvHelper", .. _house]),
            Is.Empty);
    }

    [Test]
    public void Should_keep_sandboxes_away_from_the_connectors_they_test() =>
        Assert.That(Strangers(Room.Sandbox, [.. _framework, .. _house, "Microsoft.AspNetCore", "Microsoft.Net.Http"]), Is.Empty);

    [Test]
    public void Should_keep_sagas_to_contracts_the_bus_and_their_rows() =>
        Assert.That(
            Strangers(Room.Sagas, [.. _framework, "IntegrationHub.Contracts", "MassTransit", "Microsoft.EntityFrameworkCore", "Npgsql.EntityFrameworkCore"])
                .Concat(Room.References(Room.Sagas).Where(name => name == "System.Net.Http" || name.Contains("Connectors"))),
            Is.Empty);

    [Test]
    public void Should_keep_the_bridge_free_of_our_product() =>
        Assert.That(Room.References(Room.Bridge).Where(name => name.StartsWith("IntegrationHub", StringComparison.Ordinal)), Is.Empty);

    [Test]
    public void Should_keep_identity_free_of_everything_but_the_base_library()
    {
        Assert.That(Strangers(Room.Identity, "System"), Is.Empty);
        Assert.That(ProjectReferences("Hub/Identity/IntegrationHub.Identity.csproj"), Is.Empty);
    }

    [Test]
    public void Should_keep_storage_away_from_the_host_the_bus_and_the_vendors() =>
        Assert.That(
            Room.References(Room.Storage).Where(name => name is "IntegrationHub.Hub" or "MassTransit.RabbitMqTransport" or "System.Net.Http"
                || (name.StartsWith("IntegrationHub.Connectors", StringComparison.Ordinal) && name != "IntegrationHub.Connectors.Abstractions")),
            Is.Empty);

    [Test]
    public void Should_keep_vendor_names_out_of_contracts_and_sagas() =>
        Assert.That(
            from assembly in new[] { Room.Contracts, Room.Sagas }
            from type in assembly.GetTypes()
            from name in type.GetMembers().Select(member => member.Name).Prepend(type.FullName!)
            from vendor in new[] { "Braze", "HubSpot", "Marketo", "Salesforce" }
            where name.Contains(vendor, StringComparison.OrdinalIgnoreCase)
            select $"{type.FullName}: {name}",
            Is.Empty);

    private static IEnumerable<string> Strangers(Assembly assembly, params string[] allowed) => Room.References(assembly)
        .Where(name => !allowed.Any(prefix => name == prefix || name.StartsWith($"{prefix}.", StringComparison.Ordinal)));

    private static string[] ProjectReferences(string project) => [.. XDocument.Load(Path.Combine(Repository.Tree.Root, project)).Descendants()
        .Where(element => element.Name.LocalName is "ProjectReference" or "PackageReference" && (string?)element.Attribute("PrivateAssets") != "all")
        .Select(element => Path.GetFileName((string)element.Attribute("Include")!).Replace(".csproj", "", StringComparison.Ordinal))];
}

using IntegrationHub.Connectors.Sandbox;
using YamlDotNet.RepresentationModel;

namespace Architecture.Tests.Repository;

/// <summary>No Docker engine is needed to see that the compose file keeps its promises.</summary>
public sealed class When_compose_starts_the_topology
{
    private static readonly YamlMappingNode _compose = Load();
    private static readonly YamlMappingNode _services = (YamlMappingNode)_compose["services"];

    [Test]
    public void Should_have_two_hubs_a_sandbox_a_broker_a_database_and_who_watches_them() =>
        Assert.That(_services.Children.Keys.Select(key => key.ToString()), Is.EquivalentTo(["postgres", "rabbitmq", "sandbox", "hub-1", "hub-2", "prometheus", "grafana"]));

    [Test]
    public void Should_mount_what_is_in_the_repository_and_no_other_file()
    {
        var mounts = Services().Where(service => Find(service.Node, "volumes") is not null)
            .SelectMany(service => ((YamlSequenceNode)service.Node["volumes"]).Select(volume => volume.ToString().Split(':'))).ToList();
        var files = mounts.Where(mount => mount[0].StartsWith("./", StringComparison.Ordinal)).ToList();
        Assert.That(files, Is.Not.Empty);
        Assert.That(files.Where(mount => !Tree.Files.Any(file => file.StartsWith(mount[0][2..] + "/", StringComparison.Ordinal))).Select(mount => mount[0]), Is.Empty);
        Assert.That(files.Select(mount => mount[^1]), Is.All.EqualTo("ro"));
        Assert.That(mounts.Select(mount => mount[0]).Where(source => !source.StartsWith("./", StringComparison.Ordinal)), Is.SubsetOf(((YamlMappingNode)_compose["volumes"]).Children.Keys.Select(key => key.ToString())));
    }

    [Test]
    public void Should_give_services_no_secret_but_those_that_the_environment_holds()
    {
        var known = ((YamlMappingNode)_compose["secrets"]).Children.ToDictionary(secret => secret.Key.ToString(), secret => secret.Value["environment"].ToString());
        var used = Services().Where(service => Find(service.Node, "secrets") is not null).SelectMany(service => (YamlSequenceNode)service.Node["secrets"]).Select(secret => secret.ToString()).ToList();
        Assert.That(used, Is.Not.Empty.And.EquivalentTo(known.Keys));
        Assert.That(known.Values, Is.All.Matches<string>(variable => Tree.Read("docker-compose.yml").Contains($"${{{variable}:?", StringComparison.Ordinal)), "asked for where it is missing");
    }

    [Test]
    public void Should_pin_every_image_to_a_full_version() =>
        Assert.That(
            Services().Where(service => Find(service.Node, "build") is null).Select(service => service.Node["image"].ToString())
                .Concat(Tree.Lines("Hub/Dockerfile").Where(line => line.StartsWith("FROM ", StringComparison.Ordinal)).Select(line => line.Split(' ')[1])),
            Is.Not.Empty.And.All.Match(@":v?\d+\.\d+(\.\d+)?(-[a-z0-9.-]+)?$"));

    [Test]
    public void Should_build_with_the_SDK_that_the_repository_asks_for()
    {
        var asked = System.Text.Json.JsonDocument.Parse(Tree.Read("global.json")).RootElement.GetProperty("sdk").GetProperty("version").GetString()!;
        Assert.That(Tree.Read("Hub/Dockerfile"), Does.Contain($"dotnet/sdk:{asked[..^2]}"));
    }

    [Test]
    public void Should_check_the_health_of_every_service() =>
        Assert.That(Services().Where(service => Find(service.Node, "healthcheck") is not YamlMappingNode check || !check.Children.ContainsKey("test")).Select(service => service.Name), Is.Empty);

    [Test]
    public void Should_start_hubs_when_all_they_need_is_healthy()
    {
        foreach (var hub in Services().Where(service => service.Name.StartsWith("hub-", StringComparison.Ordinal)))
        {
            var needs = (YamlMappingNode)Find(hub.Node, "depends_on")!;
            Assert.That(needs.Children.Select(need => $"{need.Key}: {need.Value["condition"]}"), Is.EquivalentTo(
                ["postgres: service_healthy", "rabbitmq: service_healthy", "sandbox: service_healthy"]));
        }
    }

    [Test]
    public void Should_take_every_secret_from_the_environment() =>
        Assert.That(
            from service in Services()
            where Find(service.Node, "environment") is not null
            from entry in ((YamlMappingNode)Find(service.Node, "environment")!).Children
            where new[] { "PASS", "SECRET", "TOKEN", "KEY" }.Any(word => entry.Key.ToString().Contains(word, StringComparison.OrdinalIgnoreCase))
            where !entry.Value.ToString().StartsWith("${", StringComparison.Ordinal)
            select $"{service.Name}: {entry.Key}",
            Is.Empty);

    [Test]
    public async Task Should_know_the_credentials_of_the_sandboxes()
    {
        await using var sandbox = await SandboxServer.StartAsync(new SandboxOptions(), CancellationToken.None);
        var compose = Tree.Read("docker-compose.yml");
        Assert.That(sandbox.Rooms.Values.SelectMany(room => room.Vendor.Credentials.Values).Where(credential => !compose.Contains($":-{credential}}}", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Should_publish_ports_on_loopback_only() =>
        Assert.That(
            Services().Where(service => Find(service.Node, "ports") is not null).SelectMany(service => (YamlSequenceNode)service.Node["ports"]).Select(port => port.ToString()),
            Is.Not.Empty.And.All.StartsWith("127.0.0.1:"));

    private static IEnumerable<(string Name, YamlMappingNode Node)> Services() =>
        _services.Children.Select(entry => (entry.Key.ToString(), (YamlMappingNode)entry.Value));

    // The merge key is kept by this parser as a key of its own.
    private static YamlNode? Find(YamlMappingNode node, string key) =>
        node.Children.TryGetValue(key, out var own) ? own
        : node.Children.TryGetValue("<<", out var merged) ? Find((YamlMappingNode)merged, key)
        : null;

    private static YamlMappingNode Load()
    {
        var stream = new YamlStream();
        using var reader = new StringReader(Tree.Read("docker-compose.yml"));
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents[0].RootNode;
    }
}

using IntegrationHub.Connectors.Sandbox;
using IntegrationHub.Hub;
using IntegrationHub.Hub.Cli;
using YamlDotNet.RepresentationModel;

namespace Architecture.Tests.Repository;

/// <summary>No Docker engine is needed to see that the compose file keeps its promises.</summary>
public sealed class When_compose_starts_the_topology
{
    private static readonly YamlMappingNode _compose = Load();
    private static readonly YamlMappingNode _services = (YamlMappingNode)_compose["services"];

    [Test]
    public void Should_have_two_hubs_a_sandbox_a_broker_a_database_the_step_that_migrates_it_and_who_watches() =>
        Assert.That(_services.Children.Keys.Select(key => key.ToString()), Is.EquivalentTo(["postgres", "rabbitmq", "sandbox", "migrate", "hub-1", "hub-2", "prometheus", "grafana"]));

    [Test]
    public void Should_mount_what_is_in_the_repository_and_no_other_file()
    {
        var mounts = Services().Select(service => Find(service.Node, "volumes")).OfType<YamlSequenceNode>().SelectMany(volumes => volumes.Select(volume => volume.ToString().Split(':'))).ToList();
        var files = mounts.Where(mount => mount[0].StartsWith("./", StringComparison.Ordinal)).ToList();
        Assert.That(files, Has.Count.GreaterThan(2));
        Assert.That(files.Select(mount => mount[0][2..]).Where(path => !Tree.Files.Any(file => file.StartsWith(path, StringComparison.Ordinal))), Is.Empty);
        Assert.That(files.Select(mount => mount[^1]), Is.All.EqualTo("ro"));
        Assert.That(mounts.Select(mount => mount[0]).Where(source => !source.StartsWith("./", StringComparison.Ordinal)).Distinct(), Is.SubsetOf(((YamlMappingNode)_compose["volumes"]).Children.Keys.Select(key => key.ToString())));
    }

    [Test]
    public void Should_give_services_no_secret_but_those_that_the_environment_holds()
    {
        var known = ((YamlMappingNode)_compose["secrets"]).Children.ToDictionary(secret => secret.Key.ToString(), secret => secret.Value["environment"].ToString());
        var used = Services().Select(service => Find(service.Node, "secrets")).OfType<YamlSequenceNode>().SelectMany(secrets => secrets).Select(secret => secret.ToString()).ToList();
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
    public void Should_check_the_health_of_every_service_that_stays() =>
        Assert.That(Services().Where(service => service.Node.Children.TryGetValue("restart", out var restart) is false || restart.ToString() != "no").Where(service => Find(service.Node, "healthcheck") is not YamlMappingNode check || !check.Children.ContainsKey("test")).Select(service => service.Name), Is.Empty);

    [Test]
    public void Should_start_hubs_when_all_they_need_is_healthy()
    {
        foreach (var hub in Services().Where(service => service.Name.StartsWith("hub-", StringComparison.Ordinal)))
        {
            var needs = (YamlMappingNode)Find(hub.Node, "depends_on")!;
            Assert.That(needs.Children.Select(need => $"{need.Key}: {need.Value["condition"]}"), Is.EquivalentTo(
                ["migrate: service_completed_successfully", "postgres: service_healthy", "rabbitmq: service_healthy", "sandbox: service_healthy"]));
        }
    }

    /// <summary>The image has no shell: what it is asked to run is a verb of the hub, and one that there is.</summary>
    [Test]
    public void Should_run_nothing_in_the_image_but_the_hub()
    {
        using StringWriter output = new(), error = new();
        var verbs = CommandLine.Build(new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => HubHost.ValidateAsync([], CancellationToken.None) }, new Terminal { Out = output, Error = error });
        var built = Services().Where(service => Find(service.Node, "build") is not null).ToList();
        var calls = built.Select(service => Words(Find(service.Node, "command")!).ToList())
            .Concat(built.Select(service => Find(service.Node, "healthcheck")).OfType<YamlMappingNode>().Where(check => check.Children.ContainsKey("test")).Select(check => Words(check["test"]).ToList()))
            .Append([.. Tree.Lines("Hub/Dockerfile").Single(line => line.StartsWith("HEALTHCHECK", StringComparison.Ordinal)).Split('[')[1].TrimEnd(']').Split(", ").Select(word => word.Trim('"'))])
            .ToList();
        Assert.That(calls, Has.Count.GreaterThan(6));
        string[] prefix = ["CMD", "dotnet", "IntegrationHub.Hub.dll"];
        Assert.That(calls.Where(call => verbs.Parse([.. call.SkipWhile(prefix.Contains)]).Errors.Count > 0 || call.Contains("CMD-SHELL")).Select(call => string.Join(' ', call)), Is.Empty);
    }

    [Test]
    public void Should_give_programs_no_more_than_they_need()
    {
        foreach (var service in Services().Where(service => Find(service.Node, "build") is not null))
        {
            Assert.That(Find(service.Node, "read_only")?.ToString(), Is.EqualTo("true"), service.Name);
            Assert.That(Words(Find(service.Node, "cap_drop")!), Is.EqualTo(new[] { "ALL" }), service.Name);
            Assert.That(Words(Find(service.Node, "security_opt")!), Does.Contain("no-new-privileges:true"), service.Name);
        }
    }

    /// <summary>Erased people are known by a secret: a hub that has another one takes nothing in.</summary>
    [Test]
    public void Should_let_all_hubs_of_a_database_keep_their_secrets_in_one_place() =>
        Assert.That(
            Services().Where(service => service.Name.StartsWith("hub-", StringComparison.Ordinal)).Select(service => string.Join(',', Words(Find(service.Node, "volumes")!))).Distinct(),
            Is.EqualTo(new[] { "hub:/data" }));

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

    private static IEnumerable<string> Words(YamlNode list) => ((YamlSequenceNode)list).Select(word => word.ToString());

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

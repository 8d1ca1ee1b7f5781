using IntegrationHub.Hub;
using IntegrationHub.Hub.Cli;
using k8s;
using k8s.Models;
using YamlDotNet.RepresentationModel;

namespace Architecture.Tests.Repository;

/// <summary>No cluster is needed to see that the manifests are read by Kubernetes' own types, belong together and keep their promises.</summary>
public sealed class When_Kubernetes_runs_the_hub
{
    private const string Folder = "Hub/Deploy/kubernetes/";
    private const string Kustomization = "kustomization.yaml";
    private const string HubName = "integration-hub";

    private static readonly Dictionary<string, Type> _kinds = new()
    {
        ["v1/ServiceAccount"] = typeof(V1ServiceAccount),
        ["v1/ConfigMap"] = typeof(V1ConfigMap),
        ["v1/Service"] = typeof(V1Service),
        ["apps/v1/Deployment"] = typeof(V1Deployment),
        ["batch/v1/Job"] = typeof(V1Job),
        ["policy/v1/PodDisruptionBudget"] = typeof(V1PodDisruptionBudget),
        ["autoscaling/v2/HorizontalPodAutoscaler"] = typeof(V2HorizontalPodAutoscaler),
        ["networking.k8s.io/v1/NetworkPolicy"] = typeof(V1NetworkPolicy),
    };

    private static readonly V1Deployment _hubs = Read<V1Deployment>("deployment.yaml");
    private static readonly V1Job _step = Read<V1Job>("migrate.yaml");
    private static readonly V1ConfigMap _settings = Read<V1ConfigMap>("settings.yaml");

    [Test]
    public void Should_hold_only_fields_that_Kubernetes_knows()
    {
        var files = Files().Where(file => file != Kustomization).ToList();
        Assert.That(files, Has.Count.EqualTo(_kinds.Count));
        foreach (var file in files)
        {
            var raw = Mapping(file);
            Assert.That(_kinds, Does.ContainKey($"{raw["apiVersion"]}/{raw["kind"]}"), file);
            Assert.DoesNotThrow(() => KubernetesYaml.LoadAllFromString(Tree.Read(Folder + file), _kinds.ToDictionary(kind => kind.Key, kind => kind.Value), strict: true), file);
        }
    }

    [Test]
    public void Should_refuse_a_field_that_it_does_not_know() => Assert.That(
        () => KubernetesYaml.LoadAllFromString(Tree.Read($"{Folder}service.yaml").Replace("targetPort", "tragetPort", StringComparison.Ordinal), strict: true), Throws.Exception);

    [Test]
    public void Should_apply_every_file() => Assert.That(((YamlSequenceNode)Mapping(Kustomization)["resources"]).Select(file => file.ToString()).Append(Kustomization), Is.EquivalentTo(Files()));

    [Test]
    public void Should_run_pods_without_rights_on_a_file_system_that_nobody_writes()
    {
        foreach (var pod in Pods())
        {
            Assert.That((pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.RunAsUser, pod.SecurityContext.SeccompProfile.Type), Is.EqualTo(((bool?)true, (long?)1654, "RuntimeDefault")));
            Assert.That(pod.AutomountServiceAccountToken, Is.False);
            foreach (var container in pod.Containers)
            {
                Assert.That((container.SecurityContext.AllowPrivilegeEscalation, container.SecurityContext.ReadOnlyRootFilesystem), Is.EqualTo(((bool?)false, (bool?)true)));
                Assert.That(container.SecurityContext.Capabilities.Drop, Is.EqualTo(new[] { "ALL" }));
                Assert.That(container.Resources.Limits, Does.ContainKey("memory"));
            }
        }

        Assert.That(Tree.Read("Hub/Dockerfile"), Does.Contain("USER 1654"));
    }

    [Test]
    public void Should_run_verbs_that_there_are()
    {
        using StringWriter output = new(), error = new();
        var verbs = CommandLine.Build(new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => HubHost.ValidateAsync([], CancellationToken.None) }, new Terminal { Out = output, Error = error });
        Assert.That(Pods().SelectMany(pod => pod.Containers).Select(container => verbs.Parse([.. container.Args]).Errors.Count), Is.All.Zero);
        Assert.That(_step.Spec.Template.Spec.Containers.Single().Args, Is.EqualTo(new[] { "migrate" }));
        Assert.That(_settings.Data["Hub__MigrateAtStart"], Is.EqualTo("false"), "the step migrates, hubs do not");
    }

    /// <summary>The database, when it is away for a moment, is no reason to start all hubs anew.</summary>
    [Test]
    public void Should_ask_at_addresses_that_need_no_key()
    {
        var hub = _hubs.Spec.Template.Spec.Containers.Single();
        Assert.That(new[] { hub.StartupProbe, hub.LivenessProbe, hub.ReadinessProbe }.Select(probe => $"{probe.HttpGet.Path} {(string)probe.HttpGet.Port}"), Is.EqualTo(new[] { "/healthz/live http", "/healthz/live http", "/healthz/ready http" }));
        Assert.That(hub.Ports.Single().Name, Is.EqualTo("http"));
    }

    [Test]
    public void Should_leave_a_hub_the_time_that_it_needs_to_stop()
    {
        var pod = _hubs.Spec.Template.Spec;
        Assert.That(pod.TerminationGracePeriodSeconds, Is.GreaterThanOrEqualTo(pod.Containers.Single().Lifecycle.PreStop.Sleep.Seconds + 30));
    }

    [Test]
    public void Should_take_every_secret_by_reference()
    {
        foreach (var variable in Pods().SelectMany(pod => pod.Containers).SelectMany(container => container.Env ?? []))
        {
            Assert.That(variable.ValueFrom?.SecretKeyRef is not null, Is.EqualTo(variable.Name is not "Hub__Database"), variable.Name);
        }

        Assert.That(_settings.Data.Keys.Where(name => name.Contains("Password", StringComparison.OrdinalIgnoreCase) || name is "Hub__ConnectionString" or "Hub__RabbitMq" or "HUB_API_KEY"), Is.Empty);
        Assert.That(Files().Select(file => Tree.Read(Folder + file)), Has.None.Contains("kind: Secret"));
    }

    [Test]
    public void Should_set_only_settings_that_there_are() => Assert.That(
        _settings.Data.Keys.Concat(Pods().SelectMany(pod => pod.Containers).SelectMany(container => container.Env).Select(variable => variable.Name)).Where(name => name.StartsWith("Hub__", StringComparison.Ordinal)).Select(name => name["Hub__".Length..]).Distinct(),
        Is.Not.Empty.And.All.Matches<string>(name => name!.Split("__").Aggregate((Type?)typeof(HubOptions), static (options, part) => options?.GetProperty(part)?.PropertyType) is not null));

    [Test]
    public void Should_mean_the_same_pods_everywhere()
    {
        var labels = _hubs.Spec.Template.Metadata.Labels;
        foreach (var selector in new[] { _hubs.Spec.Selector.MatchLabels, Read<V1Service>("service.yaml").Spec.Selector, Read<V1PodDisruptionBudget>("disruption-budget.yaml").Spec.Selector.MatchLabels })
        {
            Assert.That(selector, Is.EquivalentTo(labels));
            Assert.That(_step.Spec.Template.Metadata.Labels, Is.Not.SupersetOf(selector), "the step is no hub");
        }

        Assert.That(Read<V1NetworkPolicy>("network-policy.yaml").Spec.PodSelector.MatchLabels, Is.SubsetOf(labels).And.SubsetOf(_step.Spec.Template.Metadata.Labels));
        Assert.That(Read<V2HorizontalPodAutoscaler>("autoscaler.yaml").Spec.ScaleTargetRef.Name, Is.EqualTo(_hubs.Metadata.Name).And.EqualTo(HubName));
        Assert.That(_hubs.Spec.Replicas, Is.Null, "applying the file again must not undo what the autoscaler decided");
    }

    private static IEnumerable<V1PodSpec> Pods() => [_hubs.Spec.Template.Spec, _step.Spec.Template.Spec];

    private static IEnumerable<string> Files() => Tree.Files.Where(file => file.StartsWith(Folder, StringComparison.Ordinal)).Select(file => file[Folder.Length..]);

    private static T Read<T>(string file) => KubernetesYaml.Deserialize<T>(Tree.Read(Folder + file), strict: true);

    private static YamlMappingNode Mapping(string file)
    {
        var stream = new YamlStream();
        using var reader = new StringReader(Tree.Read(Folder + file));
        stream.Load(reader);
        return (YamlMappingNode)stream.Documents.Single().RootNode;
    }
}

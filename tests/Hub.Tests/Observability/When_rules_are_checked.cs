using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Observability;
using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.Storage.Alerts;
using IntegrationHub.TestServers;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>What Prometheus is to tell and Grafana to show: read by Prometheus' own tool, and about what there is.</summary>
public sealed class When_rules_are_checked
{
    /// <summary>What is no metric of the hub's own: an end-to-end test finds those in a scrape.</summary>
    private static readonly string[] _ofOthers = ["http_server_request_duration_seconds", "dotnet_process_memory_working_set_bytes", "dotnet_process_cpu_time_seconds_total", "up"];

    [Test]
    public async Task Should_be_rules_that_Prometheus_reads()
    {
        var (ended, said) = await Promtool.RunAsync(null, "check", "rules", RuleFile.Rules);
        Assert.That(ended, Is.Zero, said);
        Assert.That(said, Does.Contain($"{RuleFile.Read().Count} rules found"));
    }

    [Test]
    public async Task Should_tell_what_they_should_and_nothing_else()
    {
        var (ended, said) = await Promtool.RunAsync(null, "test", "rules", Path.Combine(Runbook.Root(), "tests", "Hub.Tests", "Observability", "hub-alerts.test.yml"));
        Assert.That(ended, Is.Zero, said);
    }

    /// <summary>The key's file is another one here; all else is as the container reads it.</summary>
    [Test]
    public async Task Should_be_found_by_the_configuration_of_the_container()
    {
        var folder = Directory.CreateTempSubdirectory("prometheus-");
        try
        {
            var key = Path.Combine(folder.FullName, "key");
            await File.WriteAllTextAsync(key, "key");
            File.Copy(RuleFile.Rules, Path.Combine(folder.FullName, Path.GetFileName(RuleFile.Rules)));
            var configuration = await File.ReadAllTextAsync(Path.Combine(RuleFile.Folder, "Prometheus", "prometheus.yml"));
            Assert.That(configuration, Does.Contain("/run/secrets/hub_api_key"));
            var file = Path.Combine(folder.FullName, "prometheus.yml");
            await File.WriteAllTextAsync(file, configuration.Replace("/run/secrets/hub_api_key", key, StringComparison.Ordinal));
            var (ended, said) = await Promtool.RunAsync(null, "check", "config", file);
            Assert.That(ended, Is.Zero, said);
            Assert.That(said, Does.Contain($"{RuleFile.Read().Count} rules found"));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Test]
    public void Should_have_one_rule_for_every_alert_that_the_hub_raises()
    {
        var raised = AlertCode.Runbooks.Keys.Where(code => code != AlertCode.Test && (!DiagnosisCode.Runbooks.ContainsKey(code) || AlertRules.SeverityOf(new Verdict(code, "")) is not null));
        Assert.That(RuleFile.Read().Select(rule => rule.Code).OfType<string>(), Is.EquivalentTo(raised));
    }

    [Test]
    public void Should_lead_to_the_runbook_that_the_hub_names_and_say_how_soon_to_answer() => Assert.Multiple(() =>
    {
        foreach (var rule in RuleFile.Read())
        {
            Assert.That(File.Exists(Path.Combine(Runbook.Root(), rule.Runbook)), rule.Name);
            Assert.That(rule.Code is null || rule.Runbook == $"Hub/Docs/runbooks/{AlertCode.Runbooks[rule.Code]}.md", rule.Name);
            Assert.That(rule.Severity is null ? rule.Expression.Contains("by (code, severity, destination)", StringComparison.Ordinal) : AlertSeverity.InOrder.Contains(rule.Severity), rule.Name);
            Assert.That(rule.Summary, Is.Not.Empty);
        }
    });

    [Test]
    public void Should_ask_for_metrics_that_there_are_by_labels_that_they_have()
    {
        var table = HubMetrics.All.ToDictionary(metric => metric.PrometheusName);
        var asks = RuleFile.Read().Select(rule => rule.Expression).Concat(RuleFile.Dashboards().Values.SelectMany(RuleFile.Asks)).ToList();
        var asked = asks.SelectMany(RuleFile.MetricsOf).ToHashSet();
        Assert.That(asked, Is.SubsetOf(table.Keys.Concat(_ofOthers)));
        Assert.That(table.Keys, Is.SubsetOf(asked), "metrics that no rule and no dashboard shows");
        Assert.That(
            from ask in asks
            where RuleFile.MetricsOf(ask).All(table.ContainsKey)
            from label in RuleFile.LabelsOf(ask).Except(["le", "job", "instance"])
            where !RuleFile.MetricsOf(ask).All(metric => table[metric].Labels.Any(known => known.Name == label))
            select $"{label} in {ask}",
            Is.Empty);
    }

    [Test]
    public void Should_be_dashboards_that_Grafana_can_be_given() => Assert.Multiple(() =>
    {
        var dashboards = RuleFile.Dashboards();
        Assert.That(dashboards.Values.Select(dashboard => dashboard.GetProperty("uid").GetString()), Is.Unique.And.Exactly(3).Items);
        var sources = File.ReadAllText(Path.Combine(RuleFile.Folder, "Grafana", "provisioning", "datasources", "prometheus.yml"));
        foreach (var (file, dashboard) in dashboards)
        {
            var panels = dashboard.GetProperty("panels").EnumerateArray().ToList();
            Assert.That(panels.Select(panel => panel.GetProperty("id").GetInt32()), Is.Unique, file);
            Assert.That(panels.Select(panel => panel.GetProperty("title").GetString()), Is.Unique.And.None.Empty, file);
            foreach (var panel in panels.Where(panel => panel.GetProperty("type").GetString() != "row"))
            {
                Assert.That(panel.GetProperty("description").GetString(), Is.Not.Empty, file);
                Assert.That(panel.GetProperty("fieldConfig").GetProperty("defaults").GetProperty("unit").GetString(), Is.Not.Empty, $"{file}: {panel.GetProperty("title")} of what?");
                Assert.That(sources, Does.Contain($"uid: {panel.GetProperty("datasource").GetProperty("uid").GetString()}"), file);
                var place = panel.GetProperty("gridPos");
                Assert.That(place.GetProperty("x").GetInt32() + place.GetProperty("w").GetInt32(), Is.LessThanOrEqualTo(24), file);
            }
        }
    });
}

using System.Text;
using IntegrationHub.Hub.Observability;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary><c>Hub/Docs/metrics.md</c> as the table of metrics and the rules make it.</summary>
internal static class MetricsPage
{
    public static string Text()
    {
        var rules = RuleFile.Read();
        var page = new StringBuilder(
            """
            # Metrics

            All that `/metrics` and OTLP tell of the hub itself. A test makes this page from `Hub/Observability/HubMetrics.cs` and from the rules, and fails where it says otherwise. [What to do with them](observability.md).

            *Each hub counts its own*: add counters and histograms up over instances (`sum`). Of gauges that tell what all hubs share each of them tells the same (`max`). While a hub does not reach its database such gauges are
            `NaN`: nobody knows. All labels are bounded by the configuration or by words of the hub; none holds anything personal. Beside them stand those of ASP.NET Core (`http_server_*`, `kestrel_*`), HttpClient (`http_client_*`), the runtime
            (`dotnet_*`), MassTransit (`messaging_*`) and Npgsql (`db_client_*`), which their makers describe.

            | Metric | Type | Unit | Labels | Meaning | Alerts |
            |---|---|---|---|---|---|

            """);
        foreach (var metric in HubMetrics.All)
        {
            var alerts = rules.Where(rule => RuleFile.MetricsOf(rule.Expression).Contains(metric.PrometheusName)).Select(rule => $"`{rule.Name}`").ToList();
            page.AppendLine(
                $"| `{metric.PrometheusName}` | {metric.Kind.ToString().ToLowerInvariant()} | {Unit(metric)} | {Names(metric)} | {metric.Meaning} | {(alerts.Count > 5 ? $"one per code ({alerts.Count})" : string.Join(", ", alerts))} |");
        }

        page.Append("\n## Labels\n| Label | Of | Values |\n|---|---|---|\n");
        foreach (var label in HubMetrics.All.SelectMany(metric => metric.Labels.Select(label => (Metric: metric, Label: label))).GroupBy(label => (label.Label.Name, label.Label.Bound)))
        {
            page.AppendLine($"| `{label.Key.Name}` | {(label.Count() > 4 ? "all that have it" : string.Join(", ", label.Select(of => $"`{of.Metric.PrometheusName}`")))} | {label.Key.Bound} |");
        }

        page.Append("\n## Buckets\n| Histogram | Upper bounds |\n|---|---|\n");
        foreach (var histogram in HubMetrics.All.Where(metric => metric.Buckets.Count > 0))
        {
            page.AppendLine($"| `{histogram.PrometheusName}` | {string.Join(", ", histogram.Buckets.Select(bound => bound.ToString(System.Globalization.CultureInfo.InvariantCulture)))} |");
        }

        return page.ToString().ReplaceLineEndings("\n");
    }

    private static string Unit(HubMetric metric) => metric.Unit switch { "s" => "seconds", "" => "0 or 1", var counted => counted.Trim('{', '}') };

    private static string Names(HubMetric metric) => string.Join(", ", metric.Labels.Select(label => $"`{label.Name}`"));
}

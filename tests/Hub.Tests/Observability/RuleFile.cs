using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Tests.Docs;
using YamlDotNet.RepresentationModel;

namespace IntegrationHub.Hub.Tests.Observability;

/// <summary>The rules of Prometheus and the dashboards of Grafana as they stand in the repository.</summary>
internal static partial class RuleFile
{
    public static string Folder { get; } = Path.Combine(Runbook.Root(), "Hub", "Observability");

    public static string Rules { get; } = Path.Combine(Folder, "Prometheus", "hub-alerts.yml");

    /// <summary>The rules.</summary>
    public static IReadOnlyList<Rule> Read()
    {
        var stream = new YamlStream();
        using var reader = new StringReader(File.ReadAllText(Rules));
        stream.Load(reader);
        return
        [
            .. from @group in (YamlSequenceNode)stream.Documents[0].RootNode["groups"]
               from rule in (YamlSequenceNode)@group["rules"]
               let node = (YamlMappingNode)rule
               let labels = node.Children.TryGetValue("labels", out var given) ? ((YamlMappingNode)given).Children.ToDictionary(label => label.Key.ToString(), label => label.Value.ToString()) : []
               let expression = node["expr"].ToString()
               select new Rule(
                   node["alert"].ToString(),
                   expression,
                   labels.GetValueOrDefault("code") ?? (Code().Match(expression) is { Success: true } code ? code.Groups[1].Value : null),
                   labels.GetValueOrDefault("severity"),
                   node["annotations"]["runbook_url"].ToString(),
                   node["annotations"]["summary"].ToString()),
        ];
    }

    /// <summary>The dashboards, by file.</summary>
    public static IReadOnlyDictionary<string, JsonElement> Dashboards() =>
        Directory.GetFiles(Path.Combine(Folder, "Grafana", "dashboards"), "*.json").ToDictionary(file => Path.GetFileName(file), file => JsonDocument.Parse(File.ReadAllText(file)).RootElement);

    /// <summary>What the panels of a dashboard ask.</summary>
    public static IEnumerable<string> Asks(JsonElement dashboard) =>
        from panel in dashboard.GetProperty("panels").EnumerateArray()
        where panel.TryGetProperty("targets", out _)
        from target in panel.GetProperty("targets").EnumerateArray()
        select target.GetProperty("expr").GetString();

    /// <summary>The metrics of an expression, without what a histogram adds to its name.</summary>
    public static IEnumerable<string> MetricsOf(string expression) => Metric().Matches(By().Replace(Quoted().Replace(expression, ""), "")).Select(name => Parts().Replace(name.Value, "")).Distinct();

    /// <summary>The labels by which an expression tells things apart or chooses among them.</summary>
    public static IEnumerable<string> LabelsOf(string expression) => By().Matches(expression).SelectMany(by => by.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries)).Concat(Chosen().Matches(expression).Select(label => label.Groups[1].Value));

    public sealed record Rule(string Name, string Expression, string? Code, string? Severity, string Runbook, string Summary);

    [GeneratedRegex("code=\"([a-z_]+)\"")]
    private static partial Regex Code();

    [GeneratedRegex("\"[^\"]*\"")]
    private static partial Regex Quoted();

    [GeneratedRegex(@"\b(?:hub|http|dotnet|messaging|db|kestrel|aspnetcore|process|target)_[a-z0-9_]+\b(?!\s*=)|\bup\b")]
    private static partial Regex Metric();

    [GeneratedRegex(@"\bby \(([^)]*)\)")]
    private static partial Regex By();

    [GeneratedRegex("([a-z_]+)=~?\"")]
    private static partial Regex Chosen();

    [GeneratedRegex("_(?:bucket|sum|count)$")]
    private static partial Regex Parts();
}

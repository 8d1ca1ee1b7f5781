using System.Globalization;
using System.Text;

namespace IntegrationHub.Hub.Map;

/// <summary>The map as a Mermaid flowchart, which GitHub and most wikis draw.</summary>
internal static class MapDiagram
{
    /// <summary>Draws it.</summary>
    public static string Of(MapJson map)
    {
        var text = new StringBuilder("flowchart LR\n  hub((IntegrationHub))\n");
        foreach (var (source, number) in map.Sources.Select((source, number) => (source, number)))
        {
            text.Append(CultureInfo.InvariantCulture, $"  s{number}[\"{Said(source.Name)}<br/>{Said(Owner(source.Owner))}\"] -->|\"{Said(source.Method)}\"| hub\n");
        }

        var ids = map.Destinations.Select((destination, number) => (destination.Name, Id: $"d{number}")).ToDictionary(entry => entry.Name, entry => entry.Id, StringComparer.Ordinal);
        foreach (var destination in map.Destinations)
        {
            text.Append(CultureInfo.InvariantCulture, $"  {ids[destination.Name]}[(\"{Said(destination.Name)}: {Said(destination.Vendor)}<br/>{Said(Owner(destination.Owner))}\")]\n");
        }

        foreach (var flow in map.Flows)
        {
            text.Append(CultureInfo.InvariantCulture, $"  hub -->|\"{Said(flow.What)} ({flow.Kind}{(flow.Data.Count > 0 ? $", {flow.Data.Count} fields" : "")})<br/>{Said(flow.Frequency)}, p95 {TimeSpan.FromSeconds(flow.LagP95Goal):c}\"| {ids[flow.Destination]}\n");
        }

        return text.ToString();
    }

    private static string Owner(string? owner) => owner ?? "nobody named";

    /// <summary>Nothing that somebody writes into a file ends a label.</summary>
    private static string Said(string text) => text.Replace("#", "#35;", StringComparison.Ordinal).Replace("\"", "#quot;", StringComparison.Ordinal).Replace("<", "#lt;", StringComparison.Ordinal).Replace(">", "#gt;", StringComparison.Ordinal).ReplaceLineEndings(" ");
}

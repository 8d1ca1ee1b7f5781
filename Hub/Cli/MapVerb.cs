using System.CommandLine;
using IntegrationHub.Hub.Map;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>map</c>: what goes from where to where, read out of the configuration folder.</summary>
internal static class MapVerb
{
    public static Verb Build(HostVerbs host, Terminal terminal)
    {
        var mermaid = new Option<bool>("--mermaid") { Description = "As a Mermaid flowchart, for a page of documentation." };
        return new Verb(
            "map",
            "Show what goes from where to where, how often, by which way and who answers for it, as the configuration folder says.",
            "map",
            "map --mermaid --Hub:ConfigPath=config",
            "map --json")
        { TreatUnmatchedTokensAsErrors = false, Options = { mermaid } }
        .Does(
            (call, _) =>
            {
                var map = host.Map(call.Settings());
                if (call.Json)
                {
                    call.Write(map);
                }
                else if (call.Get(mermaid))
                {
                    call.Terminal.Out.Write(MapDiagram.Of(map));
                }
                else
                {
                    Tell(call, map);
                }

                return Task.FromResult(ExitCode.Done);
            },
            terminal);
    }

    private static void Tell(VerbCall call, MapJson map)
    {
        call.WriteTable(["Source", "Way in", "Brings", "How often", "Owner"], map.Sources.Select(source => new[] { source.Name, source.Method, source.Data.Count == 0 ? source.Kind : $"{source.Data.Count} columns", source.Frequency, source.Owner ?? "nobody" }));
        call.WriteTable(
            ["What", "To", "Data", "At the vendor", "How often", "Goal", "Owner", "Told of alerts"],
            map.Flows.Select(flow => new[]
            {
                flow.What, flow.Destination, $"{flow.Kind}{(flow.Data.Count > 0 ? $", {flow.Data.Count} fields" : "")}{(flow.IsPersonal ? ", personal" : "")}", flow.Method, flow.Frequency,
                $"95 % in {TimeSpan.FromSeconds(flow.LagP95Goal):c}", flow.Owner ?? "nobody", Routes(map.Destinations.Single(destination => destination.Name == flow.Destination)),
            }));
    }

    private static string Routes(MapDestinationJson destination) =>
        string.Join(", ", destination.Alerts.Values.SelectMany(routes => routes).Distinct(StringComparer.Ordinal)) is { Length: > 0 } routes ? routes : "nobody";
}

using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Intake.Catalog;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>catalog …</c> and <c>violations …</c>: what can be stated, who states it, and how it departs from its contract.</summary>
internal static class CatalogVerbTree
{
    public static Verb Build(Terminal terminal) => new("catalog", "See which facts can be stated, who states them and who answers for them.", "catalog list")
    {
        List(terminal),
        Show(terminal),
        Contract(terminal),
    };

    public static Verb BuildViolations(Terminal terminal) => new("violations", "See how facts depart from their contracts.", "violations list")
    {
        ListViolations(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("list", "List the event types with what came in of each.", "catalog list", "catalog list --json")
        { Options = { hub } }
        .Lists(
            hub, null, _ => "/v1/catalog", _ => [],
            (call, list) =>
            {
                foreach (var type in list.Of<CatalogEntryJson>())
                {
                    call.Terminal.Out.WriteLine(Line(type));
                }
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var type = new Argument<string>("TYPE") { Description = "Event type, such as profile_updated." };
        return new Verb("show", "Show an event type: versions, owner, retention, producers, what is not as usual, and violations.", "catalog show profile_updated")
        { Arguments = { type }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync($"/v1/catalog/{Uri.EscapeDataString(call.Get(type)!)}", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var entry = answer.Deserialize<CatalogEntryJson>()!;
                var output = call.Terminal.Out;
                output.WriteLine(Line(entry));
                output.WriteLine($"{entry.Schema}, versions {string.Join(", ", entry.Versions)}; kept {entry.RetentionDays} days ({entry.Retention}){(entry.Slo is null ? "" : $"; service level {entry.Slo}")}");
                foreach (var producer in entry.Producers)
                {
                    output.WriteLine(FormattableString.Invariant($"  {producer.Producer}: {producer.LastDay} in a day, {producer.Total} in all, {producer.Quarantined} set aside, last {producer.LastSeen:u}"));
                }

                foreach (var finding in entry.Findings ?? [])
                {
                    output.WriteLine($"  {finding.Kind}: {finding.Finding}");
                }

                foreach (var violation in entry.Violations ?? [])
                {
                    output.WriteLine($"  {Line(violation)}");
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Contract(Terminal terminal)
    {
        var hub = HubOption.Create();
        var type = new Argument<string>("TYPE") { Description = "Event type, such as profile_updated." };
        return new Verb("contract", "Write an event type as a contract of the Open Data Contract Standard 3.1, in YAML.", "catalog contract profile_updated", "catalog contract profile_updated --json")
        { Arguments = { type }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var contract = await client.GetTextAsync($"/v1/catalog/{Uri.EscapeDataString(call.Get(type)!)}/contract.odcs.yaml", cancellationToken);
                if (call.Json)
                {
                    call.Write(new { contract });
                }
                else
                {
                    call.Terminal.Out.Write(contract);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb ListViolations(Terminal terminal)
    {
        var hub = HubOption.Create();
        var type = new Option<string?>("--type") { Description = "Only of this event type." };
        var producer = new Option<string?>("--producer") { Description = "Only of this producer." };
        return new Verb("list", "List how facts depart from their contracts, the latest first.", "violations list", "violations list --producer webshop --json")
        { Options = { type, producer, hub } }
        .Lists(
            hub, PageOptions.Create(1_000), _ => "/v1/violations", call => [("event_type", call.Get(type)), ("producer", call.Get(producer))],
            (call, list) =>
            {
                foreach (var line in list.Items.Count == 0 ? ["Every fact is as its contract says."] : list.Of<ViolationJson>().ConvertAll(Line))
                {
                    call.Terminal.Out.WriteLine(line);
                }
            },
            terminal);
    }

    private static string Line(CatalogEntryJson type) => FormattableString.Invariant(
        $"{type.EventType} ({type.Owner ?? "nobody"}): {type.LastDay} in a day, {type.Total} in all, {type.Quarantined} set aside{(type.LastSeen is { } last ? FormattableString.Invariant($", last {last:u}") : ", none so far")}");

    private static string Line(ViolationJson violation) => FormattableString.Invariant(
        $"{violation.Type} {violation.EventType}{(violation.Name.Length == 0 ? "" : $" {violation.Name}")} of {violation.Producer}{(violation.Path.Length == 0 ? "" : $" at {violation.Path}")}{Types(violation)}: {violation.Count} facts, last {violation.LastAt:u}, {(violation.Action == "quarantine" ? "set aside" : violation.Action == "allow" ? "kept" : "left out")}");

    private static string Types(ViolationJson violation) => (violation.Expected, violation.Found) switch
    {
        ({ } expected, { } found) => $" ({found} instead of {expected})",
        (null, { } found) => $" ({found})",
        _ => "",
    };
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Canaries;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>canaries …</c>: people who do not exist, and what destinations show of them.</summary>
internal static class CanaryVerbTree
{
    private static readonly string[] _columns = ["Name", "Destination", "State", "Stated", "Shown after", "Findings"];

    public static Verb Build(Terminal terminal) => new("canaries", "See what destinations show of canary people, who do not exist and travel as everybody does.", "canaries list")
    {
        List(terminal),
        Show(terminal),
        Run(terminal),
    };

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("list", "List the canaries with their last trip to each destination.", "canaries list", "canaries list --json")
        { Options = { hub } }
        .Lists(
            hub, null, _ => "/v1/canaries", _ => [],
            (call, list) =>
            {
                var canaries = list.Of<CanaryJson>();
                if (canaries.Count == 0)
                {
                    call.Terminal.Out.WriteLine("There are no canaries: nobody checks what vendors show of people. Write some into canaries.yaml of the configuration folder.");
                    return;
                }

                call.WriteTable(_columns, canaries.SelectMany(canary => canary.Destinations.Select(destination => Row(canary, destination))), wraps: false);
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        return new Verb("show", "Show a canary, her last trips, and what destinations do not show of anybody.", "canaries show anna")
        { Arguments = { name }, Options = { hub } }
        .Asks(
            hub, (call, client, stop) => client.GetAsync($"/v1/canaries/{Uri.EscapeDataString(call.Get(name)!)}", stop),
            (call, answer) =>
            {
                var canary = answer.Deserialize<CanaryJson>()!;
                call.Terminal.Out.WriteLine($"{canary.Name} ({canary.Key}) in {canary.Audience}: {string.Join(", ", canary.Consents.Select(decided => $"{decided.Key} {decided.Value}"))}");
                call.Terminal.Out.WriteLine(FormattableString.Invariant($"  every {canary.EveryMinutes:0.#} minutes to {string.Join(", ", canary.Destinations)}, to be shown within {canary.ShownWithinMinutes:0.#}; {canary.Stamp} tells the trips apart"));
                foreach (var trip in canary.Trips)
                {
                    Write(call, trip);
                }

                foreach (var (destination, sentences) in canary.NotShown)
                {
                    foreach (var sentence in sentences)
                    {
                        call.Terminal.Out.WriteLine($"  Not seen at {destination}: {sentence}");
                    }
                }
            },
            terminal);
    }

    private static Verb Run(Terminal terminal)
    {
        var hub = HubOption.Create();
        var name = Name();
        var reason = ReasonOption.Create();
        return new Verb("run", "Let a canary set off now, whenever her next trip is.", "canaries run anna")
        { Arguments = { name }, Options = { reason, hub } }
        .Asks(
            hub, (call, client, stop) => client.PostAsync($"/v1/canaries/{Uri.EscapeDataString(call.Get(name)!)}/run", new { reason = call.Get(reason) }, stop),
            (call, answer) =>
            {
                foreach (var trip in answer.Deserialize<CanaryJson>()!.Trips)
                {
                    Write(call, trip);
                }

                call.Terminal.Out.WriteLine($"'canaries show {call.Get(name)}' tells what is shown of her.");
            },
            terminal);
    }

    private static string[] Row(CanaryJson canary, string destination)
    {
        var trip = canary.Trips.FirstOrDefault(trip => trip.Destination == destination);
        return [canary.Name, destination, trip?.State ?? "not yet", trip is null ? "" : Time(trip.StatedAt), After(trip), trip is null ? "" : Findings(trip)];
    }

    private static Argument<string> Name() => new("NAME") { Description = "Name of the canary, as 'canaries list' shows it." };

    private static void Write(VerbCall call, CanaryTripJson trip) =>
        call.Terminal.Out.WriteLine($"  {Time(trip.StatedAt)} {trip.Destination} {trip.State}{(trip.Seconds is null ? "" : $" after {After(trip)}")}{(trip.Findings.Count == 0 ? "" : $": {Findings(trip)}")}");

    private static string After(CanaryTripJson? trip) => trip?.Seconds is { } seconds ? FormattableString.Invariant($"≤ {seconds:0} s") : "";

    private static string Findings(CanaryTripJson trip) => string.Join(", ", trip.Findings.Select(finding => $"{finding.Kind} {finding.What}"));

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}

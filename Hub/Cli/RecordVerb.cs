using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Runs;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>sync records</c>: who was left out of a run, where and why.</summary>
internal static class RecordVerb
{
    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = new Argument<Guid>("RUN") { Description = "Id of the run." };
        var outcome = new Option<string>("--outcome") { Description = "delivered, unchanged, suppressed, rejected or dead_lettered.", DefaultValueFactory = _ => "rejected" };
        return new Verb(
            "records", "List the records of a run that were rejected, or ended in another way: line or person, field, reason and what to do.",
            "sync records 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a", "sync records 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a --outcome suppressed --limit 20")
        { Arguments = { run }, Options = { outcome, hub } }
        .Lists(
            hub, PageOptions.Create(), call => $"/v1/runs/{call.Get(run)}/records", call => [("outcome", call.Get(outcome))],
            (call, list) => Write(call.Terminal.Screen(json: false), list.Of<RecordJson>()), terminal);
    }

    private static void Write(IAnsiConsole screen, List<RecordJson> records)
    {
        if (records.Count == 0)
        {
            screen.WriteLine("There are no such records.");
            return;
        }

        foreach (var record in records)
        {
            var who = record.Line is { } line ? $"line {line}" : $"person {record.ProfileId}";
            var key = record.Key is null ? "" : $" ({record.Key})";
            screen.WriteLine($"{who}{key}{(record.Field is null ? "" : $", {record.Field}")}: {record.Code ?? record.Outcome}{(record.Fix is null ? "" : $". {record.Fix}")}");
        }
    }
}

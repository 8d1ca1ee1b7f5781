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
        var after = new Option<long?>("--after") { Description = "Only people after this id: the next page.", HelpName = "ID" };
        var limit = new Option<int>("--limit") { Description = "At most so many.", DefaultValueFactory = _ => 100 };
        return new Verb(
            "records", "List the records of a run that were rejected, or ended in another way: line or person, field, reason and what to do.",
            "sync records 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a", "sync records 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a --outcome suppressed --limit 20")
        { Arguments = { run }, Options = { outcome, after, limit, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(
                    ("outcome", call.Get(outcome)), ("after", call.Get(after)?.ToString(CultureInfo.InvariantCulture)), ("limit", call.Get(limit).ToString(CultureInfo.InvariantCulture)));
                var records = await client.GetAsync($"/v1/runs/{call.Get(run)}/records{query}", cancellationToken);
                if (call.Json)
                {
                    call.Write(records);
                }
                else
                {
                    Write(call.Terminal.Screen(json: false), [.. records.EnumerateArray().Select(record => record.Deserialize<RecordJson>()!)]);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static void Write(IAnsiConsole screen, IReadOnlyList<RecordJson> records)
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

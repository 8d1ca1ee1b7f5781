using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Intake;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>snapshots …</c>: load and see lists of members.</summary>
internal static class SnapshotVerbTree
{
    public static Verb Build(Terminal terminal) => new("snapshots", "Load and see snapshots: full lists of an audience's members, or changes to it.", "snapshots load customers customers.csv")
    {
        Load(terminal),
        ShowOne(terminal),
    };

    /// <summary>What was loaded and what was refused, never a value.</summary>
    public static void Show(IAnsiConsole screen, JsonElement loaded)
    {
        var snapshot = loaded.Deserialize<SnapshotJson>()!;
        screen.WriteLine($"Snapshot {snapshot.SnapshotId} of {snapshot.Audience} ({snapshot.Kind}): {snapshot.Rows} rows, {snapshot.Accepted} accepted, {snapshot.Rejected} rejected, {snapshot.Duplicates} duplicates");
        foreach (var reject in snapshot.Rejects)
        {
            screen.WriteLine($"  line {reject.Line}, {reject.Field}: {reject.Code}, {reject.Problem}");
        }

        if (snapshot.Rejected > snapshot.Rejects.Count)
        {
            screen.WriteLine($"  and {snapshot.Rejected - snapshot.Rejects.Count} more");
        }

        if (snapshot.UnreadRows > 0)
        {
            screen.WriteLine($"  of {snapshot.UnreadRows} rows not even the id could be read: a full sync will wait for you before it removes anybody");
        }

        if (snapshot.GrantsRefused > 0)
        {
            screen.WriteLine($"  {snapshot.GrantsRefused} times a column of consent says yes and does not count: list:{snapshot.Audience} may only deny. Give it the right under sources in consent.yaml if its yes counts");
        }

        var repeats = snapshot.Repeats ?? [];
        foreach (var repeat in repeats)
        {
            screen.WriteLine($"  line {repeat.Line}: the same id as line {repeat.LaterLine}, which counts");
        }

        if (snapshot.Duplicates > repeats.Count)
        {
            screen.WriteLine($"  and {snapshot.Duplicates - repeats.Count} more");
        }
    }

    private static Verb Load(Terminal terminal)
    {
        var hub = HubOption.Create();
        var audience = new Argument<string>("AUDIENCE") { Description = "Key of the audience." };
        var file = new Argument<string>("FILE") { Description = "File with a header line (.csv) or one JSON object per line (.ndjson)." };
        var delta = new Option<bool>("--delta") { Description = "The file holds changes, not all members." };
        var source = new Option<string?>("--source") { Description = "Who states the list; of a shadow (ownership.yaml) it is only compared.", HelpName = "SOURCE" };
        return new Verb("load", "Stream a file of members to the hub. Exit code 1 when rows were rejected.", "snapshots load customers customers.csv", "snapshots load customers changes.ndjson --delta")
        { Arguments = { audience, file }, Options = { delta, source, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return Answer(call, await client.LoadSnapshotAsync(call.Get(audience), call.Get(file), call.Get(delta) ? "delta" : "full", call.Get(source), cancellationToken));
            },
            terminal);
    }

    private static Verb ShowOne(Terminal terminal)
    {
        var hub = HubOption.Create();
        var id = new Argument<Guid>("SNAPSHOT") { Description = "Id of the snapshot." };
        return new Verb("show", "Show a snapshot and its rejected rows.", "snapshots show 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a")
        { Arguments = { id }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return Answer(call, await client.GetAsync($"/v1/snapshots/{call.Get(id)}", cancellationToken));
            },
            terminal);
    }

    private static int Answer(VerbCall call, JsonElement snapshot)
    {
        if (call.Json)
        {
            call.Write(snapshot);
        }
        else
        {
            Show(call.Terminal.Screen(json: false), snapshot);
        }

        return snapshot.GetProperty("rejected").GetInt64() > 0 ? ExitCode.Issues : ExitCode.Done;
    }
}

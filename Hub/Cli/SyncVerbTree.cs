using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Storage.Verification;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>sync …</c>: start, see and steer runs of a hub.</summary>
internal static class SyncVerbTree
{
    private const string Approve = "approve";
    private const string Cancel = "cancel";
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    public static Verb Build(Terminal terminal) => new("sync", "Start, see and steer audience syncs of a running hub.", "sync start customers --wait", "sync list")
    {
        Start(terminal),
        List(terminal),
        Show(terminal),
        Watch(terminal),
        RecordVerb.Build(terminal),
        Findings(terminal),
        Steer(Approve, "Let a run pass that its guardrail holds. A person at a terminal is shown it and asked.", terminal),
        Steer("pause", "Hold a run where it is.", terminal),
        Steer("resume", "Go on with a paused run.", terminal),
        Steer(Cancel, "Stop a run; what was not delivered is settled as suppressed.", terminal),
    };

    private static Verb Start(Terminal terminal)
    {
        var hub = HubOption.Create();
        var audience = new Argument<string>("AUDIENCE") { Description = "Key of the audience." };
        var destinations = new Option<string[]>("--destination") { Description = "Destination to sync; may be repeated. All of the audience's when absent.", HelpName = "NAME" };
        var mode = new Option<string>("--mode") { Description = "full, delta, or mirror (also removes members that somebody else added).", DefaultValueFactory = _ => SyncMode.Full };
        mode.AcceptOnlyFromAmong(SyncMode.Full, SyncMode.Delta, SyncMode.Mirror);
        var snapshot = new Option<string?>("--snapshot") { Description = "Snapshot to apply first: a file (.csv, .ndjson), or the id of one that is loaded.", HelpName = "FILE|ID" };
        var delta = new Option<bool>("--delta") { Description = "The snapshot's file holds changes, not all members." };
        var wait = new Option<bool>("--wait") { Description = "Watch the runs to their end." };
        var reason = ReasonOption.Create();
        return new Verb(
            "start",
            "Make destinations look like an audience.",
            "sync start customers",
            "sync start customers --snapshot customers.csv --wait",
            "sync start customers --destination braze --destination hubspot --mode delta")
        { Arguments = { audience }, Options = { destinations, mode, snapshot, delta, wait, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                Guid? snapshotId = null;
                if (call.Get(snapshot) is { } given && !(Guid.TryParse(given, out var id) && (snapshotId = id) is not null))
                {
                    var loaded = await client.LoadSnapshotAsync(call.Get(audience), given, call.Get(delta) ? "delta" : "full", null, cancellationToken);
                    SnapshotVerbTree.Show(call.Terminal.Screen(call.Json), loaded);
                    snapshotId = loaded.GetProperty("snapshot_id").GetGuid();
                }

                var body = new { audience = call.Get(audience), destinations = call.Get(destinations) is { Length: > 0 } some ? some : null, mode = call.Get(mode), snapshot_id = snapshotId, reason = call.Get(reason) };
                var started = Runs((await client.PostAsync("/v1/audience-syncs", body, cancellationToken)).GetProperty("runs"));
                if (call.Get(wait))
                {
                    foreach (var run in started)
                    {
                        WriteMoves(call.Terminal.Error, run);
                    }

                    return await WatchAsync(call, client, [.. started.Select(run => run.RunId)], null, cancellationToken);
                }

                if (call.Json)
                {
                    call.Write(new { runs = started });
                    return ExitCode.Done;
                }

                foreach (var run in started)
                {
                    call.Terminal.Out.WriteLine($"{run.Destination}: run {run.RunId} started");
                    WriteMoves(call.Terminal.Out, run);
                }

                call.Terminal.Out.WriteLine($"Watch them with: sync watch {string.Join(' ', started.Select(run => run.RunId))}");
                foreach (var run in started)
                {
                    call.Terminal.Out.WriteLine($"{run.Destination} in the console: {client.Page($"/runs/{run.RunId}")}");
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var state = new Option<string?>("--state") { Description = $"Only runs in this state, for example {RunState.Delivering}." };
        var audience = new Option<string?>("--audience") { Description = "Only runs of this audience." };
        var destination = new Option<string?>("--destination") { Description = "Only runs of this destination." };
        return new Verb("list", "List runs, newest first.", "sync list", $"sync list --state {RunState.AwaitingApproval}", "sync list --destination braze --limit 5 --json")
        { Options = { state, audience, destination, hub } }
        .Lists(
            hub, PageOptions.Create(20), _ => "/v1/runs", call => [("state", call.Get(state)), ("audience", call.Get(audience)), ("destination", call.Get(destination))],
            (call, list) => RunTables.WriteList(call.Terminal.Screen(json: false), list.Of<RunJson>()), terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        return new Verb("show", "Show a run: its ledger, its reasons, what was read back.", "sync show 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a")
        { Arguments = { run }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var shown = await client.GetAsync($"/v1/runs/{call.Get(run)}", cancellationToken);
                return ShowRun(call, client, shown);
            },
            terminal);
    }

    private static Verb Watch(Terminal terminal)
    {
        var hub = HubOption.Create();
        var runs = new Argument<Guid[]>("RUN") { Description = "Ids of runs.", Arity = ArgumentArity.OneOrMore };
        var timeout = new Option<int?>("--timeout") { Description = "Give up watching after so many seconds; the runs go on.", HelpName = "SECONDS" };
        return new Verb("watch", "Follow runs to their end. The exit code tells how they ended.", "sync watch 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a --timeout 600")
        { Arguments = { runs }, Options = { timeout, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return await WatchAsync(call, client, call.Get(runs), call.Get(timeout) is { } seconds ? TimeSpan.FromSeconds(seconds) : null, cancellationToken);
            },
            terminal);
    }

    private static Verb Findings(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var kind = new Option<string?>("--kind") { Description = "Only missing, only unexpected or only different people.", HelpName = "KIND" };
        kind.AcceptOnlyFromAmong([.. ReadBackFinding.Kinds]);
        return new Verb("findings", "Name who differed when a run was read back, and what to do.", "sync findings 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a", "sync findings 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a --kind missing --json")
        { Arguments = { run }, Options = { kind, hub } }
        .Lists(
            hub, PageOptions.Create(), call => $"/v1/runs/{call.Get(run)}/findings", call => [("kind", call.Get(kind))],
            (call, list) =>
            {
                var found = list.First.Deserialize<RunFindingsJson>()!;
                call.Terminal.Out.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{found.Missing ?? 0} missing, {found.Unexpected ?? 0} unexpected, {found.Different ?? 0} different. {found.NextStep}"));
                RunTables.WriteFindings(call.Terminal.Screen(json: false), list.Of<RunFindingJson>());
            },
            terminal);
    }

    private static Verb Steer(string name, string description, Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var reason = ReasonOption.Create();
        var version = new Option<string?>("--expected-version") { Description = "The run's version that you looked at, as 'sync show RUN --json' names it; when the run has moved since, nothing is done. Needed to approve; at a terminal it is the one that you are shown.", HelpName = "VERSION" };
        return new Verb(name, description, $"sync {name} 0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a{(name == Approve ? " --expected-version 5d0c6b1f0a7e4b12 --reason 'they left'" : "")}") { Arguments = { run }, Options = { reason, version, hub } }
            .Does(
                async (call, cancellationToken) =>
                {
                    using var client = hub.Connect(call);
                    var seen = call.Get(version);
                    if (name == Approve && seen is null && call.Terminal.In is not null && !call.Json)
                    {
                        var waiting = await client.GetAsync($"/v1/runs/{call.Get(run)}", cancellationToken);
                        ShowRun(call, client, waiting);
                        call.Terminal.Confirm("Approve it?");
                        seen = Run(waiting).Version;
                    }

                    var why = name is Approve or Cancel ? reason.Read(call) : call.Get(reason);
                    var answer = await client.PostAsync($"/v1/runs/{call.Get(run)}/{name}", new RunCommandBody { Reason = why, ExpectedVersion = seen }, cancellationToken);
                    if (call.Json)
                    {
                        call.Write(answer);
                    }
                    else
                    {
                        call.Terminal.Out.WriteLine($"Asked to {name} run {call.Get(run)}. See it with: sync show {call.Get(run)}");
                    }

                    return ExitCode.Done;
                },
                terminal);
    }

    private static async Task<int> WatchAsync(VerbCall call, HubClient client, Guid[] ids, TimeSpan? timeout, CancellationToken cancellationToken)
    {
        var time = call.Terminal.Time;
        var began = time.GetTimestamp();
        var answers = new JsonElement[ids.Length];
        var pace = new RunPace(time);
        await using (var screen = new RunScreen(call.Terminal, call.Json))
        {
            using var timer = new PeriodicTimer(_look, time);
            while (true)
            {
                for (var at = 0; at < ids.Length; at++)
                {
                    answers[at] = await client.GetAsync($"/v1/runs/{ids[at]}", cancellationToken);
                }

                var runs = answers.Select(Run).ToList();
                screen.Report(new RunProgress(null, runs) { Pace = pace.Look(runs) });
                if (runs.TrueForAll(run => run.FinishedAt is not null))
                {
                    break;
                }

                if (timeout is { } limit && time.GetElapsedTime(began) > limit)
                {
                    throw new CommandLineException(
                        ExitCode.Failed, string.Create(CultureInfo.InvariantCulture, $"Not over after {limit.TotalSeconds:0} s: {string.Join(", ", runs.Where(run => run.FinishedAt is null).Select(run => $"{run.Destination} is {run.State}"))}. The runs go on."));
                }

                await timer.WaitForNextTickAsync(cancellationToken);
            }
        }

        var ended = answers.Select(Run).ToList();
        RunTables.Write(call.Terminal.Screen(call.Json), ended);
        if (call.Json)
        {
            call.Write(new { runs = answers });
        }

        return ExitCode.Of(ended);
    }

    private static int ShowRun(VerbCall call, HubClient client, JsonElement shown)
    {
        if (call.Json)
        {
            call.Write(shown);
            return ExitCode.Done;
        }

        var run = Run(shown);
        var screen = call.Terminal.Screen(json: false);
        RunTables.WriteList(screen, [run]);
        RunTables.Write(screen, [run]);
        WriteMoves(call.Terminal.Out, run);
        call.Terminal.Out.WriteLine($"In the console: {client.Page($"/runs/{run.RunId}")}");
        return ExitCode.Done;
    }

    private static void WriteMoves(TextWriter output, RunJson run)
    {
        foreach (var move in run.Moves ?? [])
        {
            output.WriteLine($"{run.Destination}: {move} To keep it as it is: sync cancel {run.RunId}, and the old name or id in destinations/{run.Destination}.yaml.");
        }
    }

    private static Argument<Guid> RunId() => new("RUN") { Description = "Id of the run." };

    private static RunJson Run(JsonElement element) => element.Deserialize<RunJson>()!;

    private static List<RunJson> Runs(JsonElement elements) => [.. elements.EnumerateArray().Select(Run)];
}

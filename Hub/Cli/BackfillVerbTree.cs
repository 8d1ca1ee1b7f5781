using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Backfills;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>backfill …</c>: plan, let pass, see, steer and take back backfills of a hub.</summary>
internal static class BackfillVerbTree
{
    private const string ExampleRun = "0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a";
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    public static Verb Build(Terminal terminal) => new("backfill", "Write attributes of known people to a destination, quietly, and take it back.", "backfill plan braze --audience customers", "backfill list")
    {
        Plan(terminal),
        Approve(terminal),
        Show(terminal),
        List(terminal),
        Steer("pause", "Hold a backfill where it is; what is under way is finished.", terminal),
        Steer("resume", "Go on with a paused backfill.", terminal),
        Steer("cancel", "Stop a backfill; what it wrote stays, and can be rolled back.", terminal),
        RollBack(terminal),
    };

    private static Verb Plan(Terminal terminal)
    {
        var hub = HubOption.Create();
        var destination = new Argument<string>("DESTINATION") { Description = "Name of the destination." };
        var audience = new Option<string?>("--audience") { Description = "Its members.", HelpName = "KEY" };
        var people = new Option<string?>("--people") { Description = "A file with one external id per line; with --audience: the members among them.", HelpName = "FILE" };
        var attributes = new Option<string[]>("--attribute") { Description = "Canonical attribute to write; may be repeated. All that the mapping writes when absent.", HelpName = "NAME" };
        return new Verb(
            "plan",
            "Say what a backfill would do. Nothing is written before somebody approves the plan.",
            "backfill plan braze --audience customers --attribute country",
            "backfill plan hubspot --people ids.txt")
        { Arguments = { destination }, Options = { audience, people, attributes, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var body = new
                {
                    destination = call.Get(destination),
                    audience = call.Get(audience),
                    people = call.Get(people) is { } file ? await ReadAsync(file, cancellationToken) : null,
                    attributes = call.Get(attributes) is { Length: > 0 } some ? some : null,
                };
                return await ShowPlanAsync(call, client, await client.PostAsync("/v1/backfills", body, cancellationToken), cancellationToken);
            },
            terminal);
    }

    private static Verb RollBack(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        return new Verb("rollback", "Say what taking back a backfill would do. It is a run of its own, to be approved like one.", $"backfill rollback {ExampleRun}")
        { Arguments = { run }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return await ShowPlanAsync(call, client, await client.PostAsync($"/v1/backfills/{call.Get(run)}/rollback", null, cancellationToken), cancellationToken);
            },
            terminal);
    }

    private static Verb Approve(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var plan = new Option<string>("--plan") { Description = "Hash of the plan that you looked at, as 'backfill show' tells it.", Required = true, HelpName = "HASH" };
        var wait = new Option<bool>("--wait") { Description = "Watch the backfill to its end." };
        return new Verb("approve", "Let a plan pass: from then on it is written.", $"backfill approve {ExampleRun} --plan 5d0c6b1f0a7e4b12a9c3d4e5f6a7b8c9 --wait")
        { Arguments = { run }, Options = { plan, wait, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/backfills/{call.Get(run)}/approve", new { plan_hash = call.Get(plan) }, cancellationToken);
                if (call.Get(wait))
                {
                    var ended = await WatchAsync(call, client, call.Get(run), shown => shown.Run is { FinishedAt: not null }, cancellationToken);
                    Write(call, ended);
                    return ExitCode.Of([Read(ended).Run]);
                }

                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    call.Terminal.Out.WriteLine(Read(answer).Approval is { Missing: > 0 and var missing } approval
                        ? FormattableString.Invariant($"Noted; {missing} of {approval.Needed} still have to agree to run {call.Get(run)}. See who: approvals show {approval.ApprovalId}")
                        : $"Asked to approve run {call.Get(run)}. See it with: backfill show {call.Get(run)}");
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        return new Verb("show", "Show a backfill: its plan, its ledger, what was read back.", $"backfill show {ExampleRun}")
        { Arguments = { run }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                Write(call, await client.GetAsync($"/v1/backfills/{call.Get(run)}", cancellationToken));
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var state = new Option<string?>("--state") { Description = $"Only backfills in this state, for example {RunState.AwaitingApproval}." };
        var destination = new Option<string?>("--destination") { Description = "Only backfills at this destination." };
        var limit = new Option<int>("--limit") { Description = "At most so many, newest first.", DefaultValueFactory = _ => 20 };
        return new Verb("list", "List backfills, newest first.", "backfill list", $"backfill list --state {RunState.AwaitingApproval}")
        { Options = { state, destination, limit, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var query = Query.Of(("state", call.Get(state)), ("destination", call.Get(destination)), ("limit", $"{call.Get(limit)}"));
                var runs = await client.GetAsync($"/v1/backfills{query}", cancellationToken);
                if (call.Json)
                {
                    call.Write(runs);
                    return ExitCode.Done;
                }

                if (runs.GetArrayLength() == 0)
                {
                    call.Terminal.Out.WriteLine("There are no such backfills. Plan one with: backfill plan DESTINATION --audience AUDIENCE");
                    return ExitCode.Done;
                }

                RunTables.WriteList(call.Terminal.Screen(json: false), [.. runs.EnumerateArray().Select(run => Read(run).Run)]);
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Steer(string name, string description, Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        return new Verb(name, description, $"backfill {name} {ExampleRun}") { Arguments = { run }, Options = { hub } }
            .Does(
                async (call, cancellationToken) =>
                {
                    using var client = hub.Connect(call);
                    var answer = await client.PostAsync($"/v1/backfills/{call.Get(run)}/{name}", null, cancellationToken);
                    if (call.Json)
                    {
                        call.Write(answer);
                    }
                    else
                    {
                        call.Terminal.Out.WriteLine($"Asked to {name} run {call.Get(run)}. See it with: backfill show {call.Get(run)}");
                    }

                    return ExitCode.Done;
                },
                terminal);
    }

    private static async Task<int> ShowPlanAsync(VerbCall call, HubClient client, JsonElement accepted, CancellationToken cancellationToken)
    {
        var planned = await WatchAsync(call, client, Read(accepted).Run.RunId, shown => shown.PlanHash is not null || shown.Run.FinishedAt is not null, cancellationToken);
        Write(call, planned);
        return ExitCode.Of([Read(planned).Run]);
    }

    private static async Task<JsonElement> WatchAsync(VerbCall call, HubClient client, Guid runId, Func<BackfillJson, bool> isEnough, CancellationToken cancellationToken)
    {
        await using var screen = new RunScreen(call.Terminal, call.Json);
        using var timer = new PeriodicTimer(_look, call.Terminal.Time);
        while (true)
        {
            var answer = await client.GetAsync($"/v1/backfills/{runId}", cancellationToken);
            var shown = Read(answer);
            screen.Report(new RunProgress(null, [shown.Run]));
            if (isEnough(shown))
            {
                return answer;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static void Write(VerbCall call, JsonElement answer)
    {
        if (call.Json)
        {
            call.Write(answer);
            return;
        }

        var shown = Read(answer);
        var screen = call.Terminal.Screen(json: false);
        RunTables.WriteList(screen, [shown.Run]);
        RunTables.Write(screen, [shown.Run]);
        if (shown.Plan is { } plan)
        {
            WritePlan(call.Terminal.Out, plan);
        }

        if (shown.RollbackId is { } rollback)
        {
            call.Terminal.Out.WriteLine($"Taken back by run {rollback}: backfill show {rollback}");
        }

        if (shown is { PlanHash: { } hash, Run.State: RunState.AwaitingApproval })
        {
            call.Terminal.Out.WriteLine($"Let it pass with: backfill approve {shown.Run.RunId} --plan {hash}");
        }
    }

    private static void WritePlan(TextWriter output, BackfillPlan plan)
    {
        var duration = plan.Seconds is { } seconds ? string.Create(CultureInfo.InvariantCulture, $", at least {TimeSpan.FromSeconds(seconds):c}") : "";
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"Plan: {plan.ToWrite:N0} people to write; {plan.Calls.Read:N0} calls to read, {plan.Calls.Write:N0} to write, {plan.Calls.ReadBack:N0} to read back{duration}."));
        foreach (var outcome in plan.Outcomes)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {outcome.Count:N0} {outcome.Outcome}{(outcome.Code is { } code ? $", {code}" : "")}"));
        }

        foreach (var sample in plan.Samples)
        {
            output.WriteLine($"  for example {sample.Person}{(sample.Fields.Count == 0 ? "" : $": {string.Join(", ", sample.Fields)}")}");
        }

        foreach (var sentence in plan.Automation.Concat(plan.CannotBeTakenBack))
        {
            output.WriteLine($"  {sentence}");
        }
    }

    private static async Task<string[]> ReadAsync(string file, CancellationToken cancellationToken) => File.Exists(file)
        ? [.. (await File.ReadAllLinesAsync(file, cancellationToken)).Select(line => line.Trim()).Where(line => line.Length > 0)]
        : throw new CommandLineException(ExitCode.Usage, $"There is no file '{file}'. Name a file with one external id per line.");

    private static BackfillJson Read(JsonElement element) => element.Deserialize<BackfillJson>()!;

    private static Argument<Guid> RunId() => new("RUN") { Description = "Id of the backfill." };
}

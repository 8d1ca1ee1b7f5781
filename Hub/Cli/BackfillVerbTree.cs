using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills;
using IntegrationHub.Hub.Runs;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>backfill …</c>: plan, let pass, see, steer and take back backfills of a hub.</summary>
internal static class BackfillVerbTree
{
    private const string Start = "start";
    private const string Cancel = "cancel";
    private const string ExampleRun = "0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a";

    public static Verb Build(Terminal terminal) => new("backfill", "Write history to destinations, quietly: attributes of known people, and take that back; events of the log once more; and bring state to what the log says.", "backfill plan braze --audience customers", "backfill list")
    {
        Plan(terminal),
        Approve(terminal),
        Steer(Start, "Start a planned backfill that needs no approval; one that was approved begins by itself.", terminal),
        Show(terminal),
        List(terminal),
        Steer("pause", "Hold a backfill where it is; what is under way is finished.", terminal),
        Steer("resume", "Go on with a paused backfill.", terminal),
        Steer(Cancel, "Stop a backfill; what it wrote stays, and can be rolled back.", terminal),
        RollBack(terminal),
    };

    private static Verb Plan(Terminal terminal)
    {
        var hub = HubOption.Create();
        var destination = new Argument<string?>("DESTINATION") { Description = $"Name of the destination; none with --kind {BackfillKind.Rebuild}.", Arity = ArgumentArity.ZeroOrOne };
        var destinations = new Option<string[]>("--destination") { Description = "Name of a destination; may be repeated: a run for each, planned, approved and steered by one id.", HelpName = "NAME" };
        var audience = new Option<string?>("--audience") { Description = "Its members.", HelpName = "KEY" };
        var people = new Option<string?>("--people") { Description = "A file with one external id per line; with --audience: the members among them.", HelpName = "FILE" };
        var attributes = new Option<string[]>("--attribute") { Description = "Canonical attribute to write; may be repeated. All that the mapping writes when absent.", HelpName = "NAME" };
        var windows = Windows();
        var rate = Rate();
        var facts = new FactOptions();
        var reason = ReasonOption.Create();
        var loud = new Option<bool>("--loud") { Description = "Also create people whom the vendor does not know, and let its automation start; events go under their own names. Quiet when absent." };
        return new Verb(
            "plan",
            "Say what a backfill would do. Nothing is written before somebody approves the plan.",
            "backfill plan braze --audience customers --attribute country",
            "backfill plan hubspot --people ids.txt --rate 50/s",
            "backfill plan braze --kind redeliver --type product_viewed --from 2026-10-01 --to 2026-11-01",
            "backfill plan hubspot --kind redeliver --type profile_updated --from 2026-10-01",
            "backfill plan --kind rebuild --type profile_updated --from 2026-10-01",
            "backfill plan --destination braze --destination hubspot --audience customers --window 'Mon-Fri 20:00-06:00 Europe/Berlin'")
        { Arguments = { destination }, Options = { destinations, audience, people, attributes, windows, rate, loud, facts.Kind, facts.Types, facts.From, facts.To, facts.Producers, facts.Run, facts.Subject, facts.AllowRepeat, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                string[] names = [.. call.Find(destination) is { } first ? [first] : Array.Empty<string>(), .. call.Get(destinations) ?? []];
                var body = new
                {
                    destination = names.Length == 1 ? names[0] : null,
                    destinations = names.Length > 1 ? names : null,
                    audience = call.Get(audience),
                    people = call.Get(people) is { } file ? await ReadAsync(file, cancellationToken) : null,
                    attributes = call.Get(attributes) is { Length: > 0 } some ? some : null,
                    kind = call.Get(facts.Kind),
                    types = call.Get(facts.Types) is { Length: > 0 } types ? types : null,
                    from = call.Get(facts.From),
                    to = call.Get(facts.To),
                    producers = call.Get(facts.Producers) is { Length: > 0 } producers ? producers : null,
                    run = call.Get(facts.Run),
                    subject = call.Get(facts.Subject),
                    allow_repeat = call.Get(facts.AllowRepeat),
                    windows = call.Get(windows) is { Length: > 0 } when ? when : null,
                    rate = call.Get(rate),
                    loud = call.Get(loud),
                    reason = call.Get(loud) || call.Get(facts.AllowRepeat) ? reason.Read(call) : call.Get(reason),
                };
                return await ShowPlanAsync(call, client, await client.PostAsync("/v1/backfills", body, cancellationToken), cancellationToken);
            },
            terminal);
    }

    private static Verb RollBack(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var windows = Windows();
        var rate = Rate();
        var reason = ReasonOption.Create();
        return new Verb("rollback", "Say what taking back a backfill would do. It is a run of its own, to be approved like one.", $"backfill rollback {ExampleRun} --reason 'a wrong list'")
        { Arguments = { run }, Options = { windows, rate, reason, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var body = new { windows = call.Get(windows) is { Length: > 0 } when ? when : null, rate = call.Get(rate), reason = reason.Read(call) };
                return await ShowPlanAsync(call, client, await client.PostAsync($"/v1/backfills/{call.Get(run)}/rollback", body, cancellationToken), cancellationToken);
            },
            terminal);
    }

    private static Verb Approve(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var plan = new Option<string>("--plan") { Description = "Hash of the plan that you looked at, as 'backfill show' tells it.", Required = true, HelpName = "HASH" };
        var reason = ReasonOption.Create();
        var wait = new Option<bool>("--wait") { Description = "Watch the backfill to its end." };
        return new Verb("approve", "Let a plan pass: from then on it is written.", $"backfill approve {ExampleRun} --plan 5d0c6b1f0a7e4b12a9c3d4e5f6a7b8c9 --reason 'the numbers are right' --wait")
        { Arguments = { run }, Options = { plan, reason, wait, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.PostAsync($"/v1/backfills/{call.Get(run)}/approve", new { plan_hash = call.Get(plan), reason = reason.Read(call) }, cancellationToken);
                if (call.Get(wait))
                {
                    return await WatchToTheEndAsync(call, client, call.Get(run), cancellationToken);
                }

                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                foreach (var shown in BackfillScreen.Read(answer))
                {
                    call.Terminal.Out.WriteLine(shown.Approval is { Missing: > 0 and var missing } approval
                        ? FormattableString.Invariant($"Noted; {missing} of {approval.Needed} still have to agree to run {shown.Run.RunId}. See who: approvals show {approval.ApprovalId}")
                        : $"Asked to approve run {shown.Run.RunId}. See it with: backfill show {shown.Run.RunId}");
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var watch = new Option<bool>("--watch") { Description = "Watch it to its end." };
        return new Verb("show", "Show a backfill: its plan, how far it is, its ledger, what was read back.", $"backfill show {ExampleRun}", $"backfill show {ExampleRun} --watch")
        { Arguments = { run }, Options = { watch, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                if (call.Get(watch))
                {
                    return await WatchToTheEndAsync(call, client, call.Get(run), cancellationToken);
                }

                BackfillScreen.Write(call, await client.GetAsync($"/v1/backfills/{call.Get(run)}", cancellationToken));
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var state = new Option<string?>("--state") { Description = $"Only backfills in this state, for example {RunState.AwaitingApproval}." };
        var destination = new Option<string?>("--destination") { Description = "Only backfills at this destination." };
        var group = new Option<Guid?>("--group") { Description = "Only those that were planned together under this id.", HelpName = "ID" };
        return new Verb("list", "List backfills, newest first.", "backfill list", $"backfill list --state {RunState.AwaitingApproval}")
        { Options = { state, destination, group, hub } }
        .Lists(
            hub, PageOptions.Create(20), _ => "/v1/backfills", call => [("state", call.Get(state)), ("destination", call.Get(destination)), ("group", call.Get(group)?.ToString())],
            (call, list) =>
            {
                if (list.Items.Count == 0)
                {
                    call.Terminal.Out.WriteLine("There are no such backfills. Plan one with: backfill plan DESTINATION --audience AUDIENCE");
                    return;
                }

                RunTables.WriteList(call.Terminal.Screen(json: false), list.Of<BackfillJson>().ConvertAll(backfill => backfill.Run));
            },
            terminal);
    }

    private static Verb Steer(string name, string description, Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = RunId();
        var reason = ReasonOption.Create();
        var version = new Option<string?>("--expected-version") { Description = "The run's version that you looked at, as 'backfill show RUN --json' names it; when the run has moved since, nothing is done.", HelpName = "VERSION" };
        return new Verb(name, description, $"backfill {name} {ExampleRun}") { Arguments = { run }, Options = { reason, version, hub } }
            .Does(
                async (call, cancellationToken) =>
                {
                    using var client = hub.Connect(call);
                    var answer = await client.PostAsync($"/v1/backfills/{call.Get(run)}/{name}", new RunCommandBody { Reason = name is Start or Cancel ? reason.Read(call) : call.Get(reason), ExpectedVersion = call.Get(version) }, cancellationToken);
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
        var id = accepted.TryGetProperty("group_id", out var group) && accepted.TryGetProperty("runs", out _) ? group.GetGuid() : BackfillScreen.Read(accepted)[0].Run.RunId;
        var planned = await BackfillScreen.WatchAsync(call, client, id, shown => shown.PlanHash is not null || shown.Run.FinishedAt is not null, cancellationToken);
        return Finish(call, planned);
    }

    private static async Task<int> WatchToTheEndAsync(VerbCall call, HubClient client, Guid id, CancellationToken cancellationToken) =>
        Finish(call, await BackfillScreen.WatchAsync(call, client, id, shown => shown.Run.FinishedAt is not null, cancellationToken));

    private static int Finish(VerbCall call, JsonElement answer)
    {
        BackfillScreen.Write(call, answer);
        return ExitCode.Of(BackfillScreen.Read(answer).Select(shown => shown.Run));
    }

    private static async Task<string[]> ReadAsync(string file, CancellationToken cancellationToken) => File.Exists(file)
        ? [.. (await File.ReadAllLinesAsync(file, cancellationToken)).Select(line => line.Trim()).Where(line => line.Length > 0)]
        : throw new CommandLineException(ExitCode.Usage, $"There is no file '{file}'. Name a file with one external id per line.");

    private static Option<string[]> Windows() => new("--window")
    {
        Description = "When it may be delivered, as 'Mon-Fri 20:00-06:00 Europe/Berlin'; may be repeated. At any time when absent.", HelpName = "WINDOW",
    };

    private static Option<string?> Rate() => new("--rate") { Description = "People that it may write per second, minute or hour: 50/s, 3000/min, 20000/h. What the destination's file says when absent.", HelpName = "RATE" };

    private static Argument<Guid> RunId() => new("RUN") { Description = "Id of the backfill, or of several that were planned together." };
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Reconciliation;
using IntegrationHub.Storage.Reconciliations;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>reconcile …</c>: compare what vendors hold with what the hub believes.</summary>
internal static class ReconcileVerbTree
{
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);
    private static readonly string[] _columns = ["Run", "Audience", "Destination", "State", "Heal", "Missing", "Unexpected", "Different", "Duplicate", "Volume", "Compared"];

    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        var audience = new Argument<string?>("AUDIENCE") { Description = "Key of the audience.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
        var destination = new Argument<string?>("DESTINATION") { Description = "Name of the destination.", Arity = ArgumentArity.ZeroOrOne, DefaultValueFactory = _ => null };
        var now = new Option<bool>("--now") { Description = "Compare now, and wait for the end. Without it the last comparison is shown." };
        var heal = new Option<string?>("--heal") { Description = "What is done about differences, whatever the configuration says: report, missing (owe again who is missing, but for whom the vendor deleted, and fields that differ) or all (also make those anew, and remove who should not be there)." };
        var reason = ReasonOption.Create();
        heal.AcceptOnlyFromAmong(HealingWord.Report, HealingWord.Missing, HealingWord.All);
        return new Verb(
            "reconcile",
            "Compare what a destination holds of an audience with what the hub believes.",
            "reconcile customers hubspot", "reconcile customers hubspot --now", "reconcile customers hubspot --now --heal missing", "reconcile customers hubspot --now --heal all --reason 'the list is ours alone'")
        {
            Arguments = { audience, destination },
            Options = { now, heal, reason, hub },
            Subcommands = { Plan(terminal), Show(terminal), List(terminal), Findings(terminal) },
        }
        .Does(
            async (call, cancellationToken) =>
            {
                if (call.Get(audience) is not { } about || call.Get(destination) is not { } at)
                {
                    throw new CommandLineException(ExitCode.Usage, "Name an audience and a destination: 'reconcile AUDIENCE DESTINATION --now'. 'reconcile list' shows what was compared.");
                }

                using var client = hub.Connect(call);
                if (!call.Get(now))
                {
                    var known = await client.ListAsync("/v1/reconciliations", [("audience", about), ("destination", at)], (null, 1), cancellationToken);
                    return known.Items.Count == 0
                        ? throw new CommandLineException(ExitCode.Failed, $"{about} was never compared with {at}. Do it with: reconcile {about} {at} --now")
                        : await ShowAsync(call, client, known.Items[0].GetProperty("run_id").GetGuid(), cancellationToken);
                }

                var started = await client.PostAsync("/v1/reconciliations", new { audience = about, destinations = new[] { at }, heal = call.Get(heal), reason = call.Get(heal) == HealingWord.All ? reason.Read(call) : call.Get(reason) }, cancellationToken);
                return await WatchAsync(call, client, started.GetProperty("runs")[0].GetProperty("run_id").GetGuid(), cancellationToken);
            },
            terminal);
    }

    private static Verb Plan(Terminal terminal)
    {
        var hub = HubOption.Create();
        var audience = new Argument<string>("AUDIENCE") { Description = "Key of the audience." };
        var destination = new Argument<string>("DESTINATION") { Description = "Name of the destination." };
        return new Verb("plan", "Say what a comparison would cost of the vendor's calls. Begins nothing.", "reconcile plan customers hubspot") { Arguments = { audience, destination }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var answer = await client.GetAsync($"/v1/reconciliations/plan{Query.Of(("audience", call.Get(audience)), ("destination", call.Get(destination)))}", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                }
                else
                {
                    call.Terminal.Out.WriteLine(answer.Deserialize<ReconciliationPlanJson>()!.Says);
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb Show(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = Run();
        return new Verb("show", "Show what a comparison found and what was done about it.", "reconcile show 0197f3a2-0000-7000-8000-000000000000") { Arguments = { run }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return await ShowAsync(call, client, call.Get(run), cancellationToken);
            },
            terminal);
    }

    private static Verb List(Terminal terminal)
    {
        var hub = HubOption.Create();
        var audience = new Option<string?>("--audience") { Description = "Only those of this audience." };
        var destination = new Option<string?>("--destination") { Description = "Only those of this destination." };
        return new Verb("list", "List comparisons, newest first.", "reconcile list", "reconcile list --destination braze --json") { Options = { audience, destination, hub } }
        .Lists(
            hub, PageOptions.Create(50), _ => "/v1/reconciliations", call => [("audience", call.Get(audience)), ("destination", call.Get(destination))],
            (call, list) =>
            {
                var table = new Table { Border = TableBorder.Rounded };
                foreach (var column in _columns)
                {
                    table.AddColumn(new TableColumn(column) { NoWrap = true });
                }

                foreach (var compared in list.Of<ReconciliationJson>())
                {
                    string[] cells =
                    [
                        $"{compared.RunId}", compared.Audience, compared.Destination, compared.State, compared.Heal, Count(compared.Findings?.Missing), Count(compared.Findings?.Unexpected),
                        Count(compared.Findings?.Different), Count(compared.Findings?.Duplicate), Count(compared.Findings?.Volume), compared.ComparedAt is { } at ? Time(at) : "not yet",
                    ];
                    table.AddRow([.. cells.Select(Markup.Escape)]);
                }

                call.Terminal.Screen(json: false).Write(table);
            },
            terminal);
    }

    private static Verb Findings(Terminal terminal)
    {
        var hub = HubOption.Create();
        var run = Run();
        var kind = new Option<string?>("--kind") { Description = $"Only {string.Join(", ", FindingKind.All)}." };
        return new Verb("findings", "List in whom vendor and hub differ, masked, with the cause.", "reconcile findings 0197f3a2-0000-7000-8000-000000000000 --kind missing")
        { Arguments = { run }, Options = { kind, hub } }
        .Lists(
            hub, PageOptions.Create(), call => $"/v1/reconciliations/{call.Get(run)}/findings", call => [("kind", call.Get(kind))],
            (call, list) =>
            {
                foreach (var finding in list.Of<DriftFindingJson>())
                {
                    call.Terminal.Out.WriteLine(
                        $"{finding.Kind} ({finding.Cause}){(finding.Field is { } field ? $" field {field}" : "")}: {finding.Key ?? (finding.Kind == FindingKind.Volume ? "events" : "a stranger")}{(finding.RemoteId is { } remote ? $", {remote} at the vendor" : "")}");
                }

                if (list.Next is null)
                {
                    call.Terminal.Out.WriteLine(list.Items.Count == 0 ? "Nothing differs." : "That is all.");
                }
            },
            terminal);
    }

    private static async Task<int> WatchAsync(VerbCall call, HubClient client, Guid runId, CancellationToken cancellationToken)
    {
        using var look = new PeriodicTimer(_look);
        string? said = null;
        while (true)
        {
            var answer = await client.GetAsync($"/v1/reconciliations/{runId}", cancellationToken);
            var compared = answer.Deserialize<ReconciliationJson>()!;
            if (compared.FinishedAt is not null)
            {
                return Write(call, answer, compared);
            }

            var state = compared.WaitingFor is { } waiting ? $"{compared.State}: {waiting}" : compared.State;
            if (state != said)
            {
                call.Terminal.Error.WriteLine(said = state);
            }

            await look.WaitForNextTickAsync(cancellationToken);
        }
    }

    private static async Task<int> ShowAsync(VerbCall call, HubClient client, Guid runId, CancellationToken cancellationToken)
    {
        var answer = await client.GetAsync($"/v1/reconciliations/{runId}", cancellationToken);
        return Write(call, answer, answer.Deserialize<ReconciliationJson>()!);
    }

    private static int Write(VerbCall call, JsonElement answer, ReconciliationJson compared)
    {
        if (call.Json)
        {
            call.Write(answer);
            return ExitOf(compared);
        }

        var screen = call.Terminal.Out;
        screen.WriteLine($"{compared.Audience} at {compared.Destination}: {compared.State}, heal {compared.Heal}, run {compared.RunId}");
        if (compared.WaitingFor is { } waiting)
        {
            screen.WriteLine($"  {waiting}");
        }

        screen.WriteLine($"  {compared.Expected} members expected, {compared.Listed} told by the vendor, {compared.Found} of those expected; {compared.Calls} vendor calls");
        screen.WriteLine($"  {compared.Fields.Says}");
        if (compared.Matching is { } matching)
        {
            screen.WriteLine(FormattableString.Invariant($"  Matching: the destination has {matching.Held} of {matching.People} people ({matching.MatchRate ?? 0:P1}); {matching.WithoutKey} have no key for it, {matching.SharingKey} share one, {matching.HeldAsOne} are one with others there"));
        }

        foreach (var volume in compared.Volumes)
        {
            screen.WriteLine(FormattableString.Invariant($"  Events {volume.Event} of the day before {Time(volume.Until)}: {volume.Owed} owed, {volume.Delivered} delivered, {volume.Ended} ended otherwise, {volume.Pending} wait{(volume.AtVendor is { } told ? $"; the vendor counts {told}, {volume.Happened} were confirmed" : "")}{(volume.Finding is { } finding ? $" ({finding})" : "")}"));
        }

        foreach (var cause in compared.Causes)
        {
            screen.WriteLine($"  {cause.Kind} ({cause.Cause}): {cause.Count}");
        }

        if (compared.Causes.Any(cause => cause.Cause == FindingCause.DeletedThere))
        {
            screen.WriteLine($"  Whom somebody deleted there stays deleted, unless you say otherwise: reconcile {compared.Audience} {compared.Destination} --now --heal all");
        }

        foreach (var mark in compared.Trend.Where(mark => mark.RunId != compared.RunId))
        {
            screen.WriteLine(FormattableString.Invariant($"  Before, at {Time(mark.ComparedAt)}: {mark.Missing} missing, {mark.Unexpected} unexpected, {mark.Different} different, {mark.Duplicate} duplicate{(mark.MatchRate is { } rate ? $", {rate:P1} matched" : "")}"));
        }

        if (compared.Findings is { Sum: 0 })
        {
            screen.WriteLine("  Nothing differs.");
        }
        else if (compared.Findings is not null)
        {
            screen.WriteLine(compared.Heal == HealingWord.Report
                ? $"  Who: reconcile findings {compared.RunId}. Heal it with: reconcile {compared.Audience} {compared.Destination} --now --heal missing"
                : $"  Who: reconcile findings {compared.RunId}. What was done about it: sync show {compared.RunId}");
        }

        return ExitOf(compared);
    }

    private static int ExitOf(ReconciliationJson compared) => compared switch
    {
        { State: RunState.Failed or RunState.Canceled } => ExitCode.Failed,
        { State: RunState.CompletedWithIssues } or { FinishedAt: not null, Heal: HealingWord.Report, Findings.Sum: > 0 } => ExitCode.Issues,
        _ => ExitCode.Done,
    };

    private static Argument<Guid> Run() => new("RUN") { Description = "Id of the run, as 'reconcile list' shows it." };

    private static string Count(long? count) => count?.ToString(CultureInfo.InvariantCulture) ?? "";

    private static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}

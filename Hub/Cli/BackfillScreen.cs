using System.Globalization;
using System.Text.Json;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Backfills;
using Spectre.Console;

namespace IntegrationHub.Hub.Cli;

/// <summary>Shows backfills: plans, how far they are, what came of them.</summary>
internal static class BackfillScreen
{
    private const int BarWidth = 30;
    private static readonly TimeSpan _look = TimeSpan.FromMilliseconds(500);

    /// <summary>The runs of an answer: one, or several that were planned together.</summary>
    public static IReadOnlyList<BackfillJson> Read(JsonElement answer) =>
        answer.TryGetProperty("runs", out _) ? answer.Deserialize<BackfillGroupJson>()!.Runs : [answer.Deserialize<BackfillJson>()!];

    /// <summary>Watches an id's runs until there is enough to see.</summary>
    public static async Task<JsonElement> WatchAsync(VerbCall call, HubClient client, Guid id, Func<BackfillJson, bool> isEnough, CancellationToken cancellationToken)
    {
        await using var screen = new RunScreen(call.Terminal, call.Json);
        using var timer = new PeriodicTimer(_look, call.Terminal.Time);
        while (true)
        {
            var answer = await client.GetAsync($"/v1/backfills/{id}", cancellationToken);
            var shown = Read(answer);
            screen.Report(new RunProgress(null, [.. shown.Select(run => run.Run)])
            {
                Pace = shown.Where(run => run.Progress?.PerSecond is not null).ToDictionary(run => run.Run.RunId, run => Pace(run.Progress!)),
            });
            if (shown.All(isEnough))
            {
                return answer;
            }

            await timer.WaitForNextTickAsync(cancellationToken);
        }
    }

    /// <summary>Everything about an answer's runs.</summary>
    public static void Write(VerbCall call, JsonElement answer)
    {
        if (call.Json)
        {
            call.Write(answer);
            return;
        }

        var shown = Read(answer);
        var screen = call.Terminal.Screen(json: false);
        RunTables.WriteList(screen, [.. shown.Select(run => run.Run)]);
        RunTables.Write(screen, [.. shown.Select(run => run.Run)]);
        foreach (var run in shown)
        {
            Write(call.Terminal.Out, run, shown.Count > 1 ? $"{run.Run.Destination}: " : "");
        }

        var group = answer.TryGetProperty("runs", out _) ? answer.Deserialize<BackfillGroupJson>() : null;
        if (shown.Any(run => run.Run.State == RunState.AwaitingApproval) && (group?.PlanHash ?? (group is null ? shown[0].PlanHash : null)) is { } hash)
        {
            call.Terminal.Out.WriteLine($"Let {(shown.Count > 1 ? "them" : "it")} pass with: backfill approve {group?.GroupId ?? shown[0].Run.RunId} --plan {hash} --reason TEXT");
        }
    }

    private static void Write(TextWriter output, BackfillJson run, string who)
    {
        if (run.Progress is { } progress && run.Run.FinishedAt is null && run.Run.State != RunState.AwaitingApproval)
        {
            var full = progress.Percent * BarWidth / 100;
            output.WriteLine($"{who}{new string('█', full)}{new string('░', BarWidth - full)} {progress.Percent} %{(progress.PerSecond is null ? "" : $", {Pace(progress)}")}");
        }

        if (run.Plan is { } plan)
        {
            WritePlan(output, plan, who);
        }

        if (run.RollbackId is { } rollback)
        {
            output.WriteLine($"{who}Taken back by run {rollback}: backfill show {rollback}");
        }
    }

    private static string Pace(BackfillProgressJson progress) => string.Create(
        CultureInfo.InvariantCulture, $"{progress.PerSecond:0.#} a second{(progress.DoneAt is { } done ? $", done about {done.UtcDateTime:yyyy-MM-dd HH:mm} UTC" : "")}");

    private static void WritePlan(TextWriter output, BackfillPlan plan, string who)
    {
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{who}Plan: {plan.ToWrite:N0} {(plan.Scope.Kind switch { BackfillKind.Redeliver => "events to tell", BackfillKind.Rebuild => "people to change", _ => "people to write" })}; {plan.Calls.Read:N0} calls to read, {plan.Calls.Write:N0} to write, {plan.Calls.ReadBack:N0} to read back{Takes(plan)}."));
        foreach (var outcome in plan.Outcomes)
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {outcome.Count:N0} {outcome.Outcome}{(outcome.Code is { } code ? $", {code}" : "")}"));
        }

        foreach (var change in plan.Changes ?? [])
        {
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"  {change.People:N0} in {change.Name}"));
        }

        foreach (var sample in plan.Samples)
        {
            output.WriteLine($"  for example {sample.Person}{(sample.Fields.Count == 0 ? "" : $": {string.Join(", ", sample.Fields)}")}");
        }

        if (plan.Scope.Rate is { } rate)
        {
            output.WriteLine($"  at most {rate}");
        }

        foreach (var window in plan.Scope.Windows ?? [])
        {
            output.WriteLine($"  only {window}");
        }

        foreach (var sentence in plan.Automation.Concat(plan.CannotBeTakenBack).Concat(plan.Verification is { } verified ? [verified] : []))
        {
            output.WriteLine($"  {sentence}");
        }
    }

    private static string Takes(BackfillPlan plan)
    {
        if (plan.Seconds is not { } seconds)
        {
            return "";
        }

        var why = plan.LimitedBy switch { "rate" => "its rate", "daily_quota" => "the calls of a day", _ => "the share of the quota that backfills may use" };
        var done = plan is { Scope.Windows.Count: > 0, DoneAt: { } at } ? string.Create(CultureInfo.InvariantCulture, $", in its windows not before {at.UtcDateTime:yyyy-MM-dd HH:mm} UTC") : "";
        return string.Create(CultureInfo.InvariantCulture, $"; takes about {TimeSpan.FromSeconds(seconds):c} because of {why}{done}");
    }
}

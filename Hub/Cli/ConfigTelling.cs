using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Versions.Effects;

namespace IntegrationHub.Hub.Cli;

/// <summary>What a hub answers about versions of its configuration, as people read it.</summary>
internal static class ConfigTelling
{
    public static int Tell(VerbCall call, JsonElement answer, string next)
    {
        var plan = answer.Deserialize<ConfigurationPlanJson>()!;
        if (call.Json)
        {
            call.Write(answer);
            return plan.Changes.Count == 0 ? ExitCode.Done : ExitCode.Issues;
        }

        var output = call.Terminal.Out;
        if (plan.Changes.Count == 0)
        {
            output.WriteLine($"Nothing would change: version {plan.BaseVersion} holds the same.");
            return ExitCode.Done;
        }

        foreach (var finding in plan.Privacy)
        {
            output.WriteLine($"  ! {finding.Text}");
        }

        foreach (var finding in plan.Breaking)
        {
            output.WriteLine($"  x {finding.Text}");
        }

        foreach (var rename in plan.Renames)
        {
            output.WriteLine($"  = {rename}");
        }

        foreach (var window in plan.Windows)
        {
            output.WriteLine($"  | {window}");
        }

        WriteChanges(call, plan.Changes);
        foreach (var cutOver in plan.CutOvers ?? [])
        {
            foreach (var count in cutOver.Attributes.Concat(cutOver.Audiences))
            {
                output.WriteLine($"  {cutOver.Source} in place of {cutOver.Of}, {count.Name}: {RunTables.Number(count.Different)} other, {RunTables.Number(count.OnlyShadow)} new, {RunTables.Number(count.OnlyCounting)} only known now, {RunTables.Number(count.Equal)} the same");
            }
        }

        foreach (var line in plan.Effects is { } effects ? EffectLines.Of(effects) : [])
        {
            output.WriteLine(line);
        }

        output.WriteLine($"On version {plan.BaseVersion}: {plan.Changes.Count} values differ, {plan.Privacy.Count} widen what leaves (!), {plan.Breaking.Count} break (x).{(plan.NeedsApproval ? " Another person has to agree." : "")}");
        output.WriteLine($"To have it so: {next} {plan.PlanHash}");
        return ExitCode.Issues;
    }

    public static int TellApplied(VerbCall call, JsonElement answer)
    {
        var applied = answer.Deserialize<AppliedConfiguration>()!;
        if (call.Json)
        {
            call.Write(answer);
        }
        else
        {
            call.Terminal.Out.WriteLine(applied switch
            {
                { State: AppliedConfiguration.Waiting, Approval: { } approval } => $"Version {applied.Version} waits for agreement: approvals show {approval.ApprovalId}",
                { State: AppliedConfiguration.Unchanged } => $"Version {applied.Version} holds the same and is in force.",
                _ => $"Version {applied.Version} is in force; hubs change over within seconds.",
            });
        }

        return applied.State == AppliedConfiguration.Waiting ? ExitCode.Issues : ExitCode.Done;
    }

    public static void WriteChanges(VerbCall call, IEnumerable<ConfigurationChange> changes)
    {
        foreach (var file in changes.GroupBy(change => change.File))
        {
            call.Terminal.Out.WriteLine(file.Key);
            foreach (var change in file)
            {
                call.Terminal.Out.WriteLine(change switch
                {
                    { Key: "", Kind: "changed" } => "  ~ differs, in no value",
                    { Key: "", Kind: "renamed" } => $"  = was {change.Before}",
                    { Key: "" } => $"  {(change.Kind == "added" ? "+ the file is new" : "- the file is gone")}",
                    { Kind: "added" } => $"  + {change.Key}{Value(": ", change.After)}",
                    { Kind: "removed" } => $"  - {change.Key}{Value(": ", change.Before)}",
                    _ => $"  ~ {change.Key}{Value(": ", change.Before)}{Value(" -> ", change.After)}",
                });
            }
        }
    }

    private static string Value(string before, string? value) => value is null ? "" : before + value.ReplaceLineEndings(" ");

    public static void WriteFiles(VerbCall call, ConfigurationVersionJson version)
    {
        var output = call.Terminal.Out;
        output.WriteLine($"Version {version.Version}, {version.State}: {version.Source}, by {version.CreatedBy}, {Time(version.CreatedAt)}{(version.GitCommit is { } commit ? $", commit {commit}" : "")}{(version.Message is { } why ? $": {why}" : "")}");
        foreach (var (path, text) in version.Files ?? new Dictionary<string, string>())
        {
            output.WriteLine($"  {path} ({text.AsSpan().Count('\n')} lines)");
        }
    }

    public static string Time(DateTimeOffset at) => at.ToUniversalTime().ToString("u", CultureInfo.InvariantCulture);
}

using System.CommandLine;
using System.Globalization;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Versions;
using IntegrationHub.Hub.Versions.Effects;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>config …</c>, <c>plan</c> and <c>apply</c>: versions of the configuration.</summary>
internal static class ConfigVerbTree
{
    private const string Versions = "/v1/config/versions";
    private static readonly string[] _columns = ["Version", "State", "Made", "By", "From", "Commit", "Why"];

    public static Verb Build(Terminal terminal) => new("config", "See which configuration is in force, what was before, and go back.", "config history")
    {
        ShowVerb(terminal),
        HistoryVerb(terminal),
        DiffVerb(terminal),
        PullVerb(terminal),
        RollbackVerb(terminal),
    };

    public static Verb Plan(Terminal terminal)
    {
        var hub = HubOption.Create();
        var folder = Folder();
        var exact = new Option<bool>("--exact") { Description = "Look at all people instead of some 20,000 per audience and destination; a minute for a million." };
        return new Verb(
            "plan", "Show what a configuration folder would change at a hub: values, what newly leaves, what breaks, what it does to people. Exit code 0: nothing; 1: something; 2: the folder has errors.", "plan config", "plan config --exact", "plan config --json > plan.json")
        { Arguments = { folder }, Options = { exact, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                return ConfigTelling.Tell(call, await PlanAsync(call, client, new ConfigurationBody { Files = Read(call.Get(folder)) }, call.Get(exact), cancellationToken), $"apply {call.Get(folder)} --plan");
            },
            terminal);
    }

    public static Verb Apply(Terminal terminal)
    {
        var hub = HubOption.Create();
        var folder = Folder();
        var plan = PlanOption();
        plan.Required = true;
        var message = MessageOption();
        var commit = new Option<string?>("--commit") { Description = "The commit that the folder is of; stays with the version.", HelpName = "COMMIT" };
        return new Verb(
            "apply", "Put a configuration folder in force, as it was planned. Exit code 0: it is; 1: it waits for somebody's agreement; 3: the plan does not hold any more.", "apply config --plan plan.json --message 'phone in E.164'", "apply config --plan 5b1c… --commit 3f2a91c")
        { Arguments = { folder }, Options = { plan, message, commit, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var body = new ConfigurationBody { Files = Read(call.Get(folder)), PlanHash = HashOf(call.Get(plan)!), Message = call.Get(message), GitCommit = call.Get(commit) };
                return ConfigTelling.TellApplied(call, await client.PostAsync($"{Versions}/apply", body, null, cancellationToken));
            },
            terminal);
    }

    private static Verb ShowVerb(Terminal terminal)
    {
        var hub = HubOption.Create();
        var version = new Argument<long?>("VERSION") { Description = "The version; the one in force when absent.", Arity = ArgumentArity.ZeroOrOne };
        return new Verb("show", "Show a version with its files; without one, which is in force and how the hub stands to it.", "config show", "config show 41 --json")
        { Arguments = { version }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var asked = call.Find(version);
                var answer = await client.GetAsync(asked is { } number ? Path(number) : "/v1/config", cancellationToken);
                if (call.Json)
                {
                    call.Write(answer);
                    return ExitCode.Done;
                }

                var output = call.Terminal.Out;
                if (asked is null)
                {
                    var standing = answer.Deserialize<ConfigurationStandingJson>()!;
                    output.WriteLine($"Version {standing.Active.Version} is in force since {ConfigTelling.Time(standing.ActivatedAt)}, by {standing.ActivatedBy}; folders are applied {(standing.Apply == "auto" ? "as hubs start" : "by 'apply'")}.");
                    output.WriteLine(standing.Running == standing.Active.Version ? "The hub that answers runs it." : $"The hub that answers runs version {standing.Running}: it claims and plans nothing until it has changed over.");
                    foreach (var obstacle in standing.Obstacles)
                    {
                        output.WriteLine($"  it cannot: {obstacle}");
                    }

                    if (standing.IsPending)
                    {
                        output.WriteLine("config_pending: the hub's folder differs from what it runs. 'plan' shows how, 'apply' puts it in force.");
                    }

                    ConfigTelling.WriteFiles(call, standing.Active);
                    return ExitCode.Done;
                }

                ConfigTelling.WriteFiles(call, answer.Deserialize<ConfigurationVersionJson>()!);
                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb HistoryVerb(Terminal terminal)
    {
        var hub = HubOption.Create();
        return new Verb("history", "List versions, newest first.", "config history", "config history --limit 5 --json")
        { Options = { hub } }
        .Lists(
            hub, PageOptions.Create(), _ => Versions, _ => [],
            (call, list) => call.WriteTable(
                _columns,
                list.Of<ConfigurationVersionJson>().Select(version => (string[])
                [
                    version.Version.ToString(CultureInfo.InvariantCulture), version.State, ConfigTelling.Time(version.CreatedAt), version.CreatedBy, version.Source, version.GitCommit ?? "", version.Message ?? "",
                ])),
            terminal);
    }

    private static Verb DiffVerb(Terminal terminal)
    {
        var hub = HubOption.Create();
        var from = new Argument<long>("VERSION") { Description = "The version to begin with." };
        var to = new Argument<long?>("OTHER") { Description = "The version to compare with it; the one in force when absent.", Arity = ArgumentArity.ZeroOrOne };
        return new Verb("diff", "Show which values differ between two versions. Exit code 0: none; 1: some.", "config diff 40", "config diff 40 41 --json")
        { Arguments = { from, to }, Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var before = await FindAsync(client, call.Get(from), cancellationToken);
                var after = await FindAsync(client, call.Find(to), cancellationToken);
                var changes = ConfigurationComparison.ChangesOf(before.Files!, after.Files!).ToList();
                if (call.Json)
                {
                    call.Write(new { from = before.Version, to = after.Version, changes });
                }
                else
                {
                    call.Terminal.Out.WriteLine(changes.Count == 0 ? $"Versions {before.Version} and {after.Version} hold the same." : $"From version {before.Version} to {after.Version}:");
                    ConfigTelling.WriteChanges(call, changes);
                }

                return changes.Count == 0 ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static Verb PullVerb(Terminal terminal)
    {
        var hub = HubOption.Create();
        var folder = new Argument<string>("DIR") { Description = "Folder to write to; made when it is missing." };
        var version = new Option<long?>("--version") { Description = "Which version; the one in force when absent.", HelpName = "VERSION" };
        var force = new Option<bool>("--force") { Description = "Replace what differs there, and remove the files that the version does not have." };
        return new Verb("pull", "Write a version to a folder, file by file as it was applied.", "config pull config", "config pull config --version 40 --force")
        { Arguments = { folder }, Options = { version, force, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var found = await FindAsync(client, call.Get(version), cancellationToken);
                var written = Pull(call.Get(folder), ConfigurationFiles.Of(found.Files!), call.Get(force));
                if (call.Json)
                {
                    call.Write(new { version = found.Version, content_hash = found.ContentHash, written });
                }
                else
                {
                    call.Terminal.Out.WriteLine($"{call.Get(folder)} holds version {found.Version}; {written.Count} files were written or removed.");
                }

                return ExitCode.Done;
            },
            terminal);
    }

    private static Verb RollbackVerb(Terminal terminal)
    {
        var hub = HubOption.Create();
        var version = new Argument<long>("VERSION") { Description = "The version to go back to." };
        var exact = new Option<bool>("--exact") { Description = "Without --plan: look at all people instead of a sample." };
        var plan = PlanOption();
        var message = MessageOption();
        return new Verb(
            "rollback", "Go back: the content of an earlier version comes into force as a new one. Without --plan it shows what that changes, and does nothing.", "config rollback 40", "config rollback 40 --plan 5b1c… --message 'phone numbers were cut'")
        { Arguments = { version }, Options = { plan, exact, message, hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                using var client = hub.Connect(call);
                var body = new ConfigurationBody { Version = call.Get(version) };
                if (call.Get(plan) is not { } looked)
                {
                    return ConfigTelling.Tell(call, await PlanAsync(call, client, body, call.Get(exact), cancellationToken), FormattableString.Invariant($"config rollback {call.Get(version)} --plan"));
                }

                return ConfigTelling.TellApplied(call, await client.PostAsync($"{Versions}/apply", body with { PlanHash = HashOf(looked), Message = call.Get(message) ?? (call.Json ? null : call.Terminal.Ask("Why? It stays with the version:")) }, null, cancellationToken));
            },
            terminal);
    }

    private static Argument<string> Folder() => new("DIR") { Description = "The configuration folder." };

    private static Option<string?> PlanOption() => new("--plan") { Description = "The plan that you looked at: its hash, or the file that 'plan --json' wrote.", HelpName = "HASH|FILE" };

    private static Option<string?> MessageOption() => new("--message") { Description = "Why; stays with the version.", HelpName = "TEXT" };

    private static Task<JsonElement> PlanAsync(VerbCall call, HubClient client, ConfigurationBody body, bool exact, CancellationToken cancellationToken) => exact
        ? client.PostForLinesAsync(
            $"{Versions}/plan", body with { Effects = EffectScope.Exact },
            line => call.Terminal.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{line.GetProperty("looked_at").GetInt64():N0} of {line.GetProperty("people").GetInt64():N0} people looked at ...")),
            cancellationToken)
        : client.PostAsync($"{Versions}/plan", body, null, cancellationToken);

    private static async Task<ConfigurationVersionJson> FindAsync(HubClient client, long? version, CancellationToken cancellationToken) => version is { } number
        ? (await client.GetAsync(Path(number), cancellationToken)).Deserialize<ConfigurationVersionJson>()!
        : (await client.GetAsync("/v1/config", cancellationToken)).Deserialize<ConfigurationStandingJson>()!.Active;

    private static string Path(long version) => FormattableString.Invariant($"{Versions}/{version}");

    private static Dictionary<string, string> Read(string folder)
    {
        if (!Directory.Exists(folder))
        {
            throw new CommandLineException(ExitCode.Usage, $"There is no folder '{folder}'.");
        }

        var files = ConfigurationFiles.ReadFolder(folder);
        return files.IsTooLarge
            ? throw new CommandLineException(ExitCode.Usage, $"'{folder}' holds more than {ConfigurationFiles.MostBytes >> 20} MiB or {ConfigurationFiles.MostFiles} files: that is no configuration.")
            : files.Texts.Count == 0 ? throw new CommandLineException(ExitCode.Usage, $"'{folder}' holds no configuration: it has neither consent.yaml nor destinations.")
            : files.Texts.ToDictionary();
    }

    /// <summary>The hash of a plan, or of the plan that a file holds.</summary>
    private static string HashOf(string plan)
    {
        if (!File.Exists(plan))
        {
            return plan;
        }

        try
        {
            return JsonSerializer.Deserialize<ConfigurationPlanJson>(File.ReadAllText(plan))!.PlanHash;
        }
        catch (JsonException)
        {
            throw new CommandLineException(ExitCode.Usage, $"'{plan}' is not what 'plan --json' writes.");
        }
    }

    private static List<string> Pull(string folder, ConfigurationFiles files, bool force)
    {
        var there = Directory.Exists(folder) ? ConfigurationFiles.ReadFolder(folder).Texts : new Dictionary<string, string>();
        var (differ, more) = (files.Texts.Where(file => there.GetValueOrDefault(file.Key) != file.Value).ToList(), there.Keys.Except(files.Texts.Keys).ToList());
        if (!force && (more.Count > 0 || differ.Exists(file => there.ContainsKey(file.Key))))
        {
            throw new CommandLineException(ExitCode.Usage, $"'{folder}' holds other files than the version: {string.Join(", ", differ.Where(file => there.ContainsKey(file.Key)).Select(file => file.Key).Concat(more).Order(StringComparer.Ordinal))}. Keep them elsewhere, or say --force.");
        }

        foreach (var (path, text) in differ)
        {
            var file = System.IO.Path.Combine(folder, path);
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        foreach (var path in more)
        {
            File.Delete(System.IO.Path.Combine(folder, path));
        }

        return [.. differ.Select(file => file.Key).Concat(more).Order(StringComparer.Ordinal)];
    }
}

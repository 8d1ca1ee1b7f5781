using System.CommandLine;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Intake.Webhooks;

namespace IntegrationHub.Hub.Cli;

/// <summary><c>sources …</c>: who calls the hub's webhooks. Reads the configuration folder; no hub is asked.</summary>
internal static class SourceVerbTree
{
    public static Verb Build(Terminal terminal) => new("sources", "See the sources of webhooks, and try what would come of a call.", "sources list --Hub:ConfigPath=config")
    {
        List(terminal),
        Test(terminal),
    };

    private static Verb List(Terminal terminal) =>
        new Verb("list", "List the configured sources with the path that each calls.", "sources list", "sources list --Hub:ConfigPath=config --json")
        { TreatUnmatchedTokensAsErrors = false }
        .Does(
            (call, _) =>
            {
                var sources = Load(call).Sources.Values.OrderBy(source => source.Name, StringComparer.Ordinal)
                    .Select(source => new { name = source.Name, dialect = source.Dialect.ToString().ToLowerInvariant(), scheme = source.Signature.Scheme.ToString(), path = PathOf(source) }).ToList();
                if (call.Json)
                {
                    call.Write(sources);
                }
                else
                {
                    var table = RunTables.Table("Source", "Dialect", "Proven by", "Path");
                    sources.ForEach(source => RunTables.Row(table, source.name, source.dialect, source.scheme, source.path));
                    call.Terminal.Screen(json: false).Write(table);
                }

                return Task.FromResult(ExitCode.Done);
            },
            terminal);

    private static Verb Test(Terminal terminal)
    {
        var name = new Argument<string>("SOURCE") { Description = "Name of the source: the name of its file." };
        var file = new Argument<string>("FILE") { Description = "File with the body of a call as the source sends it." };
        return new Verb(
            "test",
            "Show which facts would come of a call. Nothing is taken in, and no signature is asked for. Exit code 1 when something would be set aside.",
            "sources test web call.json --Hub:ConfigPath=config",
            "sources test web call.json --json")
        { Arguments = { name, file }, TreatUnmatchedTokensAsErrors = false }
        .Does(
            async (call, cancellationToken) =>
            {
                var configuration = Load(call);
                if (!configuration.Sources.TryGetValue(configuration.FormerNames.OfSource(call.Get(name)!), out var source) || source.Dialect == SourceDialect.Census)
                {
                    throw new CommandLineException(ExitCode.Usage, $"There is no source '{call.Get(name)}' whose calls are read by rules. {Spelling.Hint(call.Get(name)!, configuration.Sources.Keys)}Known: {string.Join(", ", configuration.Sources.Keys.Order(StringComparer.Ordinal))}.");
                }

                if (!File.Exists(call.Get(file)))
                {
                    throw new CommandLineException(ExitCode.Usage, $"There is no file '{call.Get(file)}'.");
                }

                var (facts, nothing) = SourceTrial.Read(configuration, source, await File.ReadAllBytesAsync(call.Get(file)!, cancellationToken), TimeProvider.System.GetUtcNow());
                var shown = facts.Select(fact => new
                {
                    event_type = fact.Verdict.EventType,
                    status = fact.Verdict.Quarantined is null ? "good" : "quarantined",
                    path = fact.Verdict.Quarantined?.Path,
                    code = fact.Verdict.Quarantined?.Code,
                    problem = fact.Verdict.Quarantined?.Problem,
                    fact = fact.Verdict.Fact is null ? (JsonElement?)null : JsonElement.Parse(fact.Body.Span),
                }).ToList();
                if (call.Json)
                {
                    call.Write(new { facts = shown, nothing });
                }
                else
                {
                    shown.ForEach(fact => call.Terminal.Out.WriteLine(fact.status == "good" ? $"{fact.event_type}: {fact.fact}" : $"set aside: {fact.path} {fact.problem} ({fact.code})"));
                    foreach (var (reason, count) in nothing)
                    {
                        call.Terminal.Out.WriteLine($"{count} deliberately nothing: {reason}");
                    }
                }

                return shown.Exists(fact => fact.status != "good") ? ExitCode.Issues : ExitCode.Done;
            },
            terminal);
    }

    private static HubConfiguration Load(VerbCall call)
    {
        try
        {
            return SourceTrial.Load(call.Settings());
        }
        catch (HubConfigurationException exception)
        {
            throw new CommandLineException(ExitCode.Usage, exception.Message);
        }
    }

    private static string PathOf(SourceConfiguration source) => source.Dialect == SourceDialect.Census ? $"/v1/sources/{source.Name}/census" : $"/v1/webhooks/{source.Name}";
}

using System.CommandLine;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.DeadLetters;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Encryption;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Intake.OptOuts;
using IntegrationHub.Hub.Retention;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using IntegrationHub.Hub.Versions;
using MassTransit;
using Microsoft.AspNetCore.Routing;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>
/// Whatever the hub, its runbooks and its guides advise can be done: every verb with its options, every setting, call, runbook and file that is named exists. What
/// comes of following the advice is tested where it is given; that each call is understood, in <see cref="When_advice_is_followed"/>.
/// </summary>
public sealed partial class When_advice_is_given
{
    private static readonly string Root = Runbook.Root();
    private static readonly IReadOnlyList<(string File, string Text)> Sources = Advice.Sources;

    [Test]
    public void Should_name_only_verbs_and_options_that_there_are()
    {
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<ConfigurationError>>([]) };
        using StringWriter output = new(), error = new();
        var commands = CommandLine.Build(verbs, new Terminal { Out = output, Error = error });
        Assert.That(Advice.Calls, Has.Count.GreaterThan(100), "the scan itself");
        var wrong = Advice.Calls.Select(advice => (advice.File, advice.Call, Problem: ProblemOf(commands, advice.Call))).Where(advice => advice.Problem is not null).Select(advice => $"{advice.File}: {advice.Call}: {advice.Problem}");
        Assert.That(wrong, Is.Empty);
    }

    [Test]
    public void Should_name_only_settings_that_there_are()
    {
        var known = Settings("Hub", typeof(HubOptions)).Concat(Settings("Hub:Delivery", typeof(DeliveryOptions))).Concat(Settings("Hub:Retention", typeof(RetentionOptions)))
            .Concat(Settings("Hub:OptOuts", typeof(OptOutOptions)))
            .Concat(Settings("Hub:DeadLetters", typeof(LetterOptions)))
            .Concat(Settings("Hub:Watch", typeof(WatchOptions)))
            .Concat(Settings("Hub:Limits", typeof(LimitOptions)))
            .Concat(Settings("Hub:Oidc", typeof(OidcOptions)))
            .Concat(Settings("Hub:Config", typeof(ConfigOptions)))
            .Concat(Settings("Hub:Encryption", typeof(EncryptionOptions)))
            .Concat(Settings("Hub:BrokerTls", typeof(BrokerTlsOptions)))
            .Concat(["Hub", "Hub:Encryption", "Hub:BrokerTls", "Hub:Limits", "Hub:Watch", "Hub:OptOuts", "Hub:DeadLetters", "Hub:Delivery", "Hub:Retention", "Hub:Destinations", "Hub:Name"]).ToHashSet(StringComparer.Ordinal);
        var named = Sources.SelectMany(source => Setting().Matches(source.Text).Select(setting => setting.Value.Replace("__", ":", StringComparison.Ordinal).TrimEnd(':')))
            .Where(setting => !setting.StartsWith("Hub:Destinations:", StringComparison.Ordinal)).Distinct();
        Assert.That(named.Except(known), Is.Empty);
    }

    [Test]
    public void Should_name_only_runbooks_and_files_that_there_are()
    {
        var runbooks = Sources.SelectMany(source => NamedRunbook().Matches(source.Text).Select(named => named.Groups[1].Value)).Distinct().ToList();
        Assert.That(runbooks, Has.Member("reason-codes").And.Member("error-queues"));
        Assert.That(runbooks.Where(name => !File.Exists(Path.Combine(Runbook.Folder, $"{name}.md"))), Is.Empty);

        var links = Sources.Where(source => source.File.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(source => Link().Matches(source.Text).Select(link => (source.File, Target: link.Groups[1].Value)))
            .Where(link => !link.Target.Contains("://", StringComparison.Ordinal));
        Assert.That(links.Where(link => !Path.Exists(Path.Combine(Root, Path.GetDirectoryName(link.File)!, link.Target))).Select(link => $"{link.File}: {link.Target}"), Is.Empty);

        var folders = Sources.SelectMany(source => ConfigurationFile().Matches(source.Text).Select(file => file.Groups[1].Value)).Distinct();
        Assert.That(folders.Where(folder => !Directory.Exists(Path.Combine(Root, "Hub", "Samples", "config", folder))), Is.Empty);
    }

    [Test]
    public async Task Should_name_only_calls_that_there_are()
    {
        var folder = Directory.CreateTempSubdirectory("hub-advice-");
        await using var hub = await HubApplication.BuildAsync(["--Hub:Urls=http://127.0.0.1:0", $"--Hub:DataPath={folder.FullName}", "--Hub:LogLevel=Error"], null, CancellationToken.None);
        var routes = ((IEndpointRouteBuilder)hub.Web).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(route => (route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? []).Select(method => $"{method} {Parameter().Replace(route.RoutePattern.RawText!, "{}")}")).ToHashSet(StringComparer.Ordinal);
        LogContext.Current = null;
        var named = Sources.SelectMany(source => ApiCall().Matches(source.Text).Select(call => Parameter().Replace(call.Value.Replace("/RUN", "/{}", StringComparison.Ordinal).Replace("/ID", "/{}", StringComparison.Ordinal), "{}"))).Distinct();
        Assert.That(named.Where(call => !routes.Contains(call)), Is.Empty);
    }

    /// <summary>What is wrong with a call; null when it could be made. A bare name of a verb stands for all its calls.</summary>
    private static string? ProblemOf(RootCommand commands, string call)
    {
        var words = Advice.Fill(call, "list.csv");
        var parsed = commands.Parse(words);
        return parsed.Errors.Count == 0 || Advice.IsBare(words, parsed) ? null : string.Join("; ", parsed.Errors.Select(problem => problem.Message));
    }

    private static IEnumerable<string> Settings(string section, Type options) => options.GetProperties().Select(property => $"{section}:{property.Name}");

    [GeneratedRegex(@"\bHub(?::|__)[A-Z][A-Za-z:_]*")]
    private static partial Regex Setting();

    [GeneratedRegex(@"\brunbook ([a-z]+(?:-[a-z]+)+)")]
    private static partial Regex NamedRunbook();

    [GeneratedRegex(@"\]\(([^)#\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"\b(destinations|audiences|mappings)/(?:\{[^}]+\}|\*|[a-z]+)\.yaml")]
    private static partial Regex ConfigurationFile();

    [GeneratedRegex(@"\b(?:GET|POST) /v1/(?:[A-Za-z/_-]|\{[^{}\s]*\})*(?:[A-Za-z]|\{[^{}\s]*\})")]
    private static partial Regex ApiCall();

    [GeneratedRegex(@"\{[^{}]*\}")]
    private static partial Regex Parameter();
}

using System.Globalization;
using System.Reflection;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Docs;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Routing;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>What every command comes with, over real HTTP: none can be added that says nothing of it.</summary>
[NonParallelizable]
public sealed partial class When_commands_are_given
{
    private const string CommandsIntroduction = """
        # Commands

        Made from the routes by a test. A command changes something by somebody's decision. Every one of them needs its scope, stands in the audit log with who gave it and why, and may carry an `Idempotency-Key`: the same principal with the
        same key, call and body gets the same answer, and it is done once. Why has to be said, and what was looked at has to be named, where it says so here; without them the answer is 400 and names the field. A run's version may come as
        `If-Match` too. The verbs of the terminal and the forms of the console send the same; a form names by itself what it has shown, and a person at a terminal is shown it and asked.
        """;

    private HubWithKeys _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    /// <summary>Commands change something by somebody's decision: each says what it comes with, and can carry it.</summary>
    [Test]
    public void Should_know_of_every_command_what_it_comes_with()
    {
        var commands = Commands().ToList();
        Assert.That(commands.Where(command => command.Terms is null).Select(command => command.Call), Is.Empty, "commands that do not say what they come with: .Takes(new CommandTerms …)");
        Assert.That(commands, Has.Count.GreaterThan(40), "the look itself");
        foreach (var (call, route, terms) in commands.Select(command => (command.Call, command.Route, command.Terms!)))
        {
            var members = route.Metadata.OfType<IAcceptsMetadata>().FirstOrDefault()?.RequestType?.GetProperties().Select(member => member.GetCustomAttribute<JsonPropertyNameAttribute>()?.Name).ToList() ?? [];
            Assert.That(terms.Why is null || members.Contains(terms.Why), Is.True, $"{call}: its body has no '{terms.Why}'");
            Assert.That(terms.Seen is null ? terms.InPlace is { Length: > 0 } : members.Contains(terms.Seen), Is.True, $"{call}: its body names in '{terms.Seen}' what was looked at, or it says why nothing has to be");
        }

        string[] others = [Scope.FactsWrite, Scope.PeopleRead, Scope.PolicyCheck];
        Assert.That(Changing().Where(route => Terms(route) is null && route.Metadata.GetMetadata<ScopeNeed>() is { } need && !others.Contains(need.Scope)), Is.Empty, "what is no command takes facts in or asks");
    }

    [Test]
    public async Task Should_do_nothing_without_why_or_without_what_was_looked_at()
    {
        var asked = 0;
        foreach (var (call, _, terms) in Commands())
        {
            if (terms!.WhyNeeded == CommandTerms.Always)
            {
                await ShouldMissAsync(call, new { }, "reason");
                asked++;
            }

            if (terms.SeenNeeded == CommandTerms.Always)
            {
                await ShouldMissAsync(call, new { reason = "it was looked at" }, terms.Seen!);
                asked++;
            }
        }

        Assert.That(asked, Is.GreaterThan(20), "the look itself");

        async Task ShouldMissAsync(string call, object body, string field)
        {
            var filled = Hole().Replace(call, hole => hole.Value.Contains(":long", StringComparison.Ordinal) ? "4711" : Guid.NewGuid().ToString());
            var (status, problem, _) = await _hub.CallAsync(HubWithKeys.Key, filled, body);
            Assert.That((status, problem.ValueKind == JsonValueKind.Object ? problem.GetProperty("field").GetString() : null), Is.EqualTo((400, field)), call);
        }
    }

    /// <summary>The route itself appends nothing.</summary>
    [Test]
    public async Task Should_tell_the_audit_log_why()
    {
        var (status, answer, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/destinations/braze/check", new { reason = " before the launch " });
        Assert.That(status, Is.EqualTo(200), answer.ToString());
        var (_, audited, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/audit?action=checkDestination");
        Assert.That(audited.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("reason").GetString()), Is.EqualTo(new[] { "before the launch" }));
    }

    [Test]
    public void Should_tell_them_in_the_reference()
    {
        var page = new StringBuilder(CommandsIntroduction).AppendLine().AppendLine().AppendLine("| Command | Call | Scope | Why | What was looked at |").AppendLine("|---|---|---|---|---|");
        foreach (var (call, route, terms) in Commands().Where(command => Terms(command.Route)?.Why is not null && !command.Call.Contains("/v1/identity/", StringComparison.Ordinal)).OrderBy(command => command.Call, StringComparer.Ordinal))
        {
            page.AppendLine(CultureInfo.InvariantCulture, $"| {route.Metadata.GetMetadata<EndpointNameMetadata>()!.EndpointName} | `{HoleType().Replace(call, "")}` | `{route.Metadata.GetMetadata<ScopeNeed>()!.Scope}` | `{terms!.Why}`, {terms.WhyNeeded ?? "if you like"} | {(terms.Seen is { } seen ? $"`{seen}`, {terms.SeenNeeded ?? "if you like"}" : $"– ({terms.InPlace})")} |");
        }

        ReferencePage.ShouldBe("commands", page.ToString());
    }

    private IEnumerable<RouteEndpoint> Changing() => _hub.Routes.Where(route => route.Metadata.GetMetadata<ConsolePage>() is null && route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Any(method => method is not ("GET" or "HEAD")) is true);

    private IEnumerable<(string Call, RouteEndpoint Route, CommandTerms? Terms)> Commands() => Changing()
        .Where(route => route.Metadata.GetMetadata<ScopeNeed>() is { } need && Scope.IsOfCommands(need.Scope))
        .Select(route => ($"{route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0]} {route.RoutePattern.RawText}", route, Terms(route)));

    private static CommandTerms? Terms(RouteEndpoint route) => route.Metadata.GetMetadata<CommandTerms>();

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Hole();

    [GeneratedRegex(":[a-z]+(?=\\})")]
    private static partial Regex HoleType();
}

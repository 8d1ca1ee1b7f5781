using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Deeds;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Storage;
using IntegrationHub.Storage.Audit;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>Whatever is done leaves an entry in the audit log: who, with what role, why, and to what. Found from the routes, so that none can be added that leaves none.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_something_is_done(StorageDatabase database)
{
    /// <summary>What changes nothing by somebody's decision, and what it leaves instead.</summary>
    private static readonly Dictionary<string, string> _others = new()
    {
        [Scope.FactsWrite] = "takes in what producers state: the log of facts names the producer, and violations and the quarantine what was refused",
        [Scope.PeopleRead] = "asks; whoever wants values needs people:reveal, and that leaves an entry",
        [Scope.PolicyCheck] = "asks",
    };

    /// <summary>Forms of the console, and what they leave.</summary>
    private static readonly Dictionary<string, string> _forms = new()
    {
        ["/do/{deed}"] = "the entry of the command that it gives to the API",
        ["/people"] = "nothing: it asks", ["/consent"] = "nothing: it asks", ["/find"] = "nothing: it asks",
        ["/people/{profile:long}"] = "person.reveal, by the API",
        ["/sign-in"] = "the session, with the key", ["/sign-out"] = "the session's end", ["/theme"] = "a cookie of the reader's own",
    };

    private HubWithKeys _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await HubWithKeys.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    /// <summary>Whatever the route itself does: here it does nothing but to say that it was done.</summary>
    [Test]
    public async Task Should_stand_in_the_audit_log_whichever_command_it_is()
    {
        var transactions = _hub.Services.GetRequiredService<OutboxTransaction>();
        var gate = new CommandGate(_ => Task.CompletedTask, transactions, TimeProvider.System, NullLogger<CommandGate>.Instance);
        var anna = new Principal("person:anna", PrincipalKind.Person, "anna") { Scopes = Role.ScopesOf("operator").Append(Scope.AuditRead).ToHashSet() };
        var commands = Changing().Where(route => Scope.IsOfCommands(route.Metadata.GetMetadata<ScopeNeed>()!.Scope)).ToList();
        var silent = new List<string>();
        foreach (var route in commands)
        {
            using var scope = _hub.Services.CreateScope();
            var call = new DefaultHttpContext { RequestServices = scope.ServiceProvider };
            (call.Request.Method, call.Request.Path) = (MethodOf(route), $"/{Guid.NewGuid():N}");
            call.Features.Set(anna);
            call.Features.Set(new SaidWhy("because of ticket 4"));
            call.SetEndpoint(route);
            await gate.InvokeAsync(call);
            var entry = await LatestAsync(transactions);
            if ((entry.Principal, entry.Role, entry.Via, entry.Subject, entry.Reason) != ("person:anna", "operator, audit:read", AuditVia.Api, call.Request.Path.ToString(), "because of ticket 4") || entry.Action != (route.Metadata.GetMetadata<EndpointNameMetadata>()?.EndpointName ?? MethodOf(route)))
            {
                silent.Add($"{MethodOf(route)} {route.RoutePattern.RawText}: {entry}");
            }
        }

        Assert.That(silent, Is.Empty);
        Assert.That(commands, Has.Count.GreaterThan(40), "the look itself");
        Assert.That(Changing().Select(route => route.Metadata.GetMetadata<ScopeNeed>()!.Scope).Where(scope => !Scope.IsOfCommands(scope)).Distinct(), Is.SubsetOf(_others.Keys), "what is no command says here what it leaves instead");
    }

    /// <summary>A form has no way around the API: pages know neither storage nor bus, as a rule of the rooms has it.</summary>
    [Test]
    public async Task Should_be_known_of_every_form_of_the_console()
    {
        var forms = _hub.Routes.Where(route => route.Metadata.GetMetadata<ConsolePage>() is not null && MethodOf(route) is not ("GET" or "HEAD")).Select(route => route.RoutePattern.RawText!).Distinct().ToList();
        Assert.That(forms.Where(form => !form.StartsWith("/do/", StringComparison.Ordinal)), Is.SubsetOf(_forms.Keys));
        Assert.That(forms.Where(form => form.StartsWith("/do/", StringComparison.Ordinal) && form != "/do/{deed}"), Is.SubsetOf(Deed.All.Select(deed => $"/do/{deed.Name}")));
        Assert.That(Deed.All.Where(deed => !Scope.IsOfCommands(deed.Scope)), Is.Empty, "what a form may do is a command");
        var (operated, _, _) = await _hub.CallAsync((await _hub.MakeAsync("person:olga", "operator")).Text, "POST /v1/destinations/braze/resume", new { reason = "mended" });
        var (_, told, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/audit?principal=person:olga");
        var entry = told.GetProperty("items")[0];
        Assert.That((operated, Text("action"), Text("role"), Text("via"), Text("subject"), Text("reason")), Is.EqualTo((200, "destination.resume", "operator", "api", "destination:braze", "mended")));
        string? Text(string member) => entry.GetProperty(member).GetString();
    }

    /// <summary>What is shown in full is a deed, whichever way it is asked for: of whoever may, with why, and written down.</summary>
    [TestCase("GET /v1/events?reveal=true&after=0", null, "facts.reveal")]
    [TestCase("GET /v1/identities/proposals?reveal=true", null, "people.reveal")]
    [TestCase("POST /v1/identities/show", "reveal", "person.reveal")]
    [TestCase("POST /v1/profiles/explain", "reveal", "person.reveal")]
    [TestCase("POST /v1/people/export", "all", "person.export")]
    public async Task Should_reveal_nothing_without_why_and_an_entry(string route, string? body, string action)
    {
        var fact = new { event_id = Guid.NewGuid(), event_type = "profile_updated", occurred_at = DateTimeOffset.UtcNow.AddMinutes(-1), producer = "shop", subject = new { external_id = "canary-21" }, payload = new { attributes = new { first_name = "Canaria" } } };
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", fact)).Status, Is.EqualTo(202));
        var petra = (await _hub.MakeAsync($"person:petra-{Guid.NewGuid():N}", "privacy")).Text;
        var (refused, problem, _) = await _hub.CallAsync(petra, route, body is null ? null : new { key = "external_id:canary-21", reveal = body == "reveal" });
        Assert.That((refused, problem.GetProperty("field").GetString()), Is.EqualTo((400, "reason")));
        var (shown, _, _) = await _hub.CallAsync(petra, body is null ? $"{route}&reason=ticket%204" : route, body is null ? null : new { key = "external_id:canary-21", reveal = body == "reveal", reason = "ticket 4" });
        Assert.That(shown, Is.EqualTo(200));
        var entry = await LatestAsync(_hub.Services.GetRequiredService<OutboxTransaction>());
        Assert.That((entry.Action, entry.Role, entry.Reason, entry.Subject.Contains("canary", StringComparison.Ordinal)), Is.EqualTo((action, "privacy", "ticket 4", false)));
    }

    private IEnumerable<RouteEndpoint> Changing() => _hub.Routes.Where(route =>
        route.Metadata.GetMetadata<ConsolePage>() is null && route.Metadata.GetMetadata<ScopeNeed>() is not null && MethodOf(route) is not ("GET" or "HEAD"));

    private static string MethodOf(RouteEndpoint route) => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0] ?? "GET";

    private static async Task<AuditEntry> LatestAsync(OutboxTransaction transactions) =>
        (await transactions.ReadAsync(db => AuditLog.ListAsync(db, new AuditFilter(), new(null, 1), CancellationToken.None))).Items[0].Entry;
}

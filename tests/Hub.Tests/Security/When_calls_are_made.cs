using System.Text.Json;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Identity;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.RateLimiting;
using Microsoft.AspNetCore.Routing;

namespace IntegrationHub.Hub.Tests.Security;

/// <summary>What every call has, whatever it is about and whoever makes it: a scope, one shape of lists, headers, bounds; a command is done once and written down.</summary>
[TestFixture(StorageDatabase.Postgres)]
[TestFixture(StorageDatabase.Sqlite)]
[NonParallelizable]
public sealed class When_calls_are_made(StorageDatabase database)
{
    private static readonly string[] _open = ["/healthz/live", "/healthz/ready", "/metrics", "/openapi/{documentName}.json", "/asyncapi/v1.json", "/asyncapi/Schemas/{file}"];

    /// <summary>What is no list though its address ends in no id, and why.</summary>
    private static readonly Dictionary<string, string> _noLists = new()
    {
        ["/v1/caller"] = "who calls",
        ["/v1/events"] = "a log: next is a position to wait at, which there always is, and nobody counts what has no end",
        ["/v1/audit/verify"] = "a verdict",
        ["/v1/profiles/{id:long}/explain"] = "one person",
        ["/v1/config"] = "the one in force, and how the hub stands to it",
        ["/v1/catalog/{event_type}/contract.odcs.yaml"] = "one contract",
        ["/v1/map"] = "one picture of everything that is configured",
        ["/v1/erasures/certificate-key"] = "a key",
        ["/v1/reconciliations/plan"] = "a plan",
        ["/v1/config/versions/{version:long}/plan"] = "a plan",
        ["/v1/destinations/{destination}/live"] = "what one destination was told, in sums",
    };

    private HubWithKeys _hub = null!;

    [OneTimeSetUp]
    public async Task Start() => _hub = await HubWithKeys.StartAsync(database);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public void Should_find_a_scope_on_every_route()
    {
        var silent = _hub.Routes
            .Where(route => route.Metadata.GetMetadata<ScopeNeed>() is null && route.Metadata.GetMetadata<ProvenBySender>() is null && route.Metadata.GetMetadata<OpenToEveryCaller>() is null && route.Metadata.GetMetadata<OpenToStrangers>() is null)
            .Select(route => route.RoutePattern.RawText!);
        Assert.That(silent.Distinct(), Is.EquivalentTo(_open), "routes that do not say what they need: .Needs(Scope.…)");
        Assert.That(_hub.Routes.Count(route => route.Metadata.GetMetadata<ScopeNeed>() is not null), Is.GreaterThan(35), "the look itself");
        var strangers = _hub.Routes.Where(route => route.Metadata.GetMetadata<OpenToStrangers>() is not null).Select(route => route.RoutePattern.RawText!);
        Assert.That(strangers.Distinct(), Is.EquivalentTo(["/assets/{file}", "/sign-in", "/sign-out", "/theme"]), "routes that tell nothing");
    }

    [Test]
    public async Task Should_tell_the_scope_of_every_call_in_the_document()
    {
        var (_, document, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /openapi/v1.json");
        var scheme = document.GetProperty("components").GetProperty("securitySchemes").GetProperty("api_key");
        Assert.That((scheme.GetProperty("type").GetString(), scheme.GetProperty("scheme").GetString()), Is.EqualTo(("http", "bearer")));

        var told = document.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(call => (
            Call: $"{call.Name.ToUpperInvariant()} {path.Name}",
            Scopes: call.Value.TryGetProperty("security", out var needs) ? string.Join(' ', needs.EnumerateArray().SelectMany(need => need.GetProperty("api_key").EnumerateArray()).Select(scope => scope.GetString()).Prepend(needs.GetArrayLength() == 0 ? "open" : "key")) : "nothing said"))).ToDictionary(call => call.Call, call => call.Scopes);
        var needed = _hub.Routes.Where(route => told.ContainsKey(CallOf(route))).ToDictionary(CallOf, route =>
            route.Metadata.GetMetadata<ScopeNeed>() is { } need ? $"key {need.Scope}" : route.Metadata.GetMetadata<ProvenBySender>() is not null ? "open" : "key");
        Assert.That(told, Is.EquivalentTo(needed));
        Assert.That(told.Values.Count(scopes => scopes.StartsWith("key ", StringComparison.Ordinal)), Is.GreaterThan(35), "the look itself");

        static string CallOf(RouteEndpoint route) =>
            $"{route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods[0]} {System.Text.RegularExpressions.Regex.Replace(route.RoutePattern.RawText!, ":[a-z]+", "")}";
    }

    [Test]
    public async Task Should_answer_every_list_in_one_shape()
    {
        var answers = _hub.Routes.Where(route => route.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods.Contains("GET") is true && route.RoutePattern.RawText!.StartsWith("/v1/", StringComparison.Ordinal))
            .Select(route => (Path: route.RoutePattern.RawText!, Type: route.Metadata.OfType<IProducesResponseTypeMetadata>().Single(answer => answer.StatusCode == 200).Type!)).ToList();
        var lists = answers.Where(answer => IsPage(answer.Type)).Select(answer => answer.Path).ToList();
        var others = answers.Where(answer => !IsPage(answer.Type)).ToList();
        Assert.That(others.Where(answer => !answer.Path.EndsWith('}')).Select(answer => answer.Path), Is.EquivalentTo(_noLists.Keys), "lists answer .ProducesPage<T>(); what is none says here why");
        Assert.That(others.Where(answer => answer.Type != typeof(string) && answer.Type.IsAssignableTo(typeof(System.Collections.IEnumerable))), Is.Empty);

        var paged = 0;
        foreach (var path in lists)
        {
            var call = $"GET {path.Replace("{destination}", "braze", StringComparison.Ordinal).Replace("{runId:guid}", $"{Guid.NewGuid()}", StringComparison.Ordinal)}";
            var (status, body, _) = await _hub.CallAsync(HubWithKeys.Key, call);
            if (status == 404 && (path.Contains("{runId:guid}", StringComparison.Ordinal) || path.StartsWith("/v1/shadows/", StringComparison.Ordinal))) // no source shadows another one here
            {
                continue;
            }

            Assert.That(status, Is.EqualTo(200), call);
            Assert.That(
                (body.GetProperty("items").ValueKind, body.GetProperty("next").ValueKind is JsonValueKind.Null or JsonValueKind.String, body.GetProperty("count").GetInt64() >= body.GetProperty("items").GetArrayLength(), body.GetProperty("count_capped").GetBoolean()),
                Is.EqualTo((JsonValueKind.Array, true, true, false)), call);
            var (asFormerly, _, _) = await _hub.CallAsync(HubWithKeys.Key, $"{call}?before=1");
            Assert.That(asFormerly, Is.EqualTo(400), $"{call}: whoever pages as of old would read the first page for ever");
            var (nowhere, problem, _) = await _hub.CallAsync(HubWithKeys.Key, $"{call}?after=no-place");
            Assert.That(nowhere == 200 || problem.GetProperty("field").GetString() == "after", call);
            paged += nowhere == 400 ? 1 : 0;
        }

        Assert.That((lists.Count >= 30, paged >= 13), Is.EqualTo((true, true)), $"the look itself: {lists.Count} lists, {paged} of them in pages");

        static bool IsPage(Type type) => type is { IsGenericType: true } && type.GetGenericTypeDefinition() == typeof(PageJson<>) || (type.BaseType is { } parent && IsPage(parent));
    }

    [Test]
    public async Task Should_describe_people_under_one_name_and_answer_under_the_former_too()
    {
        var (_, document, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /openapi/v1.json");
        string[] described = [.. document.GetProperty("paths").EnumerateObject().Select(path => path.Name).Where(path => path.StartsWith("/v1/identit", StringComparison.Ordinal))];
        string[] former = [.. _hub.Routes.Select(route => route.RoutePattern.RawText!).Where(path => path.StartsWith("/v1/identity/", StringComparison.Ordinal))];
        Assert.That(described, Is.All.StartsWith("/v1/identities/").And.Not.Empty);
        Assert.That(former.Select(path => path.Replace("/identity/", "/identities/", StringComparison.Ordinal)), Is.EquivalentTo(described));
        var (status, _, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/identity/proposals");
        Assert.That(status, Is.EqualTo(200));
    }

    /// <summary>Errors and pages too: a browser keeps nothing, frames nothing and guesses nothing, and nobody is told which program answers.</summary>
    [TestCase("GET /v1/map", HubWithKeys.Key, 200)]
    [TestCase("GET /healthz/live", "none", 200)]
    [TestCase("GET /openapi/v1.json", HubWithKeys.Key, 200)]
    [TestCase("GET /v1/runs", "none", 401)]
    [TestCase("GET /nowhere", HubWithKeys.Key, 404)]
    [TestCase("POST /v1/keys", HubWithKeys.Key, 400)]
    [TestCase("GET /sign-in", "none", 200)]
    public async Task Should_tell_browsers_to_keep_and_run_nothing(string route, string key, int expected)
    {
        var (status, _, answer) = await _hub.CallAsync(key, route, route.StartsWith("POST", StringComparison.Ordinal) ? new { } : null);
        using (answer)
        {
            Assert.That(status, Is.EqualTo(expected));
            Assert.That(answer.Headers.GetValues("X-Content-Type-Options"), Is.EqualTo(new[] { "nosniff" }));
            Assert.That(answer.Headers.CacheControl!.NoStore, Is.True);
            Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.StartWith("default-src 'none'").And.Contain("frame-ancestors 'none'"));
            Assert.That(answer.Headers.GetValues("Referrer-Policy").Single(), Is.EqualTo("no-referrer").Or.EqualTo("same-origin"));
            Assert.That(answer.Headers.Server, Is.Empty);
        }
    }

    /// <summary>Back-pressure instead of a full memory, at every way in.</summary>
    [Test]
    public void Should_bound_how_many_come_in_at_once() => Assert.That(
        _hub.Routes.Where(route => route.Metadata.GetMetadata<ScopeNeed>()?.Scope == Scope.FactsWrite && route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST"))
            .GroupBy(route => route.Metadata.GetMetadata<EnableRateLimitingAttribute>()?.PolicyName ?? "none", route => route.RoutePattern.RawText)
            .ToDictionary(group => group.Key, group => group.Count()),
        Does.Not.ContainKey("none").And.ContainKey("intake").And.ContainKey("lists"));

    /// <summary>An array cannot say more about itself later.</summary>
    [Test]
    public void Should_answer_no_bare_array() => Assert.That(
        from route in _hub.Routes
        from answer in route.Metadata.OfType<IProducesResponseTypeMetadata>()
        where answer.Type is { } type && type != typeof(string) && typeof(System.Collections.IEnumerable).IsAssignableFrom(type) && !typeof(System.Collections.IDictionary).IsAssignableFrom(type)
        select $"{route.RoutePattern.RawText}: {answer.Type}",
        Is.Empty);

    /// <summary>What no route reads piece by piece is refused before it is read.</summary>
    [Test]
    public async Task Should_take_no_more_than_twice_the_largest_call_of_facts()
    {
        var (status, body, answer) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/keys", new { principal = "person:large", note = new string('x', 33 * 1024 * 1024) }, ("Expect", "100-continue"));
        answer.Dispose();
        Assert.That(status, Is.EqualTo(413), body.ToString());
    }

    [Test]
    public async Task Should_do_a_command_once_for_its_idempotency_key()
    {
        var (_, key) = await _hub.MakeAsync("service:retry", "operator");
        var once = ("Idempotency-Key", Guid.NewGuid().ToString());
        const string Route = "POST /v1/destinations/braze/resume";
        var first = await _hub.CallAsync(key, Route, new { reason = "again" }, once);
        var second = await _hub.CallAsync(key, Route, new { reason = "again" }, once);
        Assert.That((first.Status, second.Status, second.Body.ToString()), Is.EqualTo((200, 200, first.Body.ToString())));
        Assert.That((first.Answer.Headers.Contains("Idempotency-Replayed"), second.Answer.Headers.Contains("Idempotency-Replayed")), Is.EqualTo((false, true)));
        Assert.That(await CountAsync("service:retry", "destination.resume"), Is.EqualTo(1), "done once");

        var other = await _hub.CallAsync(key, Route, new { reason = "something else" }, once);
        Assert.That((other.Status, other.Body.GetProperty("type").GetString()), Is.EqualTo((422, "urn:integrationhub:problem:idempotency-key-reused")));
        Assert.That((await _hub.CallAsync(key, "POST /v1/destinations/hubspot/resume", new { reason = "again" }, once)).Status, Is.EqualTo(422), "another route");
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, Route, new { reason = "again" }, once)).Answer.Headers.Contains("Idempotency-Replayed"), Is.False, "another principal");
        Assert.That((await _hub.CallAsync(key, Route, null, ("Idempotency-Key", new string('x', 129)))).Status, Is.EqualTo(400));
    }

    [Test]
    public async Task Should_try_again_what_was_refused_before_and_never_show_a_key_twice()
    {
        var once = ("Idempotency-Key", Guid.NewGuid().ToString());
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/destinations/nowhere/resume", null, once)).Status, Is.EqualTo(404));
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/destinations/nowhere/resume", null, once)).Status, Is.EqualTo(404), "it did nothing, so it is no repeat");

        var secret = ("Idempotency-Key", Guid.NewGuid().ToString());
        var asked = new { principal = "service:once", scopes = new[] { Scope.RunsRead } };
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/keys", asked, secret)).Status, Is.EqualTo(201));
        var again = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/keys", asked, secret);
        Assert.That((again.Status, again.Body.GetProperty("type").GetString()), Is.EqualTo((409, "urn:integrationhub:problem:answer-shown-once")));
    }

    [Test]
    public async Task Should_never_keep_an_answer_that_holds_a_person()
    {
        var masked = Enum.GetValues<IdentityVerdict>().Select(verdict => $"{verdict.ToString().ToLowerInvariant()}Identity");
        var kept = _hub.Routes.Where(route => route.Metadata.GetMetadata<ScopeNeed>() is { Scope: Scope.PrivacyWrite } && route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods.Contains("POST") && route.Metadata.GetMetadata<AnswersOnce>() is null && !route.RoutePattern.RawText!.StartsWith("/v1/identity/", StringComparison.Ordinal)); // the former name of /v1/identities
        Assert.That(kept.Select(route => route.Metadata.GetMetadata<EndpointNameMetadata>()!.EndpointName), Is.EquivalentTo(masked.Concat(["requestErasure", "retryErasure", "allowReturn"])), "routes about one person: what they answer holds no key of theirs, or .WithMetadata(new AnswersOnce())");

        var once = ("Idempotency-Key", Guid.NewGuid().ToString());
        var asked = new { key = "email:canary@example.org", reason = "asked for" };
        Assert.That((await _hub.CallAsync(HubWithKeys.Key, "POST /v1/people/export", asked, once)).Status, Is.EqualTo(200));
        var again = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/people/export", asked, once);
        Assert.That((again.Status, again.Body.GetProperty("type").GetString()), Is.EqualTo((409, "urn:integrationhub:problem:answer-shown-once")));
    }

    [Test]
    public async Task Should_write_down_every_command_also_where_its_route_does_not()
    {
        var (id, key) = await _hub.MakeAsync("service:operator", "operator");
        Assert.That((await _hub.CallAsync(key, "POST /v1/destinations/braze/check")).Status, Is.EqualTo(200));
        Assert.That(await CountAsync("service:operator", "checkDestination"), Is.EqualTo(1));
        Assert.That((await _hub.CallAsync(key, "POST /v1/dead-letters/discard", new { destination = "braze", dry_run = true })).Status, Is.EqualTo(200));
        Assert.That(await CountAsync("service:operator", "discardDeadLetters"), Is.Zero, "who asks what would be done has done nothing");
        var (_, made, _) = await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/audit?subject=key:{id}");
        Assert.That((made.GetProperty("count").GetInt32(), made.GetProperty("items")[0].GetProperty("action").GetString(), made.GetProperty("items")[0].GetProperty("principal").GetString()), Is.EqualTo((1, "keys.create", "service:api-key")));
        var (_, check, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/audit/verify");
        Assert.That(check.GetProperty("intact").GetBoolean(), Is.True);
    }

    private async Task<int> CountAsync(string principal, string action) =>
        (await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/audit?principal={principal}&action={action}")).Body.GetProperty("items").GetArrayLength();
}

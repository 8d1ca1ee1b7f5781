using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Sagas.BackfillRun;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage;
using IntegrationHub.TestServers;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Pages;

/// <summary>Every page and form of the console, found from the routes, over real HTTP.</summary>
[NonParallelizable]
public sealed partial class When_pages_are_called
{
    private HubWithKeys _hub = null!;

    private IEnumerable<(string Method, string Path, string? Scope)> All => _hub.Routes.Where(route => route.Metadata.GetMetadata<ConsolePage>() is not null).Select(route => (
        route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0],
        Regex.Replace(route.RoutePattern.RawText!, @"\{(\w+)(:\w+)?\}", part => part.Groups[2].Value switch { ":guid" => Guid.Empty.ToString(), ":long" => "1", _ => "braze" }),
        route.Metadata.GetMetadata<ScopeNeed>()?.Scope));

    [OneTimeSetUp]
    public async Task Start() => _hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite);

    [OneTimeTearDown]
    public async Task Stop() => await _hub.DisposeAsync();

    [Test]
    public async Task Should_let_no_stranger_see_any()
    {
        using var browser = Browser();
        Assert.That(All.Count(), Is.GreaterThan(40), "the look itself");
        foreach (var (method, path, scope) in All.Where(page => page.Scope is not null))
        {
            using var answer = await browser.SendAsync(new HttpRequestMessage(new HttpMethod(method), path));
            Assert.That((int)answer.StatusCode, Is.EqualTo(302), $"{method} {path}");
            Assert.That(answer.Headers.Location!.OriginalString, Does.StartWith("/sign-in"), $"{method} {path}");
        }
    }

    [Test]
    public async Task Should_let_each_role_see_its_own()
    {
        foreach (var role in Role.All)
        {
            using var browser = Browser();
            await SignInAsync(browser, (await _hub.MakeAsync($"person:{role}", role)).Text);
            foreach (var (method, path, scope) in All.Where(page => page.Scope is not null && page.Method == "GET"))
            {
                using var answer = await browser.GetAsync(path);
                var may = Role.ScopesOf(role).Contains(scope);
                Assert.That(answer.StatusCode == HttpStatusCode.Forbidden, Is.EqualTo(!may), $"{role}: {path} {(int)answer.StatusCode}");
                Assert.That((int)answer.StatusCode, Is.LessThan(500), $"{role}: {path}");
                Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("frame-ancestors 'none'").And.Not.Contain("unsafe"), path);
            }
        }
    }

    [Test]
    public async Task Should_do_nothing_for_pages_of_others()
    {
        using var browser = Browser();
        await SignInAsync(browser, (await _hub.MakeAsync("person:olaf", "operator")).Text);
        var fields = new Dictionary<string, string> { ["reason"] = "because", ["key"] = "one", ["seen"] = "{}" };
        using var forged = await browser.PostAsync("/do/resume-destination?destination=braze", new FormUrlEncodedContent(fields));
        Assert.That(forged.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "no token of this browser");

        fields["form-token"] = TokenIn(await browser.GetStringAsync("/do/resume-destination?destination=braze"));
        using var cross = new HttpRequestMessage(HttpMethod.Post, "/do/resume-destination?destination=braze") { Content = new FormUrlEncodedContent(fields) };
        cross.Headers.Add("Sec-Fetch-Site", "cross-site");
        using var refused = await browser.SendAsync(cross);
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));

        using var done = await browser.PostAsync("/do/resume-destination?destination=braze", new FormUrlEncodedContent(fields));
        Assert.That(done.Headers.Location?.OriginalString, Is.EqualTo("/destinations/braze?done=resume-destination"));
        using var again = await browser.PostAsync("/do/resume-destination?destination=braze", new FormUrlEncodedContent(fields));
        Assert.That(again.Headers.Location?.OriginalString, Is.EqualTo("/destinations/braze?done=resume-destination"), "sent twice");
        var (_, audit, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/audit?action=destination.resume");
        Assert.That(audit.GetProperty("items").EnumerateArray().Count(entry => entry.GetProperty("principal").GetString() == "person:olaf"), Is.EqualTo(1), "one effect");
        Assert.That(audit.GetProperty("items")[0].GetProperty("via").GetString(), Is.EqualTo("console"));
    }

    [Test]
    public async Task Should_lead_from_a_key_to_a_person_and_show_values_only_to_whoever_may_see_them()
    {
        var fact = new { event_id = Guid.NewGuid(), event_type = "profile_updated", schema_version = 1, occurred_at = "2026-03-01T12:00:00Z", producer = "shop", subject = new { external_id = "canary-17", email = "canary.17@example.org" }, payload = new { attributes = new { first_name = "Canaria" } } };
        var (stated, body, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", fact);
        Assert.That(stated, Is.EqualTo(202), body.ToString());
        using var viewer = Browser();
        await SignInAsync(viewer, (await _hub.MakeAsync("person:vera", "viewer")).Text);
        var fields = new Dictionary<string, string> { ["kind"] = "email", ["key"] = " Canary.17@Example.org ", ["form-token"] = TokenIn(await viewer.GetStringAsync("/people")) };
        using var found = await viewer.PostAsync("/people", new FormUrlEncodedContent(fields));
        var address = found.Headers.Location!.OriginalString;
        Assert.That(address, Does.Match("^/people/[0-9]+$"), "the hub's own number alone");
        var page = await viewer.GetStringAsync(address);
        Assert.That(page, Does.Contain("NOT SENT to braze: the person belongs to no audience").And.Contain("not_a_member").And.Not.Contain("anary.17@").And.Not.Contain("Canaria"));
        using var refused = await viewer.PostAsync(address, new FormUrlEncodedContent(fields));
        Assert.That(refused.StatusCode, Is.EqualTo(HttpStatusCode.Forbidden));

        fields["key"] = "nobody-99";
        fields["kind"] = "";
        using var nobody = await viewer.PostAsync("/people", new FormUrlEncodedContent(fields));
        Assert.That(await nobody.Content.ReadAsStringAsync(), Does.Contain("nobody_known").And.Contain("crm_id"));
        fields["form-token"] = "forged";
        using var forged = await viewer.PostAsync("/people", new FormUrlEncodedContent(fields));
        Assert.That(forged.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));

        using var privacy = Browser();
        await SignInAsync(privacy, (await _hub.MakeAsync("person:petra", "privacy")).Text);
        fields = new Dictionary<string, string> { ["form-token"] = TokenIn(await privacy.GetStringAsync(address)) };
        using var unreasoned = await privacy.PostAsync(address, new FormUrlEncodedContent(fields));
        Assert.That(unreasoned.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "says why, or sees nothing");
        fields["reason"] = "ticket 4";
        using var revealed = await privacy.PostAsync(address, new FormUrlEncodedContent(fields));
        Assert.That(await revealed.Content.ReadAsStringAsync(), Does.Contain("Canaria"));
        Assert.That(revealed.Headers.CacheControl!.NoStore, Is.True);
        Assert.That(revealed.Headers.GetValues("Refresh").Single(), Is.EqualTo($"60;url={address}"));
        var (_, audit, _) = await _hub.CallAsync(HubWithKeys.Key, "GET /v1/audit?action=person.reveal");
        Assert.That(audit.GetProperty("items").EnumerateArray().Select(entry => (entry.GetProperty("principal").GetString(), entry.GetProperty("subject").GetString(), entry.GetProperty("reason").GetString())),
            Is.EqualTo(new[] { ("person:petra", $"profile:{address.Split('/')[^1]}", "ticket 4") }));
        var (unknown, _, _) = await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/profiles{address["/people".Length..]}/explain?destination=none");
        var (future, _, _) = await _hub.CallAsync(HubWithKeys.Key, $"GET /v1/profiles{address["/people".Length..]}/explain?at=2999-01-01T00:00:00Z");
        Assert.That((unknown, future), Is.EqualTo((400, 400)));
    }

    /// <summary>What open pages of people of one role share.</summary>
    [Test]
    public async Task Should_be_told_alike_what_is_shared_between_people()
    {
        var (one, other) = ((await _hub.MakeAsync("person:alike-one", Role.All.ToArray())).Text, (await _hub.MakeAsync("person:alike-other", Role.All.ToArray())).Text);
        foreach (var path in HubApi.AlikeForAll)
        {
            string[] told = [.. await Task.WhenAll(new[] { one, other }.Select(async key => Moments().Replace((await _hub.CallAsync(key, $"GET {path}")).Body.ToString(), "")))];
            Assert.That(told[1], Is.EqualTo(told[0]), path);
            Assert.That(told[0], Does.StartWith("{\"items\":"), path);
        }
    }

    [Test]
    public async Task Should_say_until_when_the_audit_log_was_checked()
    {
        using var browser = Browser();
        await SignInAsync(browser, (await _hub.MakeAsync("person:ada", "admin")).Text);
        Assert.That(await browser.GetStringAsync("/audit"), Does.Contain("It was not checked yet").Or.Contain("hold together"));
        var (status, _, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/schedules/hub.audit/ring", new { reason = "to see it" });
        Assert.That(status, Is.EqualTo(202));
        await Poll.Until(async () => await browser.GetStringAsync("/audit") is var page && page.Contains("The whole chain was checked", StringComparison.Ordinal) && page.Contains("entries hold together; the head is", StringComparison.Ordinal), "the page to tell of the check");
    }

    /// <summary>A key goes in the body and comes back nowhere.</summary>
    [Test]
    public async Task Should_show_what_somebody_agreed_to_without_naming_them()
    {
        var decided = new[] { ("granted", -2), ("denied", -1) };
        foreach (var (status, hour) in decided)
        {
            var fact = new
            {
                event_id = Guid.NewGuid(), event_type = "consent_updated", schema_version = 1, occurred_at = DateTimeOffset.UtcNow.AddHours(hour), producer = "shop", subject = new { external_id = "canary-18", email = "canary.18@example.org" },
                payload = new { purpose = "email_marketing", status, source = "preference-center", decided_at = DateTimeOffset.UtcNow.AddHours(hour), channel = "email" },
            };
            var (stated, body, _) = await _hub.CallAsync(HubWithKeys.Key, "POST /v1/events", fact);
            Assert.That(stated, Is.EqualTo(202), body.ToString());
        }

        using var viewer = Browser();
        await SignInAsync(viewer, (await _hub.MakeAsync("person:vera-of-consent", "viewer")).Text);
        var before = await viewer.GetStringAsync("/consent");
        Assert.That(Regex.Match(before, "<tr id=\"purpose-email_marketing\">.*?</tr>", RegexOptions.Singleline).Value, Does.Contain("preference-center").And.Contain("data-label=\"Denied 24 h\" class=\"n\">").And.Contain("email"));
        var fields = new Dictionary<string, string> { ["kind"] = "external_id", ["key"] = " canary-18 ", ["form-token"] = TokenIn(before) };
        using var found = await viewer.PostAsync("/consent", new FormUrlEncodedContent(fields));
        var page = await found.Content.ReadAsStringAsync();
        Assert.That(page, Does.Contain("What counts for this person").And.Contain("email_opt_out").And.Contain("consent_denied").And.Contain("withdrawn").And.Contain("data-label=\"Channel\">email"));
        Assert.That(page, Does.Not.Contain("anary").IgnoreCase);
        Assert.That(found.Headers.CacheControl!.NoStore, Is.True);

        (fields["kind"], fields["key"]) = ("email", "nobody.99@example.org");
        using var nobody = await viewer.PostAsync("/consent", new FormUrlEncodedContent(fields));
        Assert.That(await nobody.Content.ReadAsStringAsync(), Does.Contain("Nobody is known under this key, and nothing was decided under it"));
        (fields["kind"], fields["key"]) = ("phone", "12");
        using var broken = await viewer.PostAsync("/consent", new FormUrlEncodedContent(fields));
        Assert.That(broken.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
        Assert.That(await broken.Content.ReadAsStringAsync(), Does.Contain("Write the number with its country"));
        fields["form-token"] = "forged";
        using var forged = await viewer.PostAsync("/consent", new FormUrlEncodedContent(fields));
        Assert.That(forged.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_take_no_cookie_at_the_API()
    {
        using var browser = Browser();
        await SignInAsync(browser, HubWithKeys.Key);
        Assert.That((await browser.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        Assert.That((await browser.GetAsync("/v1/runs")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized));
    }

    [Test]
    public async Task Should_be_out_with_the_key()
    {
        using var browser = Browser();
        var (id, text) = await _hub.MakeAsync("person:rita", "viewer");
        await SignInAsync(browser, text);
        Assert.That((await browser.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
        await _hub.CallAsync(HubWithKeys.Key, $"POST /v1/keys/{id}/revoke", new { });
        Assert.That((await browser.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.Found));
    }

    /// <summary>Whatever kind it is; an erasure only to whoever may see erasures.</summary>
    [Test]
    public async Task Should_show_on_the_overview_all_that_is_open()
    {
        var (open, over, erasure) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await _hub.Services.GetRequiredService<OutboxTransaction>().RunAsync(
            (db, _) =>
            {
                var now = DateTimeOffset.UtcNow;
                db.AddRange(
                    new BackfillRunState { CorrelationId = open, CurrentState = RunState.Paused, Kind = "attributes", Audience = "customers", Destination = "braze", RequestedBy = "person:anna", RequestedAt = now, LastProgressAt = now },
                    new BackfillRunState { CorrelationId = over, CurrentState = RunState.Canceled, Kind = "attributes", Audience = "customers", Destination = "braze", RequestedBy = "person:anna", RequestedAt = now, LastProgressAt = now, FinishedAt = now },
                    new ErasureState { CorrelationId = erasure, CurrentState = "Erasing", Law = "GDPR", Reason = "asked", SubjectHash = "hmac", RequestedBy = "person:paul", RequestedAt = now, Deadline = now.AddDays(30) });
                return Task.CompletedTask;
            },
            CancellationToken.None);

        var seen = new List<(bool, bool, bool)>();
        foreach (var role in new[] { "viewer", "privacy" })
        {
            using var browser = Browser();
            await SignInAsync(browser, (await _hub.MakeAsync($"person:open-{role}", role)).Text);
            var page = await browser.GetStringAsync("/");
            seen.Add((page.Contains($"id=\"open-{open}\"", StringComparison.Ordinal), page.Contains($"{over}", StringComparison.Ordinal), page.Contains($"id=\"open-{erasure}\"", StringComparison.Ordinal)));
        }

        Assert.That(seen, Is.EqualTo(new[] { (true, false, false), (true, false, true) }));
    }

    [Test]
    public async Task Should_name_what_is_not_there_with_its_list()
    {
        using var browser = Browser();
        await SignInAsync(browser, HubWithKeys.Key);
        using var answer = await browser.GetAsync($"/runs/{Guid.Empty}");
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.NotFound));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("There is no run").And.Contain("href=\"/runs\""));
    }

    /// <summary>From an address of its own, so that the others go on signing in.</summary>
    [Test]
    public async Task Should_slow_down_who_guesses_keys()
    {
        using var guesser = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            ConnectCallback = async (to, cancellationToken) =>
            {
                var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
                socket.Bind(new IPEndPoint(IPAddress.Parse("127.0.0.77"), 0));
                await socket.ConnectAsync(to.DnsEndPoint, cancellationToken);
                return new NetworkStream(socket, ownsSocket: true);
            },
        }) { BaseAddress = _hub.Address };
        var token = TokenIn(await guesser.GetStringAsync("/sign-in"));
        HttpResponseMessage answer;
        var attempts = 0;
        do
        {
            answer = await guesser.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["form-token"] = token, ["api-key"] = $"guess {attempts}" }));
        }
        while (answer.StatusCode == HttpStatusCode.Unauthorized && ++attempts < 100);
        Assert.That(answer.StatusCode, Is.EqualTo(HttpStatusCode.TooManyRequests), $"after {attempts} guesses");
        Assert.That(answer.Headers.RetryAfter?.Delta, Is.GreaterThan(TimeSpan.Zero));
        Assert.That(await answer.Content.ReadAsStringAsync(), Does.Contain("calls too often"));
    }

    private HttpClient Browser() => new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = _hub.Address };

    private static async Task SignInAsync(HttpClient browser, string key)
    {
        using var answer = await browser.PostAsync("/sign-in?to=/runs", new FormUrlEncodedContent(new Dictionary<string, string> { ["form-token"] = TokenIn(await browser.GetStringAsync("/sign-in")), ["api-key"] = key }));
        Assert.That(answer.Headers.Location?.OriginalString, Is.EqualTo("/runs"));
    }

    private static string TokenIn(string page) => Token().Match(page).Groups[1].Value;

    /// <summary>What goes on between two calls.</summary>
    [GeneratedRegex("\"(seen_at|resets_at|freshness)\":[^,}]+")]
    private static partial Regex Moments();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}

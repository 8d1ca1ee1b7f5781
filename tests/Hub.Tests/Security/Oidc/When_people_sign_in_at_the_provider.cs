using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Messaging;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Security.Oidc;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using static IntegrationHub.Hub.Tests.Security.Oidc.HubWithProvider;

namespace IntegrationHub.Hub.Tests.Security.Oidc;

/// <summary>The authorization code flow at the console, against a real provider, as a browser goes through it.</summary>
[NonParallelizable]
public sealed partial class When_people_sign_in_at_the_provider
{
    private const string Session = "hub-session";
    private static readonly Member _anna = new("anna", "Anna Ampel", "hub-operators");

    [Test]
    public async Task Should_come_to_the_page_that_was_asked_for_and_out_again()
    {
        var jar = new CookieContainer();
        using var browser = Browser(jar);
        Provider.Present = _anna;
        using var asked = await browser.GetAsync("/runs?state=failed");
        var signIn = await browser.GetStringAsync(asked.Headers.Location);
        var begin = WebUtility.HtmlDecode(Begin().Match(signIn).Groups[1].Value);
        Assert.That(signIn, Does.Contain("Sign in with Work").And.Contain("name=\"api-key\""));

        var (visited, answer) = await FollowAsync(browser, begin);
        Assert.That(visited.Select(address => address.AbsolutePath), Is.EqualTo(["/sign-in/provider", "/authorize", "/sign-in/callback", "/runs"]));
        Assert.That(visited[1].Query, Does.Contain("response_type=code").And.Contain("code_challenge_method=S256").And.Contain("nonce=").And.Contain("state="));
        Assert.That((visited[^1].Query, answer.StatusCode), Is.EqualTo(("?state=failed", HttpStatusCode.OK)));
        var page = await answer.Content.ReadAsStringAsync();
        Assert.That(page, Does.Contain("Anna Ampel"));
        Assert.That((await browser.GetAsync("/v1/runs")).StatusCode, Is.EqualTo(HttpStatusCode.Unauthorized), "the API takes no cookie");
        Assert.That((await browser.GetAsync("/audit")).StatusCode, Is.EqualTo(HttpStatusCode.Forbidden), "an operator");

        var kept = await KeptAsync();
        Assert.That(kept, Does.Contain("person:anna").And.Contain("hub-operators"));
        var (code, token) = (Code().Match(visited[2].Query).Groups[1].Value, "eyJ");
        Assert.That(kept, Does.Not.Contain(token).And.Not.Contain(code));
        Assert.That(Lines, Has.Some.Contains("person:anna has signed in").And.None.Contains(token).And.None.Contains(code).And.None.Contains(IdentityProvider.Secret));
        Assert.That(string.Concat(visited), Does.Not.Contain(IdentityProvider.Secret).And.Not.Contain($"={token}"));

        var (cookies, before) = (jar.GetCookieHeader(TheHub.Address), Provider.SignOuts);
        using var left = await browser.PostAsync("/sign-out", new FormUrlEncodedContent(new Dictionary<string, string> { ["form-token"] = FormTokenIn(page) }));
        var farewell = await browser.GetStringAsync(left.Headers.Location);
        var (_, end) = await FollowAsync(browser, WebUtility.HtmlDecode(Onward().Match(farewell).Groups[1].Value));
        Assert.That((Provider.SignOuts, await end.Content.ReadAsStringAsync()), Is.EqualTo((before + 1, await browser.GetStringAsync("/signed-out"))), "out at the provider, and back");
        Assert.That((await browser.GetAsync("/runs")).Headers.Location?.OriginalString, Does.StartWith("/sign-in"));
        using var thief = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false }) { BaseAddress = TheHub.Address };
        Assert.That(cookies, Does.Contain(Session));
        thief.DefaultRequestHeaders.Add("Cookie", cookies);
        Assert.That((await thief.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.Found), "what the browser had kept opens nothing any more");
    }

    [TestCase("//evil.example/runs")]
    [TestCase("https://evil.example/runs")]
    [TestCase("/\\evil.example")]
    [TestCase("/\t/evil.example")]
    public async Task Should_lead_to_no_other_site(string to)
    {
        using var browser = Browser();
        Provider.Present = _anna;
        var (visited, _) = await FollowAsync(browser, $"/sign-in/provider?to={Uri.EscapeDataString(to)}");
        Assert.That(visited[^1], Is.EqualTo(new Uri(TheHub.Address, "/")));
    }

    [Test]
    public async Task Should_end_only_where_it_was_begun_and_once()
    {
        using var browser = Browser();
        using var other = Browser();
        Provider.Present = _anna;
        var (visited, _) = await FollowAsync(browser, "/sign-in/provider?to=/runs", "/sign-in/callback");
        var callback = visited[^1];
        await ShouldEndAsync(other, callback, HttpStatusCode.BadRequest, "Nobody was signed in");
        await ShouldEndAsync(browser, new Uri(State().Replace(callback.ToString(), "state=forged")), HttpStatusCode.BadRequest, "Nobody was signed in");
        await ShouldEndAsync(browser, new Uri(Code().Replace(callback.ToString(), "code=forged")), HttpStatusCode.BadRequest, "Nobody was signed in");
        using var late = await browser.GetAsync(callback);
        Assert.That(late.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest), "the try before has used it up");

        (visited, _) = await FollowAsync(browser, "/sign-in/provider?to=/runs", "/sign-in/callback");
        using var good = await browser.GetAsync(visited[^1]);
        Assert.That(good.Headers.Location?.OriginalString, Is.EqualTo("/runs"));
        using var again = await browser.GetAsync(visited[^1]);
        Assert.That(again.StatusCode, Is.EqualTo(HttpStatusCode.BadRequest));
    }

    [Test]
    public async Task Should_say_why_somebody_is_not_let_in()
    {
        using var browser = Browser();
        Provider.Present = new Member("rita", "Rita", "football");
        await ShouldEndAsync(browser, "/sign-in/provider", HttpStatusCode.Forbidden, "person:rita", "'groups'");
        Provider.Denies = true;
        try
        {
            await ShouldEndAsync(browser, "/sign-in/provider", HttpStatusCode.Forbidden, "let nobody in");
        }
        finally
        {
            Provider.Denies = false;
        }

        using var answer = await browser.GetAsync("/sign-in/callback");
        Assert.That((int)answer.StatusCode, Is.EqualTo(400).Or.EqualTo(302), "no answer of the provider");
        Assert.That((await browser.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.Found));
    }

    [Test]
    public async Task Should_leave_keys_working_while_the_provider_does_not_answer()
    {
        using var browser = Browser();
        Provider.Present = _anna;
        var (visited, _) = await FollowAsync(browser, "/sign-in/provider?to=/runs", "/sign-in/callback");
        Provider.IsDown = true;
        try
        {
            await ShouldEndAsync(browser, visited[^1], HttpStatusCode.ServiceUnavailable, "does not answer", "key of the hub");
            Forget();
            await ShouldEndAsync(browser, "/sign-in/provider", HttpStatusCode.ServiceUnavailable, "does not answer", "key of the hub", "name=\"api-key\"");
            var page = await browser.GetStringAsync("/sign-in?to=/runs");
            using var answer = await browser.PostAsync("/sign-in?to=/runs", new FormUrlEncodedContent(new Dictionary<string, string> { ["form-token"] = FormTokenIn(page), ["api-key"] = HubWithKeys.Key }));
            Assert.That(answer.Headers.Location?.OriginalString, Is.EqualTo("/runs"));
            Assert.That((await browser.GetAsync("/runs")).StatusCode, Is.EqualTo(HttpStatusCode.OK));
            Assert.That(await browser.GetStringAsync("/signed-out?at=provider"), Does.Contain("You are signed out").And.Not.Contain("http-equiv"));
        }
        finally
        {
            Provider.IsDown = false;
            Forget(); // what failed is not asked again at once
        }
    }

    [Test]
    public async Task Should_ask_the_provider_again_in_time_and_go_by_the_settings_of_now()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        OidcOptions said = new() { Authority = "https://login.example.org", ClientId = "hub", Operators = "ops", Viewers = "staff" };
        var http = new DefaultHttpContext { RequestServices = TheHub.Services };
        await Sessions(said).BeginAsync(http, new ProvenCaller("person:anna", PrincipalKind.Person, "Anna", ["ops"]));
        http.Request.Headers.Cookie = http.Response.Headers.SetCookie.ToString().Split(';')[0];

        Assert.That((await Sessions(said).FindAsync(http))!.Scopes, Is.EquivalentTo(Role.ScopesOf("operator")));
        Assert.That((await Sessions(new() { Authority = said.Authority, ClientId = "hub", Viewers = "ops" }).FindAsync(http))!.Scopes, Is.EquivalentTo(Role.ScopesOf("viewer")), "the group has another role now");
        Assert.That((await Sessions(new() { Authority = said.Authority, ClientId = "hub", Viewers = "staff" }).FindAsync(http))!.Scopes, Is.Empty, "it has none any more");
        Assert.That(await Sessions(new() { Authority = "https://other.example.org", ClientId = "hub", Operators = "ops" }).FindAsync(http), Is.Null, "another provider");
        Assert.That(await Sessions(new()).FindAsync(http), Is.Null, "no provider any more");
        for (var half = 0; half < 15; half++)
        {
            time.Advance(TimeSpan.FromMinutes(30));
            Assert.That(await Sessions(said).FindAsync(http), Is.Not.Null, "somebody works all day");
        }

        time.Advance(TimeSpan.FromMinutes(30));
        Assert.That(await Sessions(said).FindAsync(http), Is.Null, "eight hours after the provider said so");

        BrowserSessions Sessions(OidcOptions options)
        {
            var services = TheHub.Services;
            return new BrowserSessions(services.GetRequiredService<ApiKey>(), services.GetRequiredService<KeyRing>(), options, new ProviderRoles(options), services.GetRequiredService<OutboxTransaction>(), time);
        }
    }

    /// <summary>At once: the session that is open, the next sign-in, a token; and all of it back as soon as somebody says so.</summary>
    [Test]
    public async Task Should_let_nobody_in_who_was_disabled()
    {
        using var browser = Browser();
        Provider.Present = new Member("dora", "Dora", "hub-operators");
        await FollowAsync(browser, "/sign-in/provider?to=/runs");
        var token = await Provider.TokenAsync(Provider.Present);
        Assert.That(((await browser.GetAsync("/runs")).StatusCode, (await TheHub.CallAsync(token, "GET /v1/runs")).Status), Is.EqualTo((HttpStatusCode.OK, 200)));

        var (status, word, _) = await TheHub.CallAsync(HubWithKeys.Key, "POST /v1/principals/disable", new { principal = "person:dora", reason = "left the company" });
        Assert.That((status, word.GetProperty("disabled_at").ValueKind), Is.EqualTo((200, JsonValueKind.String)), "nobody of that name has a key");
        Assert.That((await browser.GetAsync("/runs")).Headers.Location?.OriginalString, Does.StartWith("/sign-in"));
        await ShouldEndAsync(browser, "/sign-in/provider?to=/runs", HttpStatusCode.Forbidden, "person:dora was disabled at this hub");
        var (refused, problem, _) = await TheHub.CallAsync(token, "GET /v1/runs");
        Assert.That((refused, problem.GetProperty("type").GetString()), Is.EqualTo((403, "urn:integrationhub:problem:principal-disabled")));
        Assert.That((await TheHub.CallAsync(await Provider.TokenAsync(_anna), "GET /v1/runs")).Status, Is.EqualTo(200), "others");

        await TheHub.CallAsync(HubWithKeys.Key, "POST /v1/principals/enable", new { principal = "person:dora" });
        Assert.That(((await browser.GetAsync("/runs")).StatusCode, (await TheHub.CallAsync(token, "GET /v1/runs")).Status), Is.EqualTo((HttpStatusCode.OK, 200)));
        var (_, audit, _) = await TheHub.CallAsync(HubWithKeys.Key, "GET /v1/audit?subject=person:dora");
        Assert.That(audit.GetProperty("items").EnumerateArray().Select(entry => entry.GetProperty("action").GetString()), Is.EqualTo(new[] { "principal.enable", "principal.disable" }));
    }

    [Test]
    public async Task Should_let_no_program_in_that_was_disabled()
    {
        var token = await Provider.ProgramTokenAsync("staff");
        await TheHub.CallAsync(HubWithKeys.Key, "POST /v1/principals/disable", new { principal = "service:nightly-load" });
        Assert.That((await TheHub.CallAsync(token, "GET /v1/runs")).Status, Is.EqualTo(403));
        await TheHub.CallAsync(HubWithKeys.Key, "POST /v1/principals/enable", new { principal = "service:nightly-load" });
        Assert.That((await TheHub.CallAsync(token, "GET /v1/runs")).Status, Is.EqualTo(200));
    }

    private static async Task ShouldEndAsync(HttpClient browser, object from, HttpStatusCode status, params string[] words)
    {
        var (visited, answer) = await FollowAsync(browser, from.ToString()!);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.That((visited[^1].AbsolutePath is "/sign-in/callback" or "/sign-in/provider", answer.StatusCode), Is.EqualTo((true, status)), page);
        Assert.That(words.Where(word => !WebUtility.HtmlDecode(page).Contains(word, StringComparison.Ordinal)), Is.Empty);
        Assert.That(answer.Headers.GetValues("Content-Security-Policy").Single(), Does.Contain("frame-ancestors 'none'"));
        Assert.That(answer.Headers.TryGetValues("Set-Cookie", out var cookies) && cookies.Any(cookie => cookie.StartsWith(Session, StringComparison.Ordinal)), Is.False, "no session");
    }

    /// <summary>Goes where answers send it.</summary>
    /// <param name="browser">The browser.</param>
    /// <param name="from">Where it begins.</param>
    /// <param name="until">Path at which it stops without asking; null for none.</param>
    private static async Task<(List<Uri> Visited, HttpResponseMessage Answer)> FollowAsync(HttpClient browser, string from, string? until = null)
    {
        List<Uri> visited = [new(TheHub.Address, from)];
        while (true)
        {
            var answer = await browser.GetAsync(visited[^1]);
            if (answer.Headers.Location is not { } next)
            {
                return (visited, answer);
            }

            visited.Add(new Uri(visited[^1], next));
            Assert.That(visited, Has.Count.LessThan(10), "a circle");
            Assert.That(visited[^1].Host, Is.EqualTo(TheHub.Address.Host), "another site");
            if (visited[^1].AbsolutePath == until)
            {
                return (visited, answer);
            }
        }
    }

    /// <summary>All that the database keeps of sessions, as text.</summary>
    private static Task<string> KeptAsync() => TheHub.Services.GetRequiredService<OutboxTransaction>().ReadAsync(async db =>
    {
        await using var session = await DbSession.OpenAsync(db, CancellationToken.None);
        return string.Join('\n', await session.ReadAsync(
            "SELECT * FROM console_sessions",
            row => string.Join('|', Enumerable.Range(0, row.FieldCount).Select(column => row.GetValue(column) is byte[] bytes ? Convert.ToBase64String(bytes) : row.GetValue(column).ToString())),
            CancellationToken.None));
    });

    private static string FormTokenIn(string page) => FormToken().Match(page).Groups[1].Value;

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex FormToken();

    [GeneratedRegex("href=\"(/sign-in/provider[^\"]*)\"")]
    private static partial Regex Begin();

    [GeneratedRegex("http-equiv=\"refresh\" content=\"0;url=([^\"]+)\"")]
    private static partial Regex Onward();

    [GeneratedRegex("code=([^&]+)")]
    private static partial Regex Code();

    [GeneratedRegex("state=[^&]+")]
    private static partial Regex State();
}

using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;
using Hub.Tests.Cli;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Alerts;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Console.Layout;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.Hub.Paging;
using IntegrationHub.Hub.Runs;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Shadows;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Pages;

/// <summary>Pages of the console while the API answers what a test says: nothing but errors, or lists without an item, and no page is green that nobody told anything; or why something stands still, and all say the same.</summary>
public sealed partial class When_pages_are_drawn_of_what_they_are_told
{
    private const string Empty = """{"items":[],"next":null,"count":0,"count_capped":false,"span_seconds":60}""";

    private HubWithKeys _hub = null!;
    private HttpClient _browser = null!;
    private Func<string, (int Status, string Body)> _answer = _ => (200, Empty);

    /// <summary>Pages with a thing of theirs in the address are left out where lists are looked at: of a thing that is there the API answers something.</summary>
    private IEnumerable<(string Path, bool IsList)> Pages => _hub.Routes
        .Where(route => route.Metadata.GetMetadata<ConsolePage>() is not null && route.Metadata.GetMetadata<HttpMethodMetadata>()!.HttpMethods[0] == "GET" && route.Metadata.GetMetadata<ScopeNeed>() is not null && !route.RoutePattern.RawText!.StartsWith("/do/", StringComparison.Ordinal) && route.RoutePattern.RawText != "/find")
        .Select(route => (Parameter().Replace(route.RoutePattern.RawText!, part => part.Groups[1].Value switch { ":guid" => Guid.NewGuid().ToString(), ":long" => "1", _ => "braze" }), !route.RoutePattern.RawText!.Contains('{')));

    [OneTimeSetUp]
    public async Task Start()
    {
        _hub = await HubWithKeys.StartAsync(StorageDatabase.Sqlite);
        _hub.Services.GetRequiredService<HubApi>().Pipeline = async call =>
        {
            var (status, body) = _answer(call.Request.Path);
            call.Response.StatusCode = status;
            await call.Response.WriteAsync(body);
        };
        _browser = new HttpClient(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() }) { BaseAddress = _hub.Address };
        var form = Token().Match(await _browser.GetStringAsync("/sign-in")).Groups[1].Value;
        using var signedIn = await _browser.PostAsync("/sign-in", new FormUrlEncodedContent(new Dictionary<string, string> { ["form-token"] = form, ["api-key"] = HubWithKeys.Key }));
        Assert.That(signedIn.StatusCode, Is.EqualTo(HttpStatusCode.Found));
    }

    [OneTimeTearDown]
    public async Task Stop()
    {
        _browser.Dispose();
        await _hub.DisposeAsync();
    }

    [Test]
    public async Task Should_say_what_could_not_be_read_and_be_green_nowhere()
    {
        _answer = _ => (500, """{"detail":"It could not be read: canary trouble."}""");
        var wrong = new List<string>();
        foreach (var (path, _) in Pages)
        {
            using var answer = await _browser.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync();
            var asks = path != "/people"; // it has a form alone
            if (!text.Contains("<h1", StringComparison.Ordinal) || !text.Contains("class=\"rail\"", StringComparison.Ordinal))
            {
                wrong.Add($"{path}: no frame, {(int)answer.StatusCode}");
            }

            if (asks && Words(Body(text)).Split("canary trouble").Length < 2)
            {
                wrong.Add($"{path}: does not say what could not be read");
            }

            if (!Words(text).Contains("No data: It could not be read: canary trouble.", StringComparison.Ordinal))
            {
                wrong.Add($"{path}: the verdict knows more than anybody told it");
            }

            wrong.AddRange(Green().Matches(text).Select(found => $"{path}: green: {found.Value}"));
            wrong.AddRange(Bare(text).Select(bare => $"{path}: {bare}"));
        }

        Assert.That(wrong, Is.Empty);
        Assert.That(Pages.Count(), Is.GreaterThan(25), "the look itself");
    }

    [Test]
    public async Task Should_say_of_every_list_why_there_is_nothing_in_it()
    {
        _answer = _ => (200, Empty);
        var wrong = new List<string>();
        foreach (var (path, _) in Pages.Where(page => page.IsList && page.Path != "/map")) // a map is no list
        {
            using var answer = await _browser.GetAsync(path);
            var text = await answer.Content.ReadAsStringAsync();
            if (path != "/dead-letters/group" && answer.StatusCode != HttpStatusCode.OK)
            {
                wrong.Add($"{path}: {(int)answer.StatusCode}");
            }

            wrong.AddRange(Bare(text).Select(bare => $"{path}: {bare}"));
        }

        Assert.That(wrong, Is.Empty);
    }

    /// <summary>Numbers of two sources lead to their rows, whatever their names are; what is not counted yet is not said to be nothing.</summary>
    [Test]
    public async Task Should_say_where_two_sources_differ()
    {
        var compared = new ShadowStandJson
        {
            Source = "b", Of = "a<b>", ComparedAt = DateTimeOffset.UtcNow.AddMinutes(-3), TookSeconds = 12, ComparingSince = DateTimeOffset.UtcNow, Counted = 1, ToCount = 3,
            Comparison = new ShadowComparisonJson { Source = "b", Of = "a<b>", People = 1_200, Unknown = 7, Attributes = [new ShadowCountJson("say \"hi\" & more", 4, 3, 2, 1_191)], Audiences = [new ShadowCountJson("vip", 5, 0, 0, 9)] },
        };
        _answer = path => (200, path == "/v1/shadows" ? JsonSerializer.Serialize(PageJson.Whole([compared, new ShadowStandJson { Source = "c", Of = "d" }])) : Empty);

        var page = await _browser.GetStringAsync("/shadows");
        Assert.Multiple(() =>
        {
            Assert.That(Words(page), Does.Contain("3 min ago").And.Contain("took 12 s").And.Contain("comparing: 1 of 3 counted").And.Contain("1,200 people, 7 of them nobody that the hub knows"));
            Assert.That(Words(page), Does.Contain("href=\"/shadows/b/people?attribute=say%20%22hi%22%20%26%20more&state=different\">2</a>").And.Contain("href=\"/shadows/b/people?audience=vip&state=only_counting\">5</a>"));
            Assert.That(Words(page), Does.Not.Contain("audience=vip&state=different"), "nobody to show");
            Assert.That(Words(page), Does.Contain("5 values would become those of b, 0 memberships would begin, and at most 5 would end"));
            Assert.That(page, Does.Not.Contain("a<b>"), "markup stays text");
            Assert.That(Words(page), Does.Contain("aria-label=\"1,191 the same, 2 different, 4 only a<b>, 3 only b\""));
            Assert.That(Words(page).Split("The numbers come by themselves"), Has.Length.EqualTo(2), "of the other one");
        });
        Assert.That(Words(await _browser.GetStringAsync("/shadows/b/people?attribute=o%27clock")), Does.Contain("compare b --attribute 'o'\\''clock' --state different"));
    }

    /// <summary>One sentence per cause, whoever tells it: the overview, the run's page, the API, the terminal and whoever is woken.</summary>
    [TestCaseSource(nameof(Codes))]
    public async Task Should_say_of_a_standstill_what_everybody_says(string code)
    {
        var run = Guid.Parse(Session.Run);
        var verdict = new Verdict(code, $"What {code} says: it waits & <b>waits</b>, look at 'status'.")
        {
            Kind = "run", Subject = $"{run}", Destination = "braze", Lane = "bulk", Since = _noon.AddHours(-5), Until = DateTimeOffset.UtcNow.AddHours(1), Evidence = ["31 failures in a row"], Records = 7,
        };
        var shown = new RunJson
        {
            RunId = run, Kind = "audience_sync", State = RunState.Delivering, Audience = "customers", Destination = "braze", Mode = "full", RequestedAt = _noon.AddHours(-6), Counts = new CountsJson(7, 0, 0, 0, 0, 0, 7), Reasons = [],
            Verification = new VerificationJson(null, null, null, null), WaitingFor = verdict.Sentence, WaitingCode = code, Waiting = WaitingJson.From(verdict), Stalled = new StalledJson(_noon.AddHours(-5), code, "what the row remembers"),
        };
        var diagnosis = JsonSerializer.Serialize(PageJson.Whole([DiagnosisJson.From(verdict, _noon)]));
        _answer = path => (200, path == "/v1/diagnoses" ? diagnosis : string.Equals(path, $"/v1/runs/{run}", StringComparison.OrdinalIgnoreCase) ? JsonSerializer.Serialize(shown) : Empty);

        Assert.That(Words(await _browser.GetStringAsync("/")), Does.Contain(verdict.Sentence), "overview");
        var page = await _browser.GetStringAsync($"/runs/{run.ToString().ToUpperInvariant()}");
        Assert.That(Words(page), Does.Contain(verdict.Sentence).And.Contain("31 failures in a row").And.Contain(verdict.Runbook), "page of the run");
        Assert.That(page, Does.Not.Contain("<b>waits"), "markup stays text");
        Assert.That(Regex.IsMatch(page, "until <time"), Is.EqualTo(!AlertRules.IsAlarm(verdict, _noon)), "until when it goes on by itself");
        var terminal = new Session();
        terminal.Hub.Answer($"GET /v1/runs/{run}", JsonSerializer.Serialize(shown));
        await terminal.CallAsync("sync", "show", $"{run}");
        Assert.That(Run(terminal.Out), Does.Contain(Run(verdict.Sentence)), terminal.Out + terminal.Error);
        Assert.That(AlertRules.Of([verdict], _noon).Select(alert => alert.Sentence), Is.All.EqualTo(verdict.Sentence), "whoever is woken");

        static string Run(string text) => Space().Replace(text, "");
    }

    /// <summary>Where the Overview leads from what stands still, the same sentence stands, whatever it is about.</summary>
    [TestCase("erasure")]
    [TestCase("letter_action")]
    [TestCase("approval")]
    [TestCase("schedule")]
    [TestCase("hub")]
    [TestCase("route")]
    [TestCase("job")]
    public async Task Should_repeat_the_sentence_on_the_page_that_the_overview_leads_to(string kind)
    {
        var subject = kind switch { "letter_action" => "17", "schedule" or "hub" or "route" or "job" => "nightly", _ => $"{Guid.NewGuid()}" };
        var verdict = new Verdict(DiagnosisCode.Unknown, $"What of {kind} stands still & why.") { Kind = kind, Subject = subject, Since = _noon.AddHours(-5), Evidence = ["31 failures in a row"] };
        var diagnosis = DiagnosisJson.From(verdict, _noon);
        _answer = path => path == "/v1/diagnoses" ? (200, JsonSerializer.Serialize(PageJson.Whole([diagnosis]))) : (path == "/v1/dead-letters/actions/17" ? 404 : 200, Empty);
        Assert.That(Words(await _browser.GetStringAsync("/")), Does.Contain($"href=\"{Links.Of(diagnosis)}\""));
        using var page = await _browser.GetAsync(Links.Of(diagnosis));
        Assert.That(Words(await page.Content.ReadAsStringAsync()), Does.Contain(verdict.Sentence).And.Contain("31 failures in a row"));
    }

    [TestCase(0, "✓ balances", "without an account")]
    [TestCase(3, "class=\"bad\">✕ 3 are without an account", "balances")]
    [TestCase(-2, "class=\"bad\">✕ 2 are without an account", "balances")]
    public async Task Should_be_red_where_a_ledger_does_not_balance(long lost, string says, string saysNot)
    {
        var run = Guid.NewGuid();
        var shown = new RunJson
        {
            RunId = run, Kind = "audience_sync", State = RunState.Delivering, Audience = "customers", Destination = "braze", Mode = "full", RequestedAt = _noon, Counts = new CountsJson(10 + lost, 4, 1, 1, 1, 1, 2), Reasons = [],
            Verification = new VerificationJson(null, null, null, null),
        };
        _answer = path => (200, path == $"/v1/runs/{run}" ? JsonSerializer.Serialize(shown) : Empty);
        Assert.That(Words(await _browser.GetStringAsync($"/runs/{run}")), Does.Contain(says).And.Not.Contain(saysNot));
    }

    private static readonly DateTimeOffset _noon = new(2026, 11, 28, 12, 0, 0, TimeSpan.Zero);

    private static IEnumerable<string> Codes => DiagnosisCode.Runbooks.Keys.Order(StringComparer.Ordinal);

    [GeneratedRegex(@"[\s│]+")]
    private static partial Regex Space();

    /// <summary>A table without a row and a list without an item say nothing: neither that there is nothing, nor why.</summary>
    private static IEnumerable<string> Bare(string page) => BareList().Matches(Body(page)).Select(bare => bare.Value);

    private static string Body(string page) => page[page.IndexOf("<main", StringComparison.Ordinal)..page.IndexOf("</main>", StringComparison.Ordinal)];

    private static string Words(string page) => WebUtility.HtmlDecode(page);

    [GeneratedRegex(@"\{\w+(:\w+)?\}")]
    private static partial Regex Parameter();

    [GeneratedRegex("name=\"form-token\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("class=\"[^\"]*\\bgood\\b[^\"]*\"[^>]*>")]
    private static partial Regex Green();

    [GeneratedRegex("<(tbody|ul|ol)\\b[^>]*>\\s*(<!--[^>]*-->\\s*)*</\\1>")]
    private static partial Regex BareList();
}

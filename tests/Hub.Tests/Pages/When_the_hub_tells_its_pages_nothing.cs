using System.Net;
using System.Text.RegularExpressions;
using IntegrationHub.Hub.Console.Access;
using IntegrationHub.Hub.Console.Api;
using IntegrationHub.Hub.Security;
using IntegrationHub.Hub.Tests.Security;
using IntegrationHub.Storage;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace IntegrationHub.Hub.Tests.Pages;

/// <summary>Every page of the console, found from the routes, while the API answers nothing but errors, or lists without an item: it says so, and nothing is green that nobody knows of.</summary>
public sealed partial class When_the_hub_tells_its_pages_nothing
{
    private const string Empty = """{"items":[],"next":null,"count":0,"count_capped":false,"span_seconds":60}""";

    private HubWithKeys _hub = null!;
    private HttpClient _browser = null!;
    private (int Status, string Body) _answer;

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
            call.Response.StatusCode = _answer.Status;
            await call.Response.WriteAsync(_answer.Body);
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
        _answer = (500, """{"detail":"It could not be read: canary trouble."}""");
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

            if (asks && Words(Main(text)).Split("canary trouble").Length < 2)
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
        _answer = (200, Empty);
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

    /// <summary>A table without a row and a list without an item say nothing: neither that there is nothing, nor why.</summary>
    private static IEnumerable<string> Bare(string page) => BareList().Matches(Main(page)).Select(bare => bare.Value);

    private static string Main(string page) => page[page.IndexOf("<main", StringComparison.Ordinal)..page.IndexOf("</main>", StringComparison.Ordinal)];

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

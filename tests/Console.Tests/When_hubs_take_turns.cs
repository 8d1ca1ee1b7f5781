using System.Text.RegularExpressions;
using IntegrationHub.TestServers;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>Two hubs, and each call goes to the other one: all journeys are made so. Here what is asked of both at once, a hub of another version, and one that dies.</summary>
[NonParallelizable]
public sealed partial class When_hubs_take_turns
{
    [Test]
    public async Task Should_be_drawn_and_signed_in_by_both()
    {
        var page = await Scene.OpenAsync("viewer");
        var names = new HashSet<string>();
        for (var look = 0; look < 4; look++)
        {
            await page.GotoAsync("/runs");
            await Assertions.Expect(page.Locator("h1")).ToHaveTextAsync("Runs");
            names.Add(await page.Locator(".foot span").Nth(1).InnerTextAsync());
        }

        Assert.That(names, Has.Count.EqualTo(2));
        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_do_once_what_both_are_asked()
    {
        var page = await Scene.OpenAsync("operator");
        var request = page.Context.APIRequest;
        var address = "/do/resume-destination?destination=hubspot";
        var shown = await (await request.GetAsync(address)).TextAsync();
        for (var turn = 0; turn < 2; turn++)
        {
            var form = request.CreateFormData().Set("form-token", Field("form-token", shown)).Set("key", Field("key", shown)).Set("seen", "{}").Set("reason", "asked of both");
            var answer = await request.PostAsync(address, new() { Form = form, Headers = new Dictionary<string, string> { ["Origin"] = Scene.Address.GetLeftPart(UriPartial.Authority) }, MaxRedirects = 0 });
            Assert.That(answer.Headers.GetValueOrDefault("location"), Is.EqualTo("/destinations/hubspot?done=resume-destination"), $"turn {turn}");
        }

        Assert.That(await CountAsync("asked of both"), Is.EqualTo(1));
        await page.Context.CloseAsync();
    }

    /// <summary>While an upgrade rolls, an old hub and a new one answer a page in turn.</summary>
    [Test]
    public async Task Should_offer_to_reload_when_another_version_answers()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/hubs");
        await page.RouteAsync("**/hubs", async route =>
        {
            var answer = await route.FetchAsync();
            var text = await answer.TextAsync();
            await route.FulfillAsync(new() { Response = answer, Body = Version().Replace(text, "data-version=\"another\"").Replace("<th", "<th data-of-another", StringComparison.Ordinal) });
        });
        var stale = page.Locator("#stale");
        await LookAsync(page);
        await Assertions.Expect(stale).ToContainTextAsync("The hub was changed");
        Assert.That(await page.Locator("[data-of-another]").CountAsync(), Is.Zero, "parts of another version are not mixed in");
        await page.UnrouteAllAsync();

        await page.EvaluateAsync("document.querySelector('main [data-region]').dataset.mark = 'old'");
        await LookAsync(page);
        await Assertions.Expect(page.Locator("[data-mark=old]")).ToHaveCountAsync(0);
        await Assertions.Expect(stale).ToContainTextAsync("The hub was changed");
        await stale.GetByRole(AriaRole.Link, new() { Name = "Reload" }).ClickAsync();
        await Assertions.Expect(stale).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }

    /// <summary>A page of the new version may ask the old hub for its files.</summary>
    [Test]
    public async Task Should_give_a_page_of_another_version_the_present_file_and_let_nobody_keep_it()
    {
        var page = await Scene.OpenAsync(null);
        var request = page.Context.APIRequest;
        var files = Asset().Matches(await (await request.GetAsync("/sign-in")).TextAsync()).Select(found => found.Value).ToList();
        Assert.That(files, Has.Count.EqualTo(3));
        foreach (var file in files)
        {
            var (own, others) = (await request.GetAsync(file), await request.GetAsync($"{file.Split('?')[0]}?v=0123456789ab"));
            Assert.That(own.Headers["cache-control"], Does.Contain("immutable"), file);
            Assert.That(others.Headers["cache-control"], Is.EqualTo("no-cache"), file);
            Assert.That(await others.BodyAsync(), Is.EqualTo(await own.BodyAsync()), file);
            Assert.That((await own.BodyAsync()).Length, Is.GreaterThan(1_000), file);
        }

        await page.Context.CloseAsync();
    }

    /// <summary>In the middle of a form, under a page that looks again by itself.</summary>
    [Test]
    public async Task Should_go_on_when_one_of_them_dies()
    {
        var watched = await Scene.OpenAsync("viewer");
        await watched.GotoAsync("/");
        var page = await Scene.OpenAsync("operator");
        await page.GotoAsync("/destinations/hubspot");
        await page.GetByRole(AriaRole.Link, new() { Name = "Start a sync …" }).ClickAsync();
        await page.Locator("select[name=audience]").SelectOptionAsync("customers");
        await page.GetByLabel("Why").FillAsync("in the middle of it");
        await Scene.Mortal.KillAsync();
        try
        {
            await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
            await page.WaitForURLAsync("**/runs?done=start-sync");
            await Assertions.Expect(page.Locator("#said")).ToContainTextAsync("Asked: the sync");
            await Poll.Until(async () => (await Scene.CallAsync("GET", "/v1/runs?destination=hubspot")).GetProperty("count").GetInt64() == 2, "the run to begin");
            Assert.That(await CountAsync("in the middle of it"), Is.EqualTo(1), "one run");
            for (var look = 0; look < 2; look++)
            {
                await watched.EvaluateAsync("document.getElementById('flow-chart').dataset.mark = 'old'");
                await LookAsync(watched);
                await Assertions.Expect(watched.Locator("#flow-chart")).Not.ToHaveAttributeAsync("data-mark", "old");
                await Assertions.Expect(watched.Locator("body.away")).ToHaveCountAsync(0);
            }

            var another = await Scene.OpenAsync("viewer");
            await Assertions.Expect(another.Locator("h1")).ToHaveTextAsync("Overview");
            await another.Context.CloseAsync();
        }
        finally
        {
            await Scene.Mortal.StartAsync();
        }

        await watched.Context.CloseAsync();
        await page.Context.CloseAsync();
    }

    private static Task LookAsync(IPage page) => page.EvaluateAsync("document.dispatchEvent(new Event('visibilitychange'))");

    /// <summary>How often the audit log has something for a reason.</summary>
    private static async Task<int> CountAsync(string reason) =>
        (await Scene.CallAsync("GET", "/v1/audit?limit=200")).GetProperty("items").EnumerateArray().Count(entry => entry.TryGetProperty("reason", out var said) && said.GetString() == reason);

    private static string Field(string name, string page) => Regex.Match(page, $"name=\"{name}\" value=\"([^\"]+)\"").Groups[1].Value;

    [GeneratedRegex("data-version=\"[^\"]+\"")]
    private static partial Regex Version();

    [GeneratedRegex("/assets/[^\"]+")]
    private static partial Regex Asset();
}

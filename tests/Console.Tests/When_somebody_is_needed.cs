using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>From the overview to the cause and what to do in one click, and a decision at the end of it.</summary>
[NonParallelizable] // decides about runs that others look at
public sealed class When_somebody_is_needed
{
    /// <summary>The Overview looks every five seconds.</summary>
    private const int LooksOfAMinute = 12;

    [Test]
    public async Task Should_lead_from_the_overview_to_the_decision_and_keep_it_in_the_timeline()
    {
        var page = await Scene.OpenAsync("approver", 390);
        var need = page.Locator("#needs-list .cause").Filter(new() { HasText = "approval" }).First;
        await Assertions.Expect(need).ToContainTextAsync("would remove");
        await need.GetByRole(AriaRole.Link, new() { NameRegex = new("Review") }).ClickAsync();
        await page.WaitForURLAsync($"**/runs/{Scene.Waiting}");
        await Assertions.Expect(page.Locator("#run-why")).ToContainTextAsync("would remove");
        Assert.That(await page.Locator("#road-list li[aria-current=step]").InnerTextAsync(), Does.Contain("AwaitingApproval"));

        // Nothing is done without a reason and the number; the form comes back as it was filled.
        await page.GetByRole(AriaRole.Link, new() { Name = "Approve …" }).ClickAsync();
        var pending = (await Scene.ShowAsync(Scene.Waiting)).GetProperty("counts").GetProperty("pending").GetInt64();
        await page.GetByLabel("Why").FillAsync("the list was agreed");
        await page.GetByLabel("Type the number of records").FillAsync("1");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Approve") }).ClickAsync();
        await Assertions.Expect(page.Locator(".notice.bad")).ToContainTextAsync("Type the number");
        await Assertions.Expect(page.Locator("#said")).ToBeFocusedAsync();
        await Assertions.Expect(page.Locator("input[name=typed][aria-invalid=true]")).ToHaveAttributeAsync("aria-describedby", "typed-wrong");
        Assert.That(await page.GetByLabel("Why").InputValueAsync(), Is.EqualTo("the list was agreed"));
        Assert.That((await Scene.ShowAsync(Scene.Waiting)).GetProperty("state").GetString(), Is.EqualTo("AwaitingApproval"));

        await page.GetByLabel("Type the number of records").FillAsync($"{pending}");
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Approve") }).ClickAsync();
        await page.WaitForURLAsync($"**/runs/{Scene.Waiting}?done=approve-run");
        await Assertions.Expect(page.Locator("#run-state")).ToContainTextAsync("Completed");
        await Assertions.Expect(page.Locator("#timeline-list")).ToContainTextAsync("the list was agreed");
        await Assertions.Expect(page.Locator("#timeline-list")).ToContainTextAsync("person:approver");
        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_keep_what_is_typed_while_the_page_looks_again()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/");
        await page.Locator(".find input[type=search]").FillAsync("half a wo");
        await page.Locator("#flow-chart summary").ClickAsync();
        await page.Locator(".find input[type=search]").FocusAsync();
        await page.EvaluateAsync("scrollTo(0, 120); document.querySelector('.find input[type=search]').setSelectionRange(2, 6)");
        for (var look = 0; look < LooksOfAMinute; look++)
        {
            await LookAgainAsync(page);
        }

        Assert.That(await page.EvaluateAsync<string>("[scrollY, document.activeElement.name, document.activeElement.selectionStart, document.activeElement.selectionEnd].join(' ')"), Is.EqualTo("120 q 2 6"));
        Assert.That(await page.Locator(".find input[type=search]").InputValueAsync(), Is.EqualTo("half a wo"));
        Assert.That(await page.Locator("#flow-chart details").GetAttributeAsync("open"), Is.Not.Null);
        await page.Context.CloseAsync();
    }

    /// <summary>Waits until the page has looked again and shows it; says what the page was doing when it does not.</summary>
    private static async Task LookAgainAsync(IPage page)
    {
        await page.EvaluateAsync("document.getElementById('flow-chart').dataset.mark = 'old'; document.dispatchEvent(new Event('visibilitychange'))");
        try
        {
            await Assertions.Expect(page.Locator("#flow-chart")).Not.ToHaveAttributeAsync("data-mark", "old");
        }
        catch (PlaywrightException)
        {
            var seen = await page.EvaluateAsync<string>("JSON.stringify({ address: location.href, ready: document.readyState, visible: document.visibilityState, live: document.getElementById('live')?.innerText, stale: document.getElementById('stale')?.innerText, calls: performance.getEntriesByType('resource').slice(-8).map(call => [call.name, call.responseStatus, call.startTime, call.duration]) })");
            Assert.Fail($"The page does not look again: {seen}");
        }
    }

    [Test]
    public async Task Should_say_what_a_role_may_not_do_and_let_it_read()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/runs");
        await Assertions.Expect(page.Locator("a.off")).ToContainTextAsync("needs runs:write");
        await Assertions.Expect(page.Locator(".rail")).Not.ToContainTextAsync("Audit");
        var refused = await page.GotoAsync("/audit");
        Assert.That(refused!.Status, Is.EqualTo(403));
        await Assertions.Expect(page.Locator("main")).ToContainTextAsync("audit:read");
        await page.GotoAsync($"/runs/{Scene.Over}/records?outcome=rejected");
        Assert.That(await page.Locator("main b").CountAsync(), Is.Zero, "markup in a value stays text");
        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_work_without_script()
    {
        var context = await Scene.Browser.NewContextAsync(new() { JavaScriptEnabled = false, BaseURL = Scene.Address.ToString(), StorageState = await (await Scene.OpenAsync("operator")).Context.StorageStateAsync() });
        var page = await context.NewPageAsync();
        await page.GotoAsync("/runs");
        await page.GetByRole(AriaRole.Link, new() { Name = "Open", Exact = true }).ClickAsync();
        Assert.That(page.Url, Does.Contain("show=open"));
        await page.GotoAsync("/do/check?destination=braze");
        await page.GetByRole(AriaRole.Button, new() { Name = "Check now" }).ClickAsync();
        await page.WaitForURLAsync("**/destinations/braze?done=check");
        await Assertions.Expect(page.Locator("#check-said")).Not.ToContainTextAsync("Never checked");
        await context.CloseAsync();
    }
}

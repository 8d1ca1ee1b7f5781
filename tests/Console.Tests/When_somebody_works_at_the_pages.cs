using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>A day at the console: the way back, a link for a colleague, and a hub that goes away and comes again.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class When_somebody_works_at_the_pages
{
    private const string Rows = "#run-table tbody tr";

    /// <summary>What a list shows is in its address.</summary>
    [Test]
    public async Task Should_show_the_same_list_after_going_back_loading_again_and_to_a_colleague()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/audiences");
        await page.Locator("#audience-table tr").Filter(new() { HasText = "braze" }).GetByRole(AriaRole.Link).First.ClickAsync();
        await page.WaitForURLAsync("**/runs?*");
        var address = page.Url;
        Assert.That(address, Does.Contain("audience=customers").And.Contain("destination=braze"));
        string[] both = [$"run-{Scene.Over}", $"run-{Scene.Waiting}"];
        Assert.That(await ShownAsync(page), Is.EquivalentTo(both));
        await page.GetByRole(AriaRole.Link, new() { Name = "Failed", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**show=*");
        Assert.That(page.Url, Does.Contain("audience=customers").And.Contain("destination=braze"), "one filter leaves the others");
        await Assertions.Expect(page.Locator("#all")).ToContainTextAsync("No run matches");
        await page.GoBackAsync();
        Assert.That(page.Url, Is.EqualTo(address), "back");
        Assert.That(await ShownAsync(page), Is.EquivalentTo(both), "back");
        await page.ReloadAsync();
        Assert.That(await ShownAsync(page), Is.EquivalentTo(both), "loaded again");
        var colleague = await Scene.OpenAsync("operator");
        await colleague.GotoAsync(address);
        Assert.That(await ShownAsync(colleague), Is.EquivalentTo(both), "a colleague");
        await page.Context.CloseAsync();
        await colleague.Context.CloseAsync();
    }

    private static async Task<string[]> ShownAsync(IPage page) => [.. await Task.WhenAll((await page.Locator(Rows).AllAsync()).Select(async row => await row.GetAttributeAsync("id") ?? ""))];

    /// <summary>The clock of the page goes on by hand.</summary>
    [Test]
    public async Task Should_say_within_ten_seconds_since_when_the_hub_is_gone_and_recover_without_a_click()
    {
        foreach (var path in new[] { "/", "/runs", $"/runs/{Scene.Over}", "/changes" })
        {
            var page = await Scene.OpenAsync("viewer");
            await page.Clock.InstallAsync();
            await page.GotoAsync(path);
            await Assertions.Expect(page.Locator("#live")).ToBeVisibleAsync();
            await page.RouteAsync("**/*", route => route.AbortAsync("connectionrefused"));
            for (var second = 0; second < 10; second++)
            {
                await page.Clock.RunForAsync(1_000);
            }

            await Assertions.Expect(page.Locator("#stale")).ToContainTextAsync("The hub does not answer since");
            await Assertions.Expect(page.Locator("body.away")).ToHaveCountAsync(1);
            await page.UnrouteAllAsync();
            for (var second = 0; second < 10; second++)
            {
                await page.Clock.RunForAsync(1_000);
            }

            await Assertions.Expect(page.Locator("#stale")).ToBeHiddenAsync();
            await Assertions.Expect(page.Locator("body.away")).ToHaveCountAsync(0);
            await page.Context.CloseAsync();
        }
    }
}

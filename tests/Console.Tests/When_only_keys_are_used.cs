using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>Somebody without a mouse, or without eyes: every journey by keys alone, and what is heard at each of its ends: the name of the page, the state, what came of what was asked.</summary>
[NonParallelizable] // decides about runs that others look at
public sealed partial class When_only_keys_are_used
{
    /// <summary>What a reader calls the part that has the focus.</summary>
    private const string Called = "(() => { const at = document.activeElement; return (at.getAttribute('aria-label') ?? at.labels?.[0]?.firstChild.textContent ?? at.textContent).trim(); })()";

    private const int MostParts = 100;

    [Test]
    public async Task Should_lead_from_signing_in_to_what_came_of_a_cancellation_and_back()
    {
        var page = await Scene.OpenAsync(null);
        await page.GotoAsync("/sign-in");
        await TabToAsync(page, "Key");
        await page.Keyboard.TypeAsync(Scene.KeyOf("operator"));
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/", new() { WaitUntil = WaitUntilState.Load });
        await GoAsync(page, "r", "Runs");

        var stuck = page.Locator($"#run-{Scene.Stuck}");
        for (var row = 0; row < 10 && await page.Locator($"#run-{Scene.Stuck}.here").CountAsync() == 0; row++)
        {
            await page.Keyboard.PressAsync("j");
        }

        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("k");
        Assert.That(await stuck.GetByRole(AriaRole.Link).First.EvaluateAsync<bool>("link => link === document.activeElement"), Is.True, "j and k lead to the row and back to it");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync($"**/runs/{Scene.Stuck}");
        await ShouldBeHeardAsync(page, "customers → marketo");
        Assert.That(await page.TitleAsync(), Does.StartWith("customers → marketo"));

        await TabToAsync(page, "Cancel …");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/do/cancel-run*");
        await ShouldBeHeardAsync(page, "Cancel the run customers → marketo");
        await TabToAsync(page, "Cancel ·");
        await page.Keyboard.PressAsync("Enter");
        Assert.That(await page.EvaluateAsync<string>(Called), Is.EqualTo("Why"), "nothing is sent without a reason");
        await page.Keyboard.TypeAsync("its vendor is away: g r ? / j");
        await TabToAsync(page, "Cancel ·");
        await page.Keyboard.PressAsync("Enter");

        await page.WaitForURLAsync($"**/runs/{Scene.Stuck}?done=cancel-run");
        await ShouldBeHeardAsync(page, "Asked: the cancellation");
        await Assertions.Expect(page.Locator("#run-state [role=status]")).ToContainTextAsync("Canceled");
        await Assertions.Expect(page.Locator("#acts")).Not.ToContainTextAsync("Cancel", new() { UseInnerText = true });
        await GoAsync(page, "r", "Runs");
        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_skip_what_stands_on_every_page()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/runs");
        await page.Keyboard.PressAsync("Tab");
        Assert.That(await page.EvaluateAsync<string>(Called), Is.EqualTo("Skip to the content"));
        await page.Keyboard.PressAsync("Enter");
        Assert.That(await page.EvaluateAsync<string>("document.activeElement.id"), Is.EqualTo("main"));
        await page.Keyboard.PressAsync("Tab");
        Assert.That(await page.EvaluateAsync<bool>("document.getElementById('main').contains(document.activeElement)"), Is.True);
        await page.Context.CloseAsync();
    }

    /// <summary>However slow somebody's hands, or the machine, are: the clock goes on by hand.</summary>
    [Test]
    public async Task Should_wait_for_the_second_key_until_it_comes_or_another_one_does()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.Clock.InstallAsync();
        await page.GotoAsync("/");
        var state = page.Locator("[data-keys-switch]");
        await page.Keyboard.PressAsync("g");
        await page.Clock.RunForAsync(60_000);
        Assert.That(await state.InnerTextAsync(), Is.EqualTo("Keys on: g, then …"), "and says that it waits");
        await page.Keyboard.PressAsync("d");
        await page.WaitForURLAsync("**/destinations");
        foreach (var other in new[] { "Escape", "Tab", "1", "Control+k" })
        {
            await page.Keyboard.PressAsync("g");
            await page.Keyboard.PressAsync(other);
            Assert.That(await state.InnerTextAsync(), Is.EqualTo("Keys on"), other);
        }

        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_keep_the_focus_in_a_dialog_and_give_it_back()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/runs");
        await TabToAsync(page, "Destinations");
        foreach (var end in new[] { "Escape", "Enter" })
        {
            await page.Keyboard.PressAsync("?");
            await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
            for (var step = 0; step < 4; step++)
            {
                await page.Keyboard.PressAsync("j");
                Assert.That(await page.EvaluateAsync<bool>("document.activeElement === document.body || document.getElementById('help').contains(document.activeElement)"), Is.True, $"step {step}");
                await page.Keyboard.PressAsync("Tab");
            }

            await page.Locator("#help button").FocusAsync();
            await page.Keyboard.PressAsync(end);
            await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
            Assert.That(await page.EvaluateAsync<string>(Called), Is.EqualTo("Destinations"), end);
        }

        Assert.That(await page.Locator(".here").CountAsync(), Is.Zero, "no key works behind it");
        await page.Context.CloseAsync();
    }

    /// <summary>A person's key that is typed there stands in no address.</summary>
    [Test]
    public async Task Should_type_where_somebody_types_and_say_when_nothing_is_found()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/runs");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.TypeAsync("g r ? j@example.com");
        Assert.That(await page.Locator(".find input[type=search]").InputValueAsync(), Is.EqualTo("g r ? j@example.com"));
        Assert.That(await page.Locator("#help").GetAttributeAsync("open"), Is.Null);
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/find");
        await ShouldBeHeardAsync(page, "No run, approval, destination");
        Assert.That(await page.ContentAsync(), Does.Not.Contain("j@example.com"));
        await page.Keyboard.PressAsync("Control+k");
        await page.Keyboard.TypeAsync("HubSpot");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync("**/destinations/hubspot");
        await page.Context.CloseAsync();
    }

    [Test]
    public async Task Should_be_off_when_somebody_wants_them_off()
    {
        var page = await Scene.OpenAsync("viewer");
        await page.GotoAsync("/runs");
        await TabToAsync(page, "Keys on");
        await page.Keyboard.PressAsync("Enter");
        await page.ReloadAsync();
        var state = page.Locator("[data-keys-switch]");
        Assert.That((await state.InnerTextAsync(), await state.GetAttributeAsync("aria-pressed")), Is.EqualTo(("Keys off", "false")), "as it was left");
        foreach (var key in new[] { "j", "/", "?", "g" })
        {
            await page.Keyboard.PressAsync(key);
            Assert.That(await page.EvaluateAsync<bool>("document.activeElement === document.body && !document.getElementById('help').open && !document.querySelector('.here')"), Is.True, key);
            Assert.That(await state.InnerTextAsync(), Is.EqualTo("Keys off"), key);
        }

        await TabToAsync(page, "Keys off");
        await page.Keyboard.PressAsync("Enter");
        await page.Keyboard.PressAsync("?");
        await Assertions.Expect(page.GetByRole(AriaRole.Dialog)).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    /// <summary>A state is said when it changes; a time within it would be said every minute.</summary>
    [Test]
    public async Task Should_hear_of_states_and_not_of_every_minute()
    {
        var page = await Scene.OpenAsync("settings");
        var spoken = 0;
        foreach (var path in new[] { "/", "/runs", $"/runs/{Scene.Over}", "/destinations/hubspot", "/dead-letters", "/alerts", "/hubs" })
        {
            await page.GotoAsync(path);
            spoken += await page.Locator("[role=status]").CountAsync();
            Assert.That(await page.Locator("[role=status]").AllInnerTextsAsync(), Has.None.Matches(Passing()), path);
            Assert.That(await page.Locator("[role=status] time").CountAsync(), Is.Zero, path);
        }

        Assert.That(spoken, Is.GreaterThan(8), "the look itself");
        await page.Context.CloseAsync();
    }

    /// <summary>Words that change with the clock alone.</summary>
    [GeneratedRegex(@"\d+ (s|min|h) ago|just now")]
    private static partial Regex Passing();

    /// <summary>Tab until a part has the focus, and shows it.</summary>
    private static async Task TabToAsync(IPage page, string name)
    {
        for (var step = 0; step < MostParts; step++)
        {
            await page.Keyboard.PressAsync("Tab");
            if ((await page.EvaluateAsync<string>(Called)).StartsWith(name, StringComparison.Ordinal))
            {
                Assert.That(await page.EvaluateAsync<string>("getComputedStyle(document.activeElement).outlineStyle"), Is.Not.EqualTo("none"), $"nobody sees that {name} has the focus");
                return;
            }
        }

        Assert.Fail($"Tab does not lead to {name} at {page.Url}");
    }

    private static async Task GoAsync(IPage page, string key, string name)
    {
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync(key);
        await page.WaitForURLAsync($"**/{name.ToLowerInvariant()}");
        await ShouldBeHeardAsync(page, name);
    }

    private static async Task ShouldBeHeardAsync(IPage page, string words)
    {
        var heard = page.Locator("h1, #said").Filter(new() { HasText = words });
        await Assertions.Expect(heard).ToBeFocusedAsync();
    }
}

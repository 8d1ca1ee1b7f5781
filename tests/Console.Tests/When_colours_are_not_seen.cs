using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>No state, and no series of a chart, is told by colour alone, and nothing moves: whoever sees no colours or no movement reads the same.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class When_colours_are_not_seen
{
    /// <summary>Signs that stand before what is coloured; each says what its colour does.</summary>
    private const string Signs = "✓✕▲◆◔◐○●‖◌⊘–?!";

    private const string Untold =
        """
        signs => [...document.querySelectorAll('.good, .bad, .warn, .person, .busy, .quiet')]
            .filter(part => part.closest('[hidden]') === null && ![...part.textContent].some(letter => signs.includes(letter))).map(part => part.outerHTML.slice(0, 160))
        """;

    private const string Alike =
        """
        () => [...document.querySelectorAll('main svg[role=img]')].flatMap(drawing => {
            const looks = {};
            for (const part of drawing.querySelectorAll(':scope > rect:is(.delivered, .unchanged, .suppressed, .rejected, .dead, .pending)')) {
                const style = getComputedStyle(part);
                looks[part.classList[0]] = style.fill === 'none' ? 'hollow' : style.fill.startsWith('url') ? document.querySelector(style.fill.slice(5, -2)).innerHTML.replaceAll(/class="(?!hatch)[^"]*"/g, '') : 'solid';
            }
            const told = Object.values(looks);
            return [...new Set(told)].length === told.length && drawing.getAttribute('aria-label') ? [] : [JSON.stringify(looks) + drawing.getAttribute('aria-label')];
        })
        """;

    [TestCase(1440, ColorScheme.Light)]
    [TestCase(390, ColorScheme.Dark)]
    public async Task Should_be_told_by_words_signs_and_textures(int width, ColorScheme theme)
    {
        var page = await Scene.OpenAsync("settings", width, theme);
        var (complaints, toned, charts) = (new List<string>(), 0, 0);
        foreach (var path in ScenePages.All)
        {
            await page.GotoAsync(ScenePages.Address(path));
            complaints.AddRange((await page.EvaluateAsync<string[]>(Untold, Signs)).Select(part => $"{path}: by colour alone: {part}"));
            complaints.AddRange((await page.EvaluateAsync<string[]>(Alike)).Select(part => $"{path}: series look alike: {part}"));
            toned += await page.Locator(".badge").CountAsync();
            charts += await page.Locator("main svg[role=img]").CountAsync();
            if (ScenePages.TakesPictures)
            {
                await page.EvaluateAsync("document.documentElement.style.filter = 'grayscale(1)'");
                await page.ScreenshotAsync(new() { Path = ScenePages.Picture($"{ScenePages.NameOf(path)}-{width}-{theme}-grey"), FullPage = true });
            }
        }

        await page.Context.CloseAsync();
        Assert.That(complaints, Is.Empty);
        Assert.That((toned > 30, charts > 10), Is.EqualTo((true, true)), $"the look itself: {toned} badges, {charts} charts");
    }

    /// <summary>Also not for those who do not mind: nothing of the console moves by itself.</summary>
    [TestCase(ReducedMotion.Reduce)]
    [TestCase(ReducedMotion.NoPreference)]
    public async Task Should_show_the_same_without_movement(ReducedMotion motion)
    {
        var page = await Scene.OpenAsync("settings");
        await page.EmulateMediaAsync(new() { ReducedMotion = motion });
        foreach (var path in ScenePages.All)
        {
            await page.GotoAsync(ScenePages.Address(path));
            Assert.That(await page.EvaluateAsync<int>("document.getAnimations().length"), Is.Zero, path);
            Assert.That(await page.EvaluateAsync<int>("[...document.querySelectorAll('*')].filter(part => { const style = getComputedStyle(part); return style.animationName !== 'none' || style.transitionDuration !== '0s'; }).length"), Is.Zero, path);
        }

        await page.Context.CloseAsync();
    }
}

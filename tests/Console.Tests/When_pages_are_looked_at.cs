using System.Reflection;
using System.Text.RegularExpressions;
using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using IntegrationHub.Hub.Console.Layout;
using Microsoft.AspNetCore.Components;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>Every page in a wide window and light colours, and in a narrow one and dark ones: nothing breaks the policy, axe finds nothing, nothing scrolls sideways. With <c>HUB_TEST_PICTURES</c> set, pictures of them stay with the test's results.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class When_pages_are_looked_at
{
    private static readonly AxeRunOptions _colours = new() { RunOnly = new RunOnlyOptions { Type = "rule", Values = ["color-contrast", "target-size"] } };

    [TestCase(1280, ColorScheme.Light)]
    [TestCase(390, ColorScheme.Dark)]
    public async Task Should_be_in_order(int width, ColorScheme theme)
    {
        var page = await Scene.OpenAsync("settings", width, theme);
        var complaints = new List<string>();
        page.Console += (_, line) => { if (line.Type is "error" or "warning") { complaints.Add($"{page.Url}: {line.Text}"); } };
        page.PageError += (_, error) => complaints.Add($"{page.Url}: {error}");
        foreach (var path in ScenePages.All)
        {
            var answer = await page.GotoAsync(ScenePages.Address(path));
            if (answer!.Status != 200 || (await answer.BodyAsync()).Length > 120 * 1024)
            {
                complaints.Add($"{path}: {answer.Status}, {(await answer.BodyAsync()).Length} bytes");
            }

            if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0)
            {
                complaints.Add($"{path}: scrolls sideways at {width}");
            }

            if (width == 390)
            {
                await page.SetViewportSizeAsync(320, 844);
                if (await page.EvaluateAsync<int>("document.documentElement.scrollWidth - document.documentElement.clientWidth") > 0)
                {
                    complaints.Add($"{path}: scrolls sideways at 320");
                }

                await page.SetViewportSizeAsync(width, 844);
            }

            if (Person().Match(await page.ContentAsync()) is { Success: true } person)
            {
                complaints.Add($"{path}: names {person.Value}");
            }

            if (await page.Locator("h1").CountAsync() != 1)
            {
                complaints.Add($"{path}: not one h1");
            }

            var found = await (theme == ColorScheme.Light ? page.RunAxe() : page.RunAxe(_colours)); // what a page is made of is the same in both
            complaints.AddRange(found.Violations.Select(violation => $"{path}: {violation.Id}: {string.Join(" | ", violation.Nodes.Take(3).Select(node => node.Html))}"));
            if (ScenePages.TakesPictures)
            {
                await page.ScreenshotAsync(new() { Path = ScenePages.Picture($"{ScenePages.NameOf(path)}-{width}-{theme}"), FullPage = true });
            }
        }

        await page.Context.CloseAsync();
        Assert.That(complaints, Is.Empty);
    }

    /// <summary>Whoever is not in yet has a page, too.</summary>
    [TestCase(1280, ColorScheme.Light)]
    [TestCase(390, ColorScheme.Dark)]
    public async Task Should_let_everybody_sign_in(int width, ColorScheme theme)
    {
        var page = await Scene.OpenAsync(null, width, theme);
        await page.GotoAsync("/runs");
        Assert.That(page.Url, Does.Contain("/sign-in?to="));
        var complaints = (await page.RunAxe()).Violations.Select(violation => violation.Id).ToList();
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("no key of this hub");
        await page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Locator("main .notice.bad")).ToBeVisibleAsync();
        complaints.AddRange((await page.RunAxe()).Violations.Select(violation => $"refused: {violation.Id}"));
        if (ScenePages.TakesPictures)
        {
            await page.ScreenshotAsync(new() { Path = ScenePages.Picture($"sign-in-{width}-{theme}"), FullPage = true });
        }

        Assert.That(await page.ContentAsync(), Does.Not.Contain("no key of this hub"));
        await page.Context.CloseAsync();
        Assert.That(complaints, Is.Empty);
    }

    /// <summary>The picture in the README is one of this page: the words of its parts stand beside it, and change with them.</summary>
    [Test]
    public async Task Should_show_the_README_what_is_there()
    {
        var page = await Scene.OpenAsync("settings");
        await page.GotoAsync("/");
        var picture = ScenePages.Picture("console");
        await page.ScreenshotAsync(new() { Path = picture });
        var words = string.Join('\n', await page.EvaluateAsync<string[]>("[...document.querySelectorAll('.rail a, main h1, main section:not(#waits) h2, #destination-table thead th')].map(part => part.textContent.trim().replace(/ [0-9]+$/, ''))"));
        await page.Context.CloseAsync();

        var docs = Path.Combine(Root(), "Hub", "Docs", "pictures");
        Assert.That(File.Exists(Path.Combine(docs, "console.png")), Is.True, $"no picture: copy {picture}");
        Assert.That(words, Is.EqualTo((await File.ReadAllTextAsync(Path.Combine(docs, "console.txt"))).TrimEnd()), $"the page shows other parts than its picture: copy {picture}, and these words into console.txt");
        Assert.That(await File.ReadAllTextAsync(Path.Combine(Root(), "README.md")), Does.Contain("Hub/Docs/pictures/console.png"));
    }

    /// <summary>A database on another machine makes every answer wait; what is drawn before it comes has nothing to draw.</summary>
    [Test]
    public void Should_be_drawn_when_their_answers_are_there()
    {
        var asking = typeof(PageBase).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(ComponentBase)) && type != typeof(PageBase)
            && type.GetMethod("OnInitializedAsync", BindingFlags.Instance | BindingFlags.NonPublic | BindingFlags.DeclaredOnly) is not null).ToList();
        Assert.That(asking, Has.Count.GreaterThan(20));
        Assert.That(asking.Where(type => !type.IsSubclassOf(typeof(PageBase))), Is.Empty);
    }

    /// <summary>Addresses of the people of the scene.</summary>
    [GeneratedRegex(@"kim\.\d+@|@example\.org")]
    private static partial Regex Person();

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "IntegrationHub.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}

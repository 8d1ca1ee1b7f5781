using System.Globalization;
using System.Text.RegularExpressions;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>A number on a page leads to what it counts, and there are as many: rows of a list that says how many match, or parts that add up.</summary>
[Parallelizable(ParallelScope.All)]
public sealed partial class When_numbers_are_followed
{
    /// <summary>Numbers that count nothing that could be listed, by page and column, and why.</summary>
    private static readonly Dictionary<string, string> _measures = new()
    {
        ["/runs Took"] = "a time", ["/ Errors 1 h"] = "a share", ["/ Lag p95"] = "a time", ["/destinations Errors 1 h"] = "a share", ["/destinations Lag p95"] = "a time",
        ["/destinations/* Errors"] = "a share", ["/destinations/* Lag p50"] = "a time", ["/destinations/* p95"] = "a time", ["/destinations/* p99"] = "a time",
        ["/actions Done"] = "of how many; the action itself is the link", ["/audit No."] = "a place in the chain", ["/approvals Missing"] = "of how many; the approval is the link", ["/schedules Missed"] = "bells that did not ring: each is told in the log alone",
        ["/dead-letters/group Attempts"] = "tries of one letter, which its page has", ["/catalog/* Last day"] = "facts by producer: the parts of the catalog's sums; facts themselves are listed by events list", ["/catalog/* In all"] = "as the last day",
        ["/catalog/* Set aside"] = "as the last day; quarantine list has those that wait", ["/catalog/* Facts"] = "departures by field: the parts of the catalog's sums",
    };

    private const int Tries = 5;

    private const string Numbers =
        """
        () => [...document.querySelectorAll('main td.n, main .tile strong, main .sum a, main .sum > span, #reason-list strong')].filter(cell => /[1-9]/.test(cell.textContent) && !cell.hasAttribute('data-part') && !cell.closest('details') && !cell.matches('.good, .bad'))
            .map(cell => ({ column: cell.dataset.label ?? 'in words', text: (cell.querySelector('a') ?? cell).textContent.trim(), to: (cell.querySelector('a') ?? cell.closest('a'))?.getAttribute('href') ?? null }))
        """;

    [Test]
    public async Task Should_lead_to_as_many()
    {
        var page = await Scene.OpenAsync("settings", 1440);
        var (wrong, followed) = (new List<string>(), 0);
        foreach (var address in ScenePages.All.Select(path => ScenePages.Address(path.Replace("OVER", Scene.Whole.ToString(), StringComparison.Ordinal))))
        {
            // Work goes on meanwhile: what moved between two looks is looked at again.
            IReadOnlyList<string> differs;
            var tries = 0;
            do
            {
                (differs, var here) = await FollowAsync(page, address);
                followed += here;
            }
            while (differs.Count > 0 && ++tries < Tries);
            wrong.AddRange(differs);
        }

        await page.Context.CloseAsync();
        Assert.That(wrong, Is.Empty);
        Assert.That(followed, Is.GreaterThan(20), "the look itself");
    }

    private static async Task<(IReadOnlyList<string> Wrong, int Followed)> FollowAsync(IPage page, string address)
    {
        var (wrong, followed) = (new List<string>(), 0);
        await page.GotoAsync(address);
        foreach (var number in (await page.EvaluateAsync<Cell[]>(Numbers)).Where(number => !_measures.ContainsKey($"{Kind(address)} {number.Column}")))
        {
            if (number.To is null)
            {
                wrong.Add($"{address}: '{number.Text}' ({number.Column}) leads nowhere");
                continue;
            }

            followed++;
            if (await CountedAsync(page, number.To) is var counted && !counted.Contains(FirstOf(number.Text)))
            {
                wrong.Add($"{address}: '{number.Text}' ({number.Column}) leads to {number.To}, which counts {string.Join(" or ", counted)}");
            }
        }

        return (wrong, followed);
    }

    /// <summary>What the page that a number leads to says of how many there are: how many match, what its parts add up to, or what is told there in the place that the link names.</summary>
    private static async Task<IReadOnlySet<string>> CountedAsync(IPage page, string to)
    {
        var other = await page.Context.NewPageAsync();
        await other.GotoAsync(to.StartsWith('#') ? new Uri(page.Url).AbsolutePath + to : to);
        var place = to.Contains('#') ? $"#{to.Split('#')[1]}" : "main";
        var counted = (await other.Locator("main .pager .soft").AllInnerTextsAsync()).Select(FirstOf).ToHashSet();
        foreach (var column in (await other.EvaluateAsync<Cell[]>($"() => [...document.querySelectorAll('{place} td')].filter(cell => /^[0-9,]+$/.test(cell.textContent.trim())).map(cell => ({{ column: cell.dataset.label ?? '', text: cell.textContent.trim(), to: null }}))")).GroupBy(cell => cell.Column))
        {
            counted.Add(column.Sum(cell => long.TryParse(FirstOf(cell.Text).Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out var value) ? value : 0).ToString("N0", CultureInfo.InvariantCulture));
        }

        foreach (var told in await other.Locator($"{place} .tile strong, {place} .sum strong").AllInnerTextsAsync())
        {
            counted.Add(FirstOf(told));
        }

        if (await other.Locator("main .tile strong").AllInnerTextsAsync() is { Count: > 0 } tiles)
        {
            counted.Add(tiles.Sum(tile => long.Parse(tile.Replace(",", "", StringComparison.Ordinal), CultureInfo.InvariantCulture)).ToString("N0", CultureInfo.InvariantCulture));
        }

        await other.CloseAsync();
        return counted;
    }

    private static string Kind(string address) => OneOf().Replace(address.Split('?')[0], "$1/*");

    private static string FirstOf(string text) => Number().Match(text).Value;

    private sealed class Cell
    {
        public string Column { get; set; } = "";

        public string Text { get; set; } = "";

        public string? To { get; set; }
    }

    [GeneratedRegex(@"[0-9][0-9,]*\+?")]
    private static partial Regex Number();

    [GeneratedRegex("^(/destinations|/catalog|/runs|/changes|/people)/[^/]+")]
    private static partial Regex OneOf();
}

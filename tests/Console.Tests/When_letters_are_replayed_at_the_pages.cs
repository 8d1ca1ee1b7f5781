using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Sandbox;
using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>Bulk work at a page: how far it is, its end before its time, and what became of what, by reason; a letter that came later is not part of it.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class When_letters_are_replayed_at_the_pages
{
    [Test]
    public async Task Should_show_how_far_it_is_be_stopped_and_leave_what_came_later()
    {
        Scene.Vendors["hubspot"].Faults.Add(new Fault { Kind = FaultKind.RejectRecords, Probability = 0.5 }); // always the same people
        var page = await Scene.OpenAsync("operator");
        await page.GotoAsync("/dead-letters");
        await page.GetByRole(AriaRole.Link, new() { Name = "buried", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/dead-letters/group?*");
        var group = page.Url;
        await page.GetByRole(AriaRole.Link, new() { Name = $"Replay {Scene.Letters} …" }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("the cause is gone");
        await page.GetByRole(AriaRole.Button, new() { Name = $"Replay {Scene.Letters}" }).ClickAsync();

        await page.WaitForURLAsync(new Regex("/actions/[0-9]+"));
        var progress = page.Locator("#action-progress");
        await Assertions.Expect(progress).ToContainTextAsync($"of {Scene.Letters} done");
        await Assertions.Expect(progress).ToContainTextAsync("delivered");
        await Assertions.Expect(progress).ToContainTextAsync("came back");
        Assert.That(await Scene.BuryAsync("profile_id = (SELECT max(profile_id) FROM destination_members WHERE destination = 'hubspot')"), Is.EqualTo(1), "a letter that comes later");
        await page.GetByRole(AriaRole.Link, new() { Name = "Stop …" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new("^Stop · [0-9]+ letters left") }).ClickAsync();
        await Assertions.Expect(page.Locator("#action-state [role=status]")).ToContainTextAsync("stopped");

        var action = await Scene.CallAsync("GET", $"/v1/dead-letters/actions/{new Uri(page.Url).AbsolutePath.Split('/')[^1]}");
        var (frozen, done, given) = (action.GetProperty("frozen").GetInt64(), action.GetProperty("done").GetInt64(), Of(action, "open"));
        Assert.That((frozen, done + given, given > 0, Of(action, "delivered") > 0, Of(action, "came_back") > 0), Is.EqualTo((Scene.Letters, frozen, true, true, true)), action.ToString());
        await Assertions.Expect(progress).ToContainTextAsync($"{done} of {frozen} done");
        await Assertions.Expect(progress).ToContainTextAsync($"{given} letters were given back");
        foreach (var result in action.GetProperty("results").EnumerateArray())
        {
            var words = $"{result.GetProperty("status").GetString()!.Replace('_', ' ')} {result.GetProperty("count")}{(result.GetProperty("code").ValueKind == JsonValueKind.String ? $" · {result.GetProperty("code").GetString()}" : "")}";
            await Assertions.Expect(progress.GetByRole(AriaRole.Listitem).Filter(new() { HasText = words })).ToHaveCountAsync(1);
        }

        await page.GotoAsync(group);
        await Assertions.Expect(page.Locator("#group-said")).ToContainTextAsync($"{given + 1} open");
        Scene.Vendors["hubspot"].Faults.Clear();
        await page.Context.CloseAsync();
    }

    private static long Of(JsonElement action, string status) =>
        action.GetProperty("results").EnumerateArray().Where(result => result.GetProperty("status").GetString() == status).Sum(result => result.GetProperty("count").GetInt64());
}

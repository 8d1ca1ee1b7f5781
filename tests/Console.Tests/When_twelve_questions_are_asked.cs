using Microsoft.Playwright;

namespace IntegrationHub.Console.Tests;

/// <summary>The twelve questions with which people open the console: each is answered within its clicks from the Overview, and the answer stands on the screen without scrolling at 1280 × 800.</summary>
[Parallelizable(ParallelScope.All)]
public sealed class When_twelve_questions_are_asked
{
    private static readonly TestCaseData[] _questions =
    [
        Ask("Is everything flowing now?", "#verdict", []),
        Ask("Is everything flowing now, destination by destination?", "#destination-table tbody tr >> nth=0", []),
        Ask("What is stuck, since when, why, and what do I do?", "#needs-list .cause .what p >> nth=0", []),
        Ask("And the evidence for it?", "#run-why", ["#open-STUCK a"]),
        Ask("Where on its road did this run stop?", "#road-list li[aria-current=step]", ["#open-STUCK a"]),
        Ask("Why did these records not arrive, and which are they?", "#records tbody tr >> nth=0", ["#open-STUCK a", "#ledger-sum a >> text=rejected"]),
        Ask("Why did this person not arrive?", "main form input[name=key]", [".rail a >> text=People"]),
        Ask("What waits for my approval, and what would happen?", "#run-why", ["#needs-list .cause:has-text('approval') .acts a.button >> nth=-1"]),
        Ask("When is the backlog done, and does the quota last?", "#destination-table thead th >> text=Quota", []),
        Ask("Is it the vendor, our credentials, or us?", "#state .badge", ["#destination-marketo th a"]),
        Ask("And now?", "main form button >> text=Check now", ["#destination-marketo th a", "#acts a >> text=Check now"]),
        Ask("Which dead letters share a cause, and are safe to replay?", "#cause .badge", [".rail a >> text=Dead letters", "#group-table tbody th a >> nth=0"]),
        Ask("Did the last change cause this?", "#change-table tbody tr >> nth=0", [".rail a >> text=Changes"]),
        Ask("Does the vendor hold what we believe?", "#audience-table tbody tr >> nth=0", [".rail a >> text=Audiences"]),
        Ask("Who did what, when, on whose word?", "#audit tbody tr >> nth=0", [".rail a >> text=Audit"]),
    ];

    [TestCaseSource(nameof(_questions))]
    public async Task Should_be_answered_within_two_clicks_without_scrolling(string answer, string[] clicks)
    {
        var page = await Scene.OpenAsync("settings");
        await page.GotoAsync("/");
        foreach (var click in clicks)
        {
            await page.Locator(click.Replace("STUCK", Scene.Stuck.ToString(), StringComparison.Ordinal)).First.ClickAsync();
        }

        var told = page.Locator(answer).First;
        await Assertions.Expect(told).ToBeVisibleAsync();
        var box = (await told.BoundingBoxAsync())!;
        Assert.That((clicks.Length <= 2, box.Y >= 0, box.Y + Math.Min(box.Height, 36) <= 800), Is.EqualTo((true, true, true)), $"{page.Url}: {box.Y} to {box.Y + box.Height}");
        await page.Context.CloseAsync();
    }

    private static TestCaseData Ask(string question, string answer, string[] clicks) => new TestCaseData(answer, clicks).SetArgDisplayNames(question);
}

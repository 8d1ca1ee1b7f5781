namespace EndToEnd.Tests;

/// <summary>The guides about what a running hub can do, one after the other at the hub that they begin with: each command in them does what stands there.</summary>
[TestFixture]
public sealed class When_guides_are_followed_at_one_hub
{
    private const string First = "a-hub-to-try.md";
    private const string Alerts = "alerts.md";
    private const string Clock = "by-the-clock.md";
    private const string Canaries = "canaries.md";
    private const string Backfill = "first-backfill.md";
    private const string Erasure = "erase-a-person.md";
    private const string Keys = "who-may-do-what.md";

    /// <summary>Those that need more than one hub, or what stands around it: <see cref="When_a_guide_is_followed"/>.</summary>
    private static readonly string[] _others = ["first-sync-with-your-own-file.md", "first-fact-from-your-own-service.md", "webhooks.md", "first-real-account.md"];

    /// <summary>The guides in an order in which one follows from the other, and what their commands say: plans that wait are approved by the last one, after which the hub asks for keys.</summary>
    private static readonly (string Guide, string[] Says)[] _walk =
    [
        (Alerts, ["The configuration is valid.", "along: on_call, team, marketing, own_system"]),
        (Clock, ["customers_weekly", "hub.retention", "started: runs"]),
        (Canaries, ["anna (c…na) in canaries", "'canaries show anna' tells"]),
        (Backfill, ["Let it pass with: backfill approve", "Let them pass with: backfill approve"]),
        (Erasure, ["is requested; its deadline"]),
        (Keys, ["person:me may: ", "approved by person:me", "refused by person:me", "each as it was written"]),
    ];

    [Test]
    public void Should_follow_every_guide_and_know_where_each_block_goes()
    {
        Assert.That(GuideBlock.Guides, Is.EquivalentTo(_others.Append(First).Concat(_walk.Select(step => step.Guide))));
        Assert.That(GuideBlock.Guides.SelectMany(guide => GuideBlock.Of(guide).Where(block => !block.IsCommands && block.Place.Length == 0).Select(block => $"{guide}: {block.Text}")), Is.Empty);
    }

    [Test]
    public async Task Should_do_what_stands_there()
    {
        await using var walk = await GuideWalk.BeginAsync(First, [.. _walk.Select(step => step.Guide)]);
        using (Assert.EnterMultipleScope())
        {
            foreach (var (guide, says) in _walk)
            {
                var said = string.Concat(await walk.FollowAsync(guide));
                Array.ForEach(says, words => Assert.That(said, Does.Contain(words), guide));
            }

            Assert.That(walk.Failed, Is.Empty);
        }
    }
}

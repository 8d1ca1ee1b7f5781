using System.Text.Json.Nodes;
using IntegrationHub.Hub.Approvals;
using IntegrationHub.Hub.Security;

namespace Hub.Tests.Configuration;

/// <summary><c>approvals.yaml</c>, and what holds without it.</summary>
public sealed class When_approvals_are_written
{
    private const string Approvals = "approvals.yaml";

    [TestCase(ApprovalKind.Sync, false, 0, null)]
    [TestCase(ApprovalKind.Backfill, true, 1_000, 7)]
    [TestCase(ApprovalKind.Config, true, 0, 7)]
    [TestCase(ApprovalKind.Merge, true, 0, 7)]
    [TestCase(ApprovalKind.Erasure, true, 0, null)]
    [TestCase(ApprovalKind.Replay, true, 0, 7)]
    [TestCase(ApprovalKind.Rollback, false, 0, 7)]
    [TestCase(ApprovalKind.Reveal, false, 0, 7)]
    [TestCase(ApprovalKind.Letters, false, 0, 7)]
    [TestCase(ApprovalKind.Loud, true, 0, 7)]
    public void Should_ask_four_eyes_where_people_have_keys_and_nothing_is_said(string kind, bool fourEyes, int abovePeople, int? days)
    {
        using var folder = new ConfigurationFixture();
        var configuration = folder.LoadWell();
        var rule = new ApprovalRules(configuration, new ApiKey(null, areKeysRequired: true)).For(kind);
        Assert.That(rule, Is.EqualTo(new ApprovalRule(kind, 1, fourEyes, abovePeople, days is { } some ? TimeSpan.FromDays(some) : null)));
        Assert.That(new ApprovalRules(configuration, new ApiKey(null)).For(kind).FourEyes, Is.False, "there is one person only");
    }

    [Test]
    public void Should_say_all_that_is_said()
    {
        using var folder = new ConfigurationFixture();
        const string Text = "backfill: { above_people: 20, needed: 2, four_eyes: true, expires: 48h }\nsync: { four_eyes: true }\n";
        var rules = new ApprovalRules(folder.Write(Approvals, Text).LoadWell(), new ApiKey(null));
        Assert.That(rules.For("backfill"), Is.EqualTo(new ApprovalRule("backfill", 2, true, 20, TimeSpan.FromHours(48))));
        Assert.That(rules.For("sync"), Is.EqualTo(new ApprovalRule("sync", 1, true, 0, null)));
        Assert.That((rules.For("backfill").IsNeededFor(20), rules.For("backfill").IsNeededFor(21)), Is.EqualTo((false, true)));
        Assert.That(JsonSchemas.IsValid(JsonNode.Parse(folder.Read("schemas/approvals.schema.json"))!, JsonSchemas.FromYaml(Text)), Is.True);
    }

    [TestCase("backfil: { needed: 1 }\n", 1, "There is no approval of the kind backfil.", "backfill")]
    [TestCase("sync:\n  needed: 0\n", 2, "sync.needed is not a number from 1 to 5.", "1 to 5")]
    [TestCase("sync:\n  needed: 1.5\n", 2, "sync.needed is not a whole number.", "whole")]
    [TestCase("sync:\n  four_eyes: yes\n", 2, "sync.four_eyes is neither true nor false.", "true or false")]
    [TestCase("sync:\n  expires: soon\n", 2, "sync.expires is not a length of time.", "48h or 7d")]
    [TestCase("sync:\n  expires: 0d\n", 2, "sync.expires is not a length of time.", "48h or 7d")]
    [TestCase("sync:\n  expires: 366d\n", 2, "sync.expires is not a length of time.", "365d")]
    [TestCase("erasure:\n  expires: 30d\n", 2, "erasure.expires cannot be set.", "Take it out")]
    [TestCase("sync:\n  eyes: 4\n", 2, "sync.eyes is not a known key.", "four_eyes")]
    public void Should_say_what_is_wrong_and_where(string text, int line, string problem, string fix)
    {
        using var folder = new ConfigurationFixture();
        var error = folder.Write(Approvals, text).Load().Errors.First(e => e.File == Approvals);
        Assert.That(error.Line, Is.EqualTo(line));
        Assert.That(error.Problem, Does.StartWith(problem));
        Assert.That(error.Fix, Does.Contain(fix));
        if (!text.Contains("366d", StringComparison.Ordinal))
        {
            Assert.That(JsonSchemas.IsValid(JsonNode.Parse(folder.Read("schemas/approvals.schema.json"))!, JsonSchemas.FromYaml(text)), Is.False, "an editor says so too");
        }
    }
}

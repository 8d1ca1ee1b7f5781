using IntegrationHub.Hub.Alerts;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>Whoever is woken by an alert finds its page by its code, on it what it means and what is safe, and under the same heads as on every other page how to look, when it is over and whom to call.</summary>
public sealed class When_a_runbook_is_opened
{
    private const string Index = "README";

    private static readonly string[] _heads = ["Symptom", "How to confirm", "Safe action", "How to know it worked", "Whom to call"];

    [TestCaseSource(nameof(Pages))]
    public void Should_have_the_same_heads_as_every_other(string page)
    {
        var parts = Runbook.Read(page).Split("\n## ").Skip(1).ToDictionary(part => part.Split('\n')[0], part => part.Split('\n', 2)[1].Trim());
        Assert.That(parts.Keys.Intersect(_heads), Is.EqualTo(_heads), "in this order");
        Assert.That(_heads.Where(head => parts[head].Length < 40), Is.Empty, "says something");
    }

    [TestCaseSource(nameof(Codes))]
    public void Should_say_of_every_alert_what_it_means_and_what_is_safe(string code)
    {
        var page = Runbook.Read(AlertCode.Runbooks[code]);
        var rows = page.Split('\n').Where(line => line.StartsWith('|')).Select(line => line.Trim('|').Split(" | ")).Where(cells => cells[0].Contains($"`{code}`", StringComparison.Ordinal)).ToList();
        if (rows.Count == 0)
        {
            Assert.That(Part(page, "Symptom"), Does.Contain($"`{code}`"), "the page as a whole is about it, or a row of its own");
            return;
        }

        Assert.That(rows.Where(cells => cells.Length < 3 || cells.Skip(1).Any(string.IsNullOrWhiteSpace)), Is.Empty, "what it means, and what is safe or that nothing has to be done");
    }

    [Test]
    public void Should_be_found_by_the_code_of_the_alert()
    {
        var listed = Runbook.Read(Index).Split('\n').Where(line => line.StartsWith("| `", StringComparison.Ordinal)).ToList();
        Assert.That(listed, Is.EqualTo(Codes().Select(code => $"| `{code}` | [{AlertCode.Runbooks[code]}]({AlertCode.Runbooks[code]}.md) |")), "one line per code, in the order of their letters");
    }

    private static string Part(string page, string head) => page.Split("\n## ").Single(part => part.StartsWith(head, StringComparison.Ordinal));

    private static IEnumerable<string> Codes() => AlertCode.Runbooks.Keys.Order(StringComparer.Ordinal);

    private static IEnumerable<string> Pages() => Directory.GetFiles(Runbook.Folder, "*.md").Select(file => Path.GetFileNameWithoutExtension(file)).Where(page => page != Index).Order(StringComparer.Ordinal);
}

using System.Text.RegularExpressions;

namespace Architecture.Tests.Repository;

/// <summary>Files move; a page that leads nowhere helps nobody.</summary>
public sealed partial class When_documents_link_to_files
{
    [Test]
    public void Should_lead_to_something_that_is_there() =>
        Assert.That(from document in Tree.Files where IsPage(document) from target in Targets(document) where !Exists(document, target) select $"{document}: {target}", Is.Empty);

    [Test]
    public void Should_call_a_file_in_the_tour_by_its_own_name() =>
        Assert.That(
            from link in Named().Matches(Tree.Read("Hub/Docs/tour.md"))
            let name = Path.GetFileName(link.Groups[2].Value)
            where name.EndsWith(".cs", StringComparison.Ordinal) && name != $"{link.Groups[1].Value}.cs" && link.Groups[1].Value != "Completed"
            select link.Value,
            Is.Empty);

    [Test]
    public void Should_find_links_to_look_at() => Assert.That(Targets("Hub/Docs/tour.md").Count(), Is.GreaterThan(30));

    [Test]
    public void Should_name_every_room_and_no_other_in_the_map()
    {
        var row = Tree.Read("README.md").Split('\n').Single(line => line.StartsWith("| [`Hub/`]", StringComparison.Ordinal));
        Assert.That(
            Word().Matches(row).Select(word => word.Groups[1].Value),
            Is.EquivalentTo(Tree.Files.Select(path => path.Split('/')).Where(steps => steps is ["Hub", _, _, ..]).Select(steps => steps[1]).Distinct()));
    }

    private static bool IsPage(string path) => path is "README.md" or ".github/SECURITY.md" || (path.StartsWith("Hub/Docs/", StringComparison.Ordinal) && path.EndsWith(".md", StringComparison.Ordinal));

    private static IEnumerable<string> Targets(string document) => Link().Matches(Tree.Read(document))
        .Select(link => link.Groups[1].Value.Split('#')[0])
        .Where(target => target.Length > 0 && !target.Contains("://", StringComparison.Ordinal));

    private static bool Exists(string document, string target)
    {
        var path = Path.GetFullPath(Path.Combine("/", Path.GetDirectoryName(document)!, target))[1..];
        return Path.Exists(Path.Combine(Tree.Root, path));
    }

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"(?<!\[)`([A-Za-z]+)`")]
    private static partial Regex Word();

    [GeneratedRegex(@"\[`([A-Za-z]+)`\]\(([^)\s]+)\)")]
    private static partial Regex Named();
}

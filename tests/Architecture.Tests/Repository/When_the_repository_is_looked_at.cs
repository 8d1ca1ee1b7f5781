namespace Architecture.Tests.Repository;

/// <summary>Layout and hygiene of the whole tree.</summary>
public sealed class When_the_repository_is_looked_at
{
    private const int MostLines = 360; // about 350
    private const int MostLinesOfTests = 400; // fixtures carry whole answers of vendors

    private static readonly string[] _topLevel =
    [
        "BannedSymbols.txt", "Connectors", "Contracts", "Directory.Build.props", "Directory.Packages.props", "Hub", "IntegrationHub.sln", "LICENSE", "README.md",
        "Sagas", "docker-compose.yml", "global.json", "tests",
    ];

    [Test]
    public void Should_have_the_fixed_top_level() =>
        Assert.That(Tree.Files.Select(path => path.Split('/')[0]).Distinct().Where(name => name[0] != '.'), Is.EquivalentTo(_topLevel));

    [Test]
    public void Should_build_every_project()
    {
        var solution = Tree.Read("IntegrationHub.sln");
        Assert.That(Tree.Files.Where(path => path.EndsWith(".csproj", StringComparison.Ordinal) && !solution.Contains($"\"{path.Replace('/', '\\')}\"", StringComparison.Ordinal)), Is.Empty);
    }

    [Test]
    public void Should_have_no_long_file() =>
        Assert.That(
            from path in Tree.Sources()
            where !path.Contains("/Migrations/", StringComparison.Ordinal)
            let lines = Tree.Lines(path).Length
            where lines > (path.StartsWith("tests/", StringComparison.Ordinal) ? MostLinesOfTests : MostLines)
            select $"{path}: {lines} lines",
            Is.Empty);

    /// <summary>Facts, files and the database spell a decision alike because one type does.</summary>
    [TestCase("Hub/Identity/ConsentWord.cs", "\"granted\"", "\"denied\"", "'granted'", "'denied'")]
    [TestCase("Hub/Identity/StoredConsent.cs", "\"s\"u8", "GetProperty(\"s\")", "'$.s'")]
    public void Should_spell_consent_in_one_place(string place, params string[] spellings) =>
        Assert.That(
            from path in Tree.Sources("Hub/")
            where path != place
            from line in Tree.Lines(path)
            where !line.TrimStart().StartsWith("///", StringComparison.Ordinal) && spellings.Any(spelling => line.Contains(spelling, StringComparison.Ordinal))
            select $"{path}: {line.Trim()}",
            Is.Empty);

    [Test]
    public void Should_leave_nothing_for_later()
    {
        // Put together here, so that this file does not hold them.
        string[] words = ["TO" + "DO", "FIX" + "ME", "HA" + "CK:", "XX" + "X ", "<<<<" + "<<< ", ">>>>" + ">>> "];
        Assert.That(
            from path in Tree.Files
            where Path.GetExtension(path) is ".cs" or ".md" or ".yml" or ".yaml" or ".props" or ".csproj" or ""
            from line in Tree.Lines(path)
            from word in words
            where line.Contains(word, StringComparison.Ordinal)
            select $"{path}: {line.Trim()}",
            Is.Empty);
    }

    [Test]
    public void Should_publish_on_an_image_that_knows_unicode()
    {
        var image = Tree.Lines("Hub/Dockerfile").Last(line => line.StartsWith("FROM ", StringComparison.Ordinal));

        Assert.That(image, Does.Contain("dotnet/aspnet:").And.EndsWith("-chiseled-extra")); // of the images without a shell the one that has ICU and time zones
        Assert.That(Tree.Read("Hub/Dockerfile") + Tree.Read("docker-compose.yml"), Does.Not.Contain("GLOBALIZATION_INVARIANT"));
    }

    [Test]
    public void Should_keep_namespaces_equal_to_folders()
    {
        Dictionary<string, string> roots = new()
        {
            ["Contracts"] = "IntegrationHub.Contracts",
            ["Sagas"] = "IntegrationHub.Sagas",
            ["Connectors"] = "IntegrationHub.Connectors",
            ["Hub/Storage/Sqlite/Packages"] = "IntegrationHub.Storage.Sqlite.Packages",
            ["Hub/Identity"] = "IntegrationHub.Identity",
            ["Hub/Storage"] = "IntegrationHub.Storage",
            ["Hub"] = "IntegrationHub.Hub",
        };
        Assert.That(
            from path in Tree.Sources()
            where !path.StartsWith("tests/", StringComparison.Ordinal) && !path.StartsWith("Hub/Messaging/EntityFrameworkCore/", StringComparison.Ordinal)
            let declared = Tree.Lines(path).FirstOrDefault(line => line.StartsWith("namespace ", StringComparison.Ordinal))?["namespace ".Length..].TrimEnd(';')
            where declared is not null
            let root = roots.First(entry => path.StartsWith($"{entry.Key}/", StringComparison.Ordinal))
            let expected = (root.Value + Path.GetDirectoryName(path)![root.Key.Length..]).Replace('/', '.')
            where declared != expected
            select $"{path}: {declared} instead of {expected}",
            Is.Empty);
    }
}

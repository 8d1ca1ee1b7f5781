namespace Architecture.Tests.Repository;

/// <summary>The files of the repository as they lie on disk, without what a build or a run makes.</summary>
internal static class Tree
{
    private static readonly string[] _made = ["bin", "obj", "TestResults", ".git", ".vs", ".idea", "data"];

    public static string Root { get; } = FindRoot();

    /// <summary>Paths below the root with forward slashes.</summary>
    public static IReadOnlyList<string> Files { get; } = [.. Walk(Root).Select(path => Path.GetRelativePath(Root, path)).Order(StringComparer.Ordinal)];

    public static IEnumerable<string> Sources(string below = "") => Files.Where(path => path.EndsWith(".cs", StringComparison.Ordinal) && path.StartsWith(below, StringComparison.Ordinal));

    public static string Read(string path) => File.ReadAllText(Path.Combine(Root, path));

    public static string[] Lines(string path) => File.ReadAllLines(Path.Combine(Root, path));

    private static IEnumerable<string> Walk(string folder) => Directory.EnumerateFiles(folder)
        .Concat(Directory.EnumerateDirectories(folder).Where(child => !_made.Contains(Path.GetFileName(child))).SelectMany(Walk));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "IntegrationHub.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("IntegrationHub.sln was not found above the tests; run them from the repository.");
    }
}

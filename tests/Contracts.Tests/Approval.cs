namespace Contracts.Tests;

/// <summary>Compares a text with a file that a person approved by committing it.</summary>
internal static class Approval
{
    public static string Root { get; } = FindRoot();

    /// <summary>Fails with the first difference and writes what came beside the approved file, as <c>*.received.*</c>.</summary>
    /// <param name="path">The approved file, below the root.</param>
    /// <param name="received">What came.</param>
    public static void Verify(string path, string received)
    {
        received = received.ReplaceLineEndings("\n").TrimEnd('\n') + "\n";
        var approved = Path.Combine(Root, path);
        var written = Path.Combine(Path.GetDirectoryName(approved)!, $"{Path.GetFileNameWithoutExtension(approved).Replace(".approved", "", StringComparison.Ordinal)}.received.json");
        var before = File.Exists(approved) ? File.ReadAllText(approved).ReplaceLineEndings("\n") : "";
        if (before == received)
        {
            File.Delete(written);
            return;
        }
        Directory.CreateDirectory(Path.GetDirectoryName(written)!);
        File.WriteAllText(written, received);
        Assert.Fail($"{path} is not what came. If the change is meant, see what it does to messages in flight, add a line to Contracts/CHANGELOG.md and copy {Path.GetFileName(written)} over it.\n{FirstDifference(before, received)}");
    }

    private static string FirstDifference(string approved, string received)
    {
        var before = approved.Split('\n');
        var after = received.Split('\n');
        var at = Enumerable.Range(0, Math.Max(before.Length, after.Length)).First(line => line >= before.Length || line >= after.Length || before[line] != after[line]);
        var context = before.Take(at).TakeLast(3).Select(line => $"  {line}");
        return string.Join('\n', [$"line {at + 1}:", .. context, .. before.Skip(at).Take(4).Select(line => $"- {line}"), .. after.Skip(at).Take(4).Select(line => $"+ {line}")]);
    }

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "IntegrationHub.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException("IntegrationHub.sln was not found above the tests; run them from the repository.");
    }
}

using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace EndToEnd.Tests;

/// <summary>A fenced block of a guide: commands for a terminal, or what its reader writes into a file.</summary>
/// <param name="Language">How it is written; <c>bash</c> for commands.</param>
/// <param name="Place">The file that it is; with <c>into</c> before it, the file that it goes into, under the key that it begins with; <c>serve</c> for commands that go on beside the others.</param>
/// <param name="Text">What stands in it.</param>
internal sealed partial record GuideBlock(string Language, string Place, string Text)
{
    private const string Into = "into ";

    public bool IsCommands => Language == "bash";

    public bool Serves => IsCommands && Place == "serve";

    /// <summary>The guides that there are.</summary>
    public static IReadOnlyList<string> Guides { get; } = [.. Directory.GetFiles(Folder(), "*.md").Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    /// <summary>The blocks of a guide, in its order.</summary>
    public static IReadOnlyList<GuideBlock> Of(string guide) =>
        [.. Fence().Matches(File.ReadAllText(Path.Combine(Folder(), guide))).Select(block => new GuideBlock(block.Groups[1].Value, block.Groups[2].Value.Trim(), block.Groups[3].Value))];

    /// <summary>Writes the file as its reader does.</summary>
    public async Task WriteAsync(string folder)
    {
        var path = Path.Combine(folder, Place.Replace(Into, "", StringComparison.Ordinal));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!Place.StartsWith(Into, StringComparison.Ordinal))
        {
            await File.WriteAllTextAsync(path, Text);
            return;
        }

        var (lines, key) = ((await File.ReadAllLinesAsync(path)).ToList(), Text.Split('\n')[0]);
        var at = lines.IndexOf(key);
        lines.InsertRange(at < 0 ? lines.Count : at + 1, Text.TrimEnd().Split('\n')[(at < 0 ? 0 : 1)..]);
        await File.WriteAllLinesAsync(path, lines);
    }

    private static string Folder([CallerFilePath] string here = "") => Path.Combine(Path.GetDirectoryName(here)!, "../../Hub/Docs/guides");

    [GeneratedRegex(@"^```(\w*)([^\n]*)\n(.*?)^```$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Fence();
}

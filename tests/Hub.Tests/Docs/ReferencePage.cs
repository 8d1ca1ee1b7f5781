using System.Runtime.CompilerServices;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>A page below <c>Hub/Docs/reference</c> that is made from code and configuration; people read it, nobody writes it. Compiled into every test project that makes one.</summary>
internal static class ReferencePage
{
    private static string Folder => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(Here())!, "../../../Hub/Docs/reference"));

    /// <summary>Fails with the first difference, and writes what came beside the page as <c>*.received.md</c>; copy it over when the change is meant.</summary>
    public static void ShouldBe(string name, string text)
    {
        var received = $"{text.ReplaceLineEndings("\n").TrimEnd('\n')}\n";
        var page = Path.Combine(Folder, $"{name}.md");
        var written = Path.Combine(Folder, $"{name}.received.md");
        var before = File.Exists(page) ? File.ReadAllText(page).ReplaceLineEndings("\n") : "";
        File.Delete(written);
        if (before == received)
        {
            return;
        }

        File.WriteAllText(written, received);
        var (old, now) = (before.Split('\n'), received.Split('\n'));
        var at = old.Zip(now).TakeWhile(pair => pair.First == pair.Second).Count();
        Assert.Fail($"Hub/Docs/reference/{name}.md is not what code and configuration say, from line {at + 1} on:\n- {old.ElementAtOrDefault(at)}\n+ {now.ElementAtOrDefault(at)}\nLook at {name}.received.md beside it, then copy it over.");
    }

    /// <summary>A text as a cell of a table.</summary>
    public static string Cell(string? text) => (text ?? "").Replace("|", "\\|", StringComparison.Ordinal).ReplaceLineEndings(" ").Trim();

    private static string Here([CallerFilePath] string file = "") => file;
}

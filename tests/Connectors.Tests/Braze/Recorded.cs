using System.Runtime.CompilerServices;

namespace Connectors.Tests.Braze;

/// <summary>Answers in the shapes that Braze's pages and live traffic show, named by their meaning.</summary>
internal static class Recorded
{
    public static string Read(string name) => File.ReadAllText(PathOf($"{name}.json")).TrimEnd();

    public static string PathOf(string file) => Path.Combine(Folder(), "Recorded", file);

    private static string Folder([CallerFilePath] string here = "") => Path.GetDirectoryName(here)!;
}

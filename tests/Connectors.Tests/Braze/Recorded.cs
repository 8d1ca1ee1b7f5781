using System.Runtime.CompilerServices;

namespace Connectors.Tests.Braze;

/// <summary>Answers in the shapes that Braze's pages and live traffic show, named by their meaning.</summary>
internal static class Recorded
{
    public static string Read(string name, [CallerFilePath] string here = "")
        => File.ReadAllText(Path.Combine(Path.GetDirectoryName(here)!, "Recorded", $"{name}.json")).TrimEnd();
}

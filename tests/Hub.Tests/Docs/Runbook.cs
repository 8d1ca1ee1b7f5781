using System.Runtime.CompilerServices;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>The runbooks as they stand in the repository.</summary>
internal static class Runbook
{
    public static string Folder => Path.Combine(Root(), "Hub", "Docs", "runbooks");

    /// <summary>The folder of the repository.</summary>
    public static string Root([CallerFilePath] string here = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    public static string Read(string name) => File.ReadAllText(Path.Combine(Folder, name + ".md"));
}

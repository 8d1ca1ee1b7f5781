namespace IntegrationHub.Hub.Console.Layout;

/// <summary>Light or dark, as the system has it unless somebody says otherwise.</summary>
internal static class Themes
{
    /// <summary>The cookie that keeps the choice.</summary>
    public const string Cookie = "hub-theme";

    /// <summary>The choices.</summary>
    public static IReadOnlyList<string> All { get; } = ["system", "light", "dark"];
}

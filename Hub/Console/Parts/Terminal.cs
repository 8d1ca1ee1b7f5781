namespace IntegrationHub.Hub.Console.Parts;

/// <summary>Writes words for a terminal.</summary>
internal static class Terminal
{
    /// <summary>The word as a shell takes it for one, whatever characters it has.</summary>
    public static string Word(string word) => word.Length > 0 && word.All(letter => char.IsAsciiLetterOrDigit(letter) || letter is '_' or '-' or '.' or ':' or '/') ? word : $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'";
}

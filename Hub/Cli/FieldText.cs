using System.Text.Json;

namespace IntegrationHub.Hub.Cli;

/// <summary>A value for a path as it is written on the command line: <c>payload.status=denied</c>, or JSON after <c>:=</c>.</summary>
internal static class FieldText
{
    /// <exception cref="CommandLineException">It is not written so.</exception>
    public static (string Path, JsonElement Value) Read(string text)
    {
        var equals = text.IndexOf('=', StringComparison.Ordinal);
        var isJson = equals > 1 && text[equals - 1] == ':';
        try
        {
            return equals < 1
                ? throw new CommandLineException(ExitCode.Usage, $"'{text}' does not say which field gets what. Write it as payload.status=denied.")
                : isJson ? (text[..(equals - 1)], JsonElement.Parse(text[(equals + 1)..])) : (text[..equals], JsonSerializer.SerializeToElement(text[(equals + 1)..]));
        }
        catch (JsonException)
        {
            throw new CommandLineException(ExitCode.Usage, $"What follows := in --set {text[..equals]}= is no JSON. A text goes without the colon.");
        }
    }
}

using System.Text.Json.Nodes;

namespace IntegrationHub.Benchmarks;

/// <summary>One benchmark that can be asked for by name.</summary>
/// <param name="Name">The first argument of the program.</param>
/// <param name="Summary">What is measured, in one line.</param>
/// <param name="RunAsync">Measures and returns the numbers; progress goes to stderr.</param>
internal sealed record Scenario(string Name, string Summary, Func<ScenarioOptions, Task<JsonObject>> RunAsync);

/// <summary>The arguments after the scenario's name, as <c>--name value</c>.</summary>
internal sealed class ScenarioOptions(IReadOnlyDictionary<string, string> values)
{
    /// <summary>A whole number, or the default when it was not given.</summary>
    /// <exception cref="ArgumentException">The value is not a whole number.</exception>
    public int Number(string name, int otherwise) => !values.TryGetValue(name, out var text) ? otherwise
        : int.TryParse(text, out var number) ? number
        : throw new ArgumentException($"--{name} {text}: give a whole number.");

    /// <summary>A text, or the default when it was not given.</summary>
    public string Text(string name, string otherwise) => values.GetValueOrDefault(name, otherwise);

    /// <summary>Says on stderr what is going on.</summary>
    public static void Progress(string line) => Console.Error.WriteLine(line);
}

using System.Runtime.CompilerServices;
using System.Text.Json;

namespace Connectors.Tests.Marketo;

/// <summary>An answer that the vendor's pages show or that another integrator recorded, and the class that each record gets by it.</summary>
/// <param name="Source">The line of the file.</param>
/// <param name="Code">What takes the place of <c>{{code}}</c>, or null.</param>
public sealed record RecordedAnswer(JsonElement Source, string? Code)
{
    public string Id => Source.GetProperty("id").GetString()!;

    public string Operation => Source.GetProperty("operation").GetString()!;

    public string At => Source.GetProperty("at").GetString()!;

    public int Records => Source.TryGetProperty("records", out var records) ? records.GetInt32() : 1;

    public bool UpdateOnly => Source.TryGetProperty("updateOnly", out _);

    /// <summary>How often the answer is given before everything is well; without end when it is not said.</summary>
    public int Times => Source.TryGetProperty("times", out var times) ? times.GetInt32() : int.MaxValue;

    public bool IsLost => Source.TryGetProperty("lost", out _);

    public int Status => Source.TryGetProperty("status", out var status) ? status.GetInt32() : 200;

    /// <summary>The answers of other endpoints, by endpoint.</summary>
    public IReadOnlyDictionary<string, string> Also => Source.TryGetProperty("also", out var also)
        ? also.EnumerateArray().ToDictionary(one => one.GetProperty("at").GetString()!, BodyOf)
        : new Dictionary<string, string>();

    public string Body => IsLost ? "" : BodyOf(Source);

    /// <summary>The admissible classes of a record, separated by bars.</summary>
    public string Expected(int record) =>
        Source.GetProperty("expect") is { ValueKind: JsonValueKind.Array } each ? each[record].GetString()! : Source.GetProperty("expect").GetString()!;

    public override string ToString() => Code is null ? Id : $"{Id} {Code}";

    public static IEnumerable<RecordedAnswer> Read(string name, [CallerFilePath] string here = "")
    {
        foreach (var line in File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "Recorded", $"{name}.jsonl")))
        {
            var source = JsonSerializer.Deserialize<JsonElement>(line);
            string?[] codes = source.TryGetProperty("codes", out var some) ? [.. some.EnumerateArray().Select(code => code.GetString())] : [null];
            foreach (var code in codes)
            {
                yield return new RecordedAnswer(source, code);
            }
        }
    }

    private string BodyOf(JsonElement answer)
    {
        var body = answer.TryGetProperty("text", out var text) ? text.GetString()! : answer.GetProperty("body").GetRawText();
        body = body.Replace("{{code}}", Code, StringComparison.Ordinal);
        for (var i = 0; i < Records; i++)
        {
            body = body
                .Replace($"\"{{{{remote:{i}}}}}\"", $"{1001 + i}", StringComparison.Ordinal)
                .Replace($"{{{{email:{i}}}}}", $"person{i + 1}@example.test", StringComparison.Ordinal);
        }

        return body;
    }
}

using System.Text.Json;

namespace Connectors.Tests.Braze;

/// <summary>
/// An answer of Braze, as its page gives it or another integrator recorded it, and the class of outcome that each record of the request
/// should get. A line of <c>Recorded/answers.jsonl</c>.
/// </summary>
/// <param name="Line">The line.</param>
public sealed record RecordedAnswer(JsonElement Line)
{
    public string Id => Line.GetProperty("id").GetString()!;

    public string Operation => Line.GetProperty("op").GetString()!;

    /// <summary>Records in the request.</summary>
    public int Count => Line.TryGetProperty("n", out var count) ? count.GetInt32() : 1;

    /// <summary>Method and path of the endpoint that gives the answer; every other one answers well.</summary>
    public string At => Line.GetProperty("at").GetString()!;

    public int Status => Line.TryGetProperty("status", out var status) ? status.GetInt32() : 0;

    /// <summary>What prevents an answer: <c>lost</c>, <c>late</c>, <c>unreachable</c>; null when there is one.</summary>
    public string? Fault => Text("fault");

    public string MediaType => Text("type") ?? (Line.TryGetProperty("body", out _) ? "application/json" : "text/html");

    /// <summary>The body, with what stands for keys and addresses.</summary>
    public string Body => Line.TryGetProperty("body", out var body) ? body.GetRawText() : Text("text") ?? "";

    public IEnumerable<(string Name, string Value)> Headers => Line.TryGetProperty("headers", out var headers)
        ? headers.EnumerateObject().Select(header => (header.Name, header.Value.GetString()!))
        : [];

    /// <summary>The admissible classes of the record at a place.</summary>
    public string[] RightOf(int record)
    {
        var right = Line.GetProperty("right");
        return (right.ValueKind == JsonValueKind.Array ? right[record] : right).GetString()!.Split('|');
    }

    public override string ToString() => Id;

    private string? Text(string name) => Line.TryGetProperty(name, out var value) ? value.GetString() : null;
}

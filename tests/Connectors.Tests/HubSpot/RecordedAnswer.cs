using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Connectors.Tests.HubSpot;

/// <summary>
/// An answer that HubSpot's pages show or that another integrator recorded, and what must become of each record. Of <c>Recorded/answers.jsonl</c>:
/// <c>source</c> and <c>page</c> say where the fact comes from, <c>at</c> which call it answers (every other one is answered well),
/// <c>also</c> further answers, <c>is</c> the admissible classes per record.
/// </summary>
public sealed record RecordedAnswer(JsonObject Line, string Key)
{
    public string Id => (string)Line["id"]!;

    public string Operation => (string)Line["op"]!;

    public int People => (int?)Line["n"] ?? 1;

    public bool UpdateOnly => (bool?)Line["updateOnly"] ?? false;

    public bool Single => (bool?)Line["single"] ?? false;

    public string? ListId => (string?)Line["listId"];

    public string At => (string)Line["at"]!;

    public IEnumerable<string> Places => (Line["also"]?.AsArray() ?? []).Select(static also => (string)also!["at"]!).Append(At);

    public IReadOnlyDictionary<string, string> Fields
        => (Line["fields"]?.AsObject() ?? []).ToDictionary(static value => value.Key, static value => (string)value.Value!);

    public string[][] Is => [.. Line["is"]!.AsArray().Select(static classes => ((string)classes!).Split('|'))];

    /// <summary>All of them; what names no identity key is written under an e-mail and, where only writes are concerned, under a key of our own too.</summary>
    public static IEnumerable<RecordedAnswer> All([CallerFilePath] string here = "")
        => File.ReadLines(Path.Combine(Path.GetDirectoryName(here)!, "Recorded", "answers.jsonl"))
            .Select(static line => JsonNode.Parse(line)!.AsObject())
            .SelectMany(static line => Keys(line).Select(key => new RecordedAnswer(line, key)));

    public override string ToString() => $"{Id} ({Key})";

    private static string[] Keys(JsonObject line)
        => (string?)line["key"] is { } key ? [key] : (string)line["op"]! == "UpsertProfile" && !line["at"]!.ToString().EndsWith("read", StringComparison.Ordinal) ? ["email", "hub_external_id"] : ["email"];

    /// <summary>The answer to a call, or null when it is another one's; with the people's names put in.</summary>
    public (int Status, string Body)? For(string call, int calls, Func<string, int, string> name)
    {
        foreach (var answer in (Line["also"]?.AsArray() ?? []).Select(static also => also!.AsObject()).Append(Line))
        {
            if (Fill((string)answer["at"]!, name) == call && calls < ((int?)answer["times"] ?? int.MaxValue))
            {
                return ((int?)answer["status"] ?? 200, Fill(answer["body"]?.ToJsonString(new JsonSerializerOptions { Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping }) ?? (string?)answer["text"] ?? "", name));
            }
        }

        return null;
    }

    private static string Fill(string text, Func<string, int, string> name)
        => System.Text.RegularExpressions.Regex.Replace(text, @"\{\{(\w+):(\d)\}\}", match => name(match.Groups[1].Value, match.Groups[2].Value[0] - '0'));
}

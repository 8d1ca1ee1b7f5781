using System.CommandLine;
using System.Text.RegularExpressions;

namespace IntegrationHub.Hub.Tests.Docs;

/// <summary>Every call of the program that the hub's own sentences, its runbooks and its guides advise, found in their texts.</summary>
internal static partial class Advice
{
    /// <summary>An id that nobody has.</summary>
    public const string SomeId = "0197f1b2-7a3c-7d55-9a10-3f2f8c1d4e5a";

    /// <summary>A number that nobody has.</summary>
    public const string SomeNumber = "4711";

    private static readonly string _root = Runbook.Root();

    /// <summary>The texts that may advise something, with the names of their files.</summary>
    public static IReadOnlyList<(string File, string Text)> Sources { get; } =
    [
        .. new[] { "Hub", "Sagas", "Connectors" }.SelectMany(room => Directory.GetFiles(Path.Combine(_root, room), "*.cs", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(Path.Combine(_root, "Hub", "Docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.GetFiles(Path.Combine(_root, "Connectors"), "README.md", SearchOption.AllDirectories))
            .Append(Path.Combine(_root, "README.md"))
            .Where(file => !file.Contains("/obj/", StringComparison.Ordinal) && !file.Contains("/bin/", StringComparison.Ordinal) && !file.Contains("/decisions/", StringComparison.Ordinal))
            .Select(file => (Path.GetRelativePath(_root, file), File.ReadAllText(file))),
    ];

    /// <summary>The calls as they stand in the texts, with holes and words in capitals for what the reader fills in.</summary>
    public static IReadOnlyList<(string File, string Call)> Calls { get; } =
        [.. Sources.SelectMany(source => Advised().Matches(source.Text).Select(call => (source.File, Call: call.Groups[1].Value))).Distinct()];

    /// <summary>A call as a reader would fill it in, word by word.</summary>
    /// <param name="call">The call.</param>
    /// <param name="file">A file that there is.</param>
    public static string[] Fill(string call, string file)
    {
        var family = call.Split(' ')[0];
        return [.. Hole().Replace(call, hole => ValueOf(family, call, hole.Value.Trim('{', '}'), file)).Split(' ', StringSplitOptions.RemoveEmptyEntries)];
    }

    /// <summary>True for the bare name of a verb, which stands for all its calls.</summary>
    public static bool IsBare(string[] words, ParseResult parsed) => words.All(word => word.All(char.IsAsciiLetterLower)) && parsed.CommandResult.Command.Name == words[^1];

    private static string ValueOf(string family, string call, string hole, string file) => hole switch
    {
        _ when hole.Contains('?', StringComparison.Ordinal) => "",
        "FILE" => file,
        "KEY" => "email:kim@example.org",
        "LAW" => "gdpr",
        "OTHER" => "another",
        "\u2026" => "null",
        "TEXT" => "because",
        "RUN" or "runId" => SomeId,
        "COUNT" => "1",
        "POSITION" => SomeNumber,
        "TYPE" => "profile_updated",
        "TIME" => "2026-11-26T12:00:00Z",
        "HASH" => "0123456789abcdef",
        _ when hole.EndsWith("PlanHash", StringComparison.Ordinal) => "0123456789abcdef",
        _ when hole.EndsWith("Path", StringComparison.Ordinal) || hole is "PATH" || hole.StartsWith("PathOf", StringComparison.Ordinal) => "payload.status",
        _ when hole.EndsWith("udience", StringComparison.Ordinal) || hole is "AUDIENCE" => "customers",
        _ when call.Contains("--mode mirror", StringComparison.Ordinal) => "hubspot",
        _ when hole.EndsWith("estination", StringComparison.Ordinal) || hole is "DESTINATION" || (hole is "NAME" && call.Contains("destination", StringComparison.Ordinal)) => "braze",
        "VALUE" or "NAME" or "SOURCE" or "CODE" or "OPERATION" or "DE" => "some",
        _ when hole.EndsWith("Schedule", StringComparison.Ordinal) || hole.EndsWith("Name", StringComparison.Ordinal) => "some",
        "ID" when family == "identity" => "some",
        _ when family is "deadletters" or "alerts" => SomeNumber,
        _ => SomeId,
    };

    [GeneratedRegex(@"['`]((?:sync|backfill|reconcile|erase|schedules|alerts|snapshots|deadletters|quarantine|identity|destinations|sources|approvals|keys|audit|validate|demo|migrate|health|map|status|events|consent|policy|catalog|violations|canaries)(?: (?:\{[^{}]*(?:\([^()]*\))?[^{}]*\}|[^'`{}\r\n])+)?)['`]")]
    private static partial Regex Advised();

    [GeneratedRegex(@"\{[^{}]*\}|\b[A-Z]{2,}\b|\u2026")]
    private static partial Regex Hole();
}

using System.Diagnostics;
using System.Net;
using System.Text.Json;
using System.Text.Json.Nodes;
using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Diagnosis;
using IntegrationHub.TestServers;
using HubCommandLine = IntegrationHub.Hub.Cli.CommandLine;

namespace IntegrationHub.Benchmarks.Diagnosis;

/// <summary>
/// When a hub names what and until when: from the trouble until it is named, whether that was in time, whether API, terminal, console and the run itself say it with one sentence; and from the cure
/// until nobody speaks of it any more.
/// </summary>
internal sealed class Sightings
{
    private static readonly TimeSpan _promised = TimeSpan.FromSeconds(60);
    /// <summary>Sentences hold times that move on between two questions.</summary>
    private static readonly TimeSpan _agreement = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan _longestCure = TimeSpan.FromMinutes(5);
    /// <summary>Looks that end with 1 while there is something to see.</summary>
    private static readonly string[] _looks = ["status", "reconcile show "];
    private readonly JsonObject _table = [];
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private readonly HashSet<string> _unexplained = new(StringComparer.Ordinal);
    private readonly List<string> _wrong = [];

    /// <summary>A line per diagnosis: seconds, right or wrong, what was said of it before, where it was shown, and how soon it was over.</summary>
    public JsonObject Table
    {
        get
        {
            _table["all were named rightly within 60 s"] = _wrong.Count == 0;
            _table["wrong"] = new JsonArray([.. _wrong.Select(one => (JsonNode)one)]);
            return _table;
        }
    }

    /// <summary>The codes that were named rightly.</summary>
    public IReadOnlySet<string> Named => _named;

    /// <summary>Waits until a hub has named everything, the same wherever it says it.</summary>
    /// <param name="hub">Whom to ask.</param>
    /// <param name="since">When the trouble began.</param>
    /// <param name="awaited">The diagnoses; of each what it is about, or null for anything.</param>
    /// <returns>What the API said of each of them, in their order; undefined for one that was not named.</returns>
    public async Task<IReadOnlyList<JsonElement>> OfAsync(HubProcess hub, Stopwatch since, params (string Code, string? Subject)[] awaited)
    {
        var before = awaited.ToDictionary(one => one, _ => new List<string>());
        var found = new Dictionary<(string Code, string? Subject), JsonElement>();
        var left = awaited.ToList();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            var said = await AskAsync(hub) ?? [];
            foreach (var one in left.ToList())
            {
                var about = said.Where(diagnosis => one.Subject is null ? Text(diagnosis, "code") == one.Code : Text(diagnosis, "subject") == one.Subject).ToList();
                if (about.Find(diagnosis => Text(diagnosis, "code") == one.Code) is { ValueKind: JsonValueKind.Object } named)
                {
                    found[one] = named;
                    Note(one.Code, since.Elapsed, isNamed: true, before[one]);
                    left.Remove(one);
                }
                else if (since.Elapsed > 2 * _promised)
                {
                    Note(one.Code, since.Elapsed, isNamed: false, before[one]);
                    left.Remove(one);
                }
                else
                {
                    before[one].AddRange(about.Select(diagnosis => Text(diagnosis, "code")).Except(before[one]));
                }
            }
        }
        while (left.Count > 0 && await timer.WaitForNextTickAsync());
        foreach (var one in found.Keys)
        {
            await AgreeAsync(hub, one);
        }

        return [.. awaited.Select(one => found.GetValueOrDefault(one))];
    }

    /// <summary>Waits until a hub does not speak of something any more, whatever else it then says.</summary>
    /// <param name="hub">Whom to ask.</param>
    /// <param name="since">When it was mended.</param>
    /// <param name="code">The diagnosis.</param>
    /// <param name="subject">What it was about; null for anything.</param>
    public async Task OverAsync(HubProcess hub, Stopwatch since, string code, string? subject)
    {
        var isOver = false;
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(50));
        do
        {
            isOver = await AskAsync(hub) is { } said && !said.Exists(diagnosis => Text(diagnosis, "code") == code && (subject is null || Text(diagnosis, "subject") == subject));
        }
        while (!isOver && since.Elapsed < _longestCure && await timer.WaitForNextTickAsync());
        Add(code, FormattableString.Invariant($"; {(isOver ? "over" : "not over")} {since.Elapsed.TotalSeconds:0.0} s after the cure"));
        if (!isOver)
        {
            _wrong.Add($"{code} of {subject} was not over");
        }
    }

    /// <summary>What a verb of the terminal does and writes.</summary>
    public static async Task<(int Code, string Out)> CallAsync(HubProcess hub, params string[] verb)
    {
        using StringWriter output = new(), error = new();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<IntegrationHub.Hub.Configuration.ConfigurationError>>([]) };
        var code = await HubCommandLine.RunAsync([.. verb, "--hub", hub.Http.BaseAddress!.ToString()], verbs, new Terminal { Out = output, Error = error });
        return (code, output.ToString() is { Length: > 0 } said ? said : error.ToString());
    }

    /// <summary>An act did not come to its end.</summary>
    public void Broke(string act, Exception why)
    {
        _wrong.Add($"{act} broke: {why.Message}");
        ScenarioOptions.Progress($"{act} broke: {why}");
    }

    /// <summary>Gives the command that a diagnosis advises; it has to be possible.</summary>
    public async Task FollowAsync(HubProcess hub, JsonElement named)
    {
        if (named.ValueKind == JsonValueKind.Object && named.GetProperty("action").GetString() is { } action)
        {
            var (code, said) = await CallAsync(hub, action.Split(' '));
            if (code != 0 && !(code == 1 && _looks.Any(look => action.StartsWith(look, StringComparison.Ordinal))))
            {
                _wrong.Add($"'{action}' ended with {code}: {said}");
            }
        }
    }

    /// <summary>Who says it with another sentence, or not at all.</summary>
    private async Task AgreeAsync(HubProcess hub, (string Code, string? Subject) awaited)
    {
        var since = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        (string Where, string? Missing) look;
        do
        {
            look = await LookAsync(hub, awaited);
        }
        while (look.Missing is not null && since.Elapsed < _agreement && await timer.WaitForNextTickAsync());
        Add(awaited.Code, $", {look.Where}");
        if (look.Missing is not null)
        {
            _wrong.Add($"{awaited.Code}: {look.Missing}");
        }
    }

    private async Task<(string Where, string? Missing)> LookAsync(HubProcess hub, (string Code, string? Subject) awaited)
    {
        var named = (await AskAsync(hub) ?? []).Find(one => Text(one, "code") == awaited.Code && (awaited.Subject is null || Text(one, "subject") == awaited.Subject));
        if (named.ValueKind != JsonValueKind.Object)
        {
            return ("gone before others were asked", null);
        }

        var (sentence, subject, kind) = (Text(named, "sentence"), Text(named, "subject"), Text(named, "kind"));
        if (awaited.Code == DiagnosisCode.DatabaseUnreachable)
        {
            return (await CallAsync(hub, "status")).Out.Contains(sentence, StringComparison.Ordinal) ? ("in API and terminal", null) : ("in the API", "the terminal does not say it");
        }

        if (!(await CallAsync(hub, "status")).Out.Contains(sentence, StringComparison.Ordinal))
        {
            return ("in the API", "the terminal does not say it");
        }

        if (kind is "run" or "reconciliation" or "backfill" or "rollback" && await PageAsync(hub, $"/v1/runs/{subject}") is { } run && !run.Contains(sentence, StringComparison.Ordinal)
            && JsonDocument.Parse(run).RootElement.GetProperty("waiting_for").GetString() != sentence)
        {
            return ("in API and terminal", $"the run says {JsonDocument.Parse(run).RootElement.GetProperty("waiting_for")}");
        }

        foreach (var page in new[] { kind is "run" or "reconciliation" or "backfill" or "rollback" ? $"/runs/{subject}" : kind == "erasure" ? $"/erasures/{subject}" : "/", "/", "/alerts" })
        {
            if (await PageAsync(hub, page) is { } text && WebUtility.HtmlDecode(text).Contains(sentence, StringComparison.Ordinal))
            {
                return ("in API, terminal and console", null);
            }
        }

        return ("in API and terminal, on no page looked at", null);
    }

    private static async Task<string?> PageAsync(HubProcess hub, string path)
    {
        using var answer = await hub.Http.GetAsync(path);
        return answer.IsSuccessStatusCode ? await answer.Content.ReadAsStringAsync() : null;
    }

    /// <summary>All that it says; null while it does not answer, as when it changes over to another configuration.</summary>
    private async Task<List<JsonElement>?> AskAsync(HubProcess hub)
    {
        try
        {
            var said = (await hub.GetAsync("/v1/diagnoses")).GetProperty("items").EnumerateArray().ToList();
            foreach (var unknown in said.Where(one => Text(one, "code") == DiagnosisCode.Unknown && _unexplained.Add(Text(one, "subject"))))
            {
                _wrong.Add($"nothing explains {unknown}");
            }

            return said;
        }
        catch (Exception exception) when (exception is HttpRequestException or InvalidOperationException)
        {
            return null;
        }
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? "";

    private void Note(string code, TimeSpan took, bool isNamed, List<string> before)
    {
        var isRight = isNamed && took <= _promised;
        _ = isRight ? _named.Add(code) : false;
        if (!isRight)
        {
            _wrong.Add(FormattableString.Invariant($"{code} {(isNamed ? "was named after" : "was not named within")} {took.TotalSeconds:0} s"));
        }

        Add(code, FormattableString.Invariant($"{took.TotalSeconds,6:0.0} s {(isRight ? "right" : "wrong")}{(before.Count == 0 ? "" : $", after {string.Join(", ", before)}")}"));
    }

    private void Add(string code, string words)
    {
        _table[code] = _table.TryGetPropertyValue(code, out var line) ? $"{line}{(char.IsLetterOrDigit(words.TrimStart()[0]) ? " | " : "")}{words}" : words;
        ScenarioOptions.Progress($"{code,-24}{words}");
    }
}

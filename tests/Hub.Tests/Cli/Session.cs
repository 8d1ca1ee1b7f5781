using IntegrationHub.Hub.Cli;
using IntegrationHub.Hub.Configuration;

namespace Hub.Tests.Cli;

/// <summary>One call of the command line, its output caught.</summary>
internal sealed class Session
{
    public const string Run = "11111111-2222-3333-4444-555555555555";

    private readonly StringWriter _out = new();
    private readonly StringWriter _error = new();

    public ScriptedHub Hub { get; } = new();

    public Dictionary<string, string> Variables { get; } = [];

    public List<string> Host { get; } = [];

    public Func<DemoRequest, Action<RunProgress>, Func<DemoResult, Task>, Task> Demo { get; set; } = (_, _, _) => Task.CompletedTask;

    public IReadOnlyList<ConfigurationError> ConfigurationErrors { get; set; } = [];

    /// <summary>What a person at the terminal types; null for a script.</summary>
    public string? Typed { get; set; }

    public string Out => _out.ToString();

    public string Error => _error.ToString();

    public Task<int> CallAsync(params string[] args) => CommandLine.RunAsync(
        args,
        new HostVerbs
        {
            Serve = (settings, _) =>
            {
                Host.Add($"serve {string.Join(' ', settings)}".TrimEnd());
                return Task.CompletedTask;
            },
            Demo = (request, report, finished, _) => Demo(request, report, finished),
            Validate = (settings, _) =>
            {
                Host.Add($"validate {string.Join(' ', settings)}".TrimEnd());
                return Task.FromResult(ConfigurationErrors);
            },
        },
        new Terminal { Out = _out, Error = _error, Transport = Hub, Variable = Variables.GetValueOrDefault, In = Typed is null ? null : new StringReader(Typed) });

    /// <summary>A run as the API shows it.</summary>
    public static string RunJson(string state = "Completed", long planned = 10, long pending = 0, string id = Run, string more = "") =>
        $$"""
        {"run_id":"{{id}}","kind":"audience_sync","state":"{{state}}","audience":"customers","destination":"braze","mode":"full","requested_at":"2026-01-02T03:04:05Z",
        "finished_at":{{(state.StartsWith("Completed", StringComparison.Ordinal) || state is "Failed" or "Canceled" ? "\"2026-01-02T03:05:05Z\"" : "null")}},"waiting_for":null,
        "counts":{"planned":{{planned}},"delivered":{{planned - pending}},"unchanged":0,"suppressed":0,"rejected":0,"dead_lettered":0,"pending":{{pending}}},
        "reasons":[{"outcome":"suppressed","code":"consent_unknown","count":3}],"verification":{"expected":10,"found":10,"missing":0,"unexpected":0}{{more}}}
        """;

    /// <summary>A list as the API shows it: all of it, or with where it goes on.</summary>
    public static string List(string items, string? next = null, int count = 1) => $$"""{"items":[{{items}}],"next":{{(next is null ? "null" : $"\"{next}\"")}},"count":{{count}},"count_capped":false}""";

    public static string Problem(int status, string detail, string more = "") => $$"""{"type":"urn:integrationhub:problem:x","status":{{status}},"detail":"{{detail}}"{{more}}}""";
}

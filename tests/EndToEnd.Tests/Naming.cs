using System.Text.Json;
using IntegrationHub.Hub.Cli;
using IntegrationHub.TestServers;

namespace EndToEnd.Tests;

/// <summary>What a hub says of what stands still, wherever it says it: at the API, in the terminal, of the run, and to whoever is told of alerts.</summary>
/// <param name="hub">Whom to ask.</param>
/// <param name="receiver">Who is told of alerts.</param>
internal sealed class Naming(HubProcess hub, Receiver receiver)
{
    /// <summary>What a verb of the terminal writes.</summary>
    public async Task<(int Code, string Out)> CallAsync(params string[] verb)
    {
        using StringWriter output = new(), error = new();
        var verbs = new HostVerbs { Serve = (_, _) => Task.CompletedTask, Demo = (_, _, _, _) => Task.CompletedTask, Validate = (_, _) => Task.FromResult<IReadOnlyList<IntegrationHub.Hub.Configuration.ConfigurationError>>([]) };
        var code = await CommandLine.RunAsync([.. verb, "--hub", hub.Http.BaseAddress!.ToString()], verbs, new Terminal { Out = output, Error = error });
        return (code, output.ToString());
    }

    /// <summary>Gives a command as the hub advised it; it has to be possible.</summary>
    public async Task DoAsync(JsonElement named) => Assert.That((await CallAsync(named.GetProperty("action").GetString()!.Split(' '))).Code, Is.Zero, named.ToString());

    /// <summary>Waits until the hub names a diagnosis, with the same sentence everywhere.</summary>
    /// <param name="code">The diagnosis.</param>
    /// <param name="isAlarm">Whether somebody is told of it.</param>
    /// <param name="run">The run that it is about, or null.</param>
    /// <param name="subject">What else it is about, or null.</param>
    public async Task<JsonElement> OfAsync(string code, bool isAlarm, Guid? run = null, string? subject = null)
    {
        var (named, _) = await Poll.For(() => LookAsync(code, isAlarm, run, subject ?? run?.ToString()), look => look.Missing is null, $"{code} to be named everywhere");
        return named;
    }

    private async Task<(JsonElement Named, string? Missing)> LookAsync(string code, bool isAlarm, Guid? run, string? subject)
    {
        var all = (await hub.GetAsync("/v1/diagnoses")).GetProperty("items");
        var named = all.EnumerateArray().FirstOrDefault(one => Text(one, "code") == code && (subject is null || Text(one, "subject") == subject));
        return named.ValueKind == JsonValueKind.Undefined ? (named, $"the diagnoses are {all}") : (named, await WhoDoesNotSayAsync(code, Text(named, "sentence")!, isAlarm, run));
    }

    /// <summary>Who does not say the sentence yet; null when all do.</summary>
    private async Task<string?> WhoDoesNotSayAsync(string code, string sentence, bool isAlarm, Guid? run)
    {
        if ((await CallAsync("status")).Out is var status && !status.Contains(sentence, StringComparison.Ordinal))
        {
            return $"status says {status}";
        }

        if (run is { } id && await hub.GetAsync($"/v1/runs/{id}") is var shown && (Text(shown, "waiting_code"), Text(shown, "waiting_for")) != (code, sentence))
        {
            return $"the run is {shown}";
        }

        if (run is not null && (await CallAsync("sync", "show", run.Value.ToString(), "--json")).Out is var terminal && Text(JsonDocument.Parse(terminal).RootElement, "waiting_for") != sentence)
        {
            return $"sync show says {terminal}";
        }

        return !isAlarm ? null
            : await hub.GetAsync("/v1/alerts") is var alerts && !alerts.GetProperty("items").EnumerateArray().Any(alert => Text(alert, "code") == code && Text(alert, "sentence") == sentence) ? $"the alerts are {alerts}"
            : !receiver.Calls.Any(call => call.Body.Contains($": {code}*", StringComparison.Ordinal)) ? "nobody was told"
            : null;
    }

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.GetString() : null;
}

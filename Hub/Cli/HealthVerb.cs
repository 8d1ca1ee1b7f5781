namespace IntegrationHub.Hub.Cli;

/// <summary>
/// <c>health</c>: whether a hub is ready, for whoever watches a container that has no shell. It ends with 0 or 1 and nothing else, since container engines keep 2 for themselves, and never waits longer
/// than a moment.
/// </summary>
internal static class HealthVerb
{
    private const string Urls = "Hub__Urls";
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(4);

    public static Verb Build(Terminal terminal)
    {
        var hub = HubOption.Create();
        hub.Description = $"Address of the hub; HUB_URL, the first address of {Urls}, or http://localhost:8080 when absent.";
        return new Verb("health", "Ask a hub whether it is ready: 0 when it is, 1 when it is not or does not answer.", "health", "health --hub http://localhost:9090 --json")
        { Options = { hub } }
        .Does(
            async (call, cancellationToken) =>
            {
                var trouble = await TroubleAsync(call.Terminal, hub.Find(call) ?? Own(call.Terminal), cancellationToken);
                if (call.Json)
                {
                    call.Write(new { ready = trouble is null, trouble });
                }
                else
                {
                    call.Terminal.Out.WriteLine(trouble ?? "ready");
                }

                return trouble is null ? ExitCode.Done : ExitCode.Issues;
            },
            terminal);
    }

    private static Uri Own(Terminal terminal) => HubAddress.Of((terminal.Variable(Urls) ?? HubOption.Default).Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));

    /// <summary>What is wrong, or null.</summary>
    private static async Task<string?> TroubleAsync(Terminal terminal, Uri hub, CancellationToken cancellationToken)
    {
        using var http = terminal.Transport is { } transport ? new HttpClient(transport, disposeHandler: false) : new HttpClient();
        http.Timeout = _patience;
        try
        {
            using var answer = await http.GetAsync(new Uri(hub, "/healthz/ready"), cancellationToken);
            return answer.IsSuccessStatusCode ? null : $"The hub at {hub} is not ready ({(int)answer.StatusCode}): {await answer.Content.ReadAsStringAsync(cancellationToken)}";
        }
        catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return $"No hub answers at {hub} within {_patience.TotalSeconds:0} seconds.";
        }
    }
}

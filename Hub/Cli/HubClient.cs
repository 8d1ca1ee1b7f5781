using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using IntegrationHub.Hub.Security;

namespace IntegrationHub.Hub.Cli;

/// <summary>The API of a running hub, as the terminal uses it. Answers stay JSON, so that <c>--json</c> shows what the hub said.</summary>
/// <remarks>Every trouble becomes a <see cref="CommandLineException"/> that says what to do.</remarks>
internal sealed class HubClient : IDisposable
{
    private const string KeyVariable = "HUB_API_KEY";

    private const int LongestPage = 1_000;

    private const int MostAttempts = 3;

    private const string JsonLines = "application/x-ndjson";

    private readonly HttpClient _http;
    private readonly TimeProvider _time;

    /// <param name="terminal">Transport and environment.</param>
    /// <param name="hub">Address of the hub.</param>
    public HubClient(Terminal terminal, Uri hub)
    {
        _http = terminal.Transport is { } transport ? new HttpClient(transport, disposeHandler: false) : new HttpClient();
        _time = terminal.Time;
        _http.BaseAddress = hub;
        _http.Timeout = Timeout.InfiniteTimeSpan;
        _http.DefaultRequestHeaders.UserAgent.Add(new ProductInfoHeaderValue("integrationhub-cli", "1"));
        if (terminal.Variable(KeyVariable) is { Length: > 0 } key)
        {
            _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);
        }
    }

    /// <param name="path">Path with query below the hub's address.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<JsonElement> GetAsync(string path, CancellationToken cancellationToken) => Parse(await GetTextAsync(path, cancellationToken));

    /// <summary>Reads what is no JSON.</summary>
    /// <param name="path">Path with query below the hub's address.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public async Task<string> GetTextAsync(string path, CancellationToken cancellationToken)
    {
        for (var attempt = 1; ; attempt++)
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, path);
            using var response = await ReachAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return body;
            }

            if (attempt == MostAttempts || !IsBusy(response.StatusCode, body) || response.Headers.RetryAfter?.Delta is not { } wait)
            {
                throw Refused(response.StatusCode, body);
            }

            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    /// <summary>Where the console shows something.</summary>
    /// <param name="path">Path of the page.</param>
    public Uri Page(string path) => new(_http.BaseAddress!, path);

    /// <summary>Reads a list, page by page, until there is as much as was asked for.</summary>
    /// <param name="path">Path below the hub's address.</param>
    /// <param name="query">Parameters of the list; those without a value are left out.</param>
    /// <param name="ask">Where to begin, and most items; 0 for all of them, null for a list that comes whole.</param>
    /// <param name="cancellationToken">Ends the calls.</param>
    /// <exception cref="CommandLineException">The hub answers no list.</exception>
    public async Task<HubList> ListAsync(string path, IEnumerable<(string Name, string? Value)> query, (string? After, int Limit)? ask, CancellationToken cancellationToken)
    {
        (string, string?)[] filter = [.. query];
        var (after, items, first) = (ask?.After, new List<JsonElement>(), (JsonElement?)null);
        while (true)
        {
            var limit = ask is not { } asked ? (int?)null : asked.Limit == 0 ? LongestPage : asked.Limit - items.Count;
            var page = await GetAsync($"{path}{Query.Of([.. filter, ("after", after), ("limit", limit?.ToString(CultureInfo.InvariantCulture))])}", cancellationToken);
            if (page.ValueKind != JsonValueKind.Object || !page.TryGetProperty("items", out var found) || found.ValueKind != JsonValueKind.Array)
            {
                throw new CommandLineException(ExitCode.Failed, $"What answers at {_http.BaseAddress} gives no list at {path}: it is no hub, or one of another version than this program. Check --hub or HUB_URL.");
            }

            first ??= page;
            items.AddRange(found.EnumerateArray());
            after = Text(page, "next");
            if (after is null || ask is not { } most || (most.Limit > 0 && items.Count >= most.Limit))
            {
                return new HubList(first.Value, items, after);
            }
        }
    }

    /// <param name="path">Path below the hub's address.</param>
    /// <param name="body">What to send as JSON, or null.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<JsonElement> PostAsync(string path, object? body, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        request.Headers.Add(CommandGate.Header, MassTransit.NewId.NextGuid().ToString()); // whatever carries the call may repeat it; the hub does it once
        return SendAsync(request, cancellationToken);
    }

    /// <param name="path">Path below the hub's address.</param>
    /// <param name="body">What to send as JSON, or null.</param>
    /// <param name="key">The same call with the same key is done once; null for none.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public Task<JsonElement> PostAsync(string path, object? body, string? key, CancellationToken cancellationToken)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = body is null ? null : JsonContent.Create(body) };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        return SendAsync(request, cancellationToken);
    }

    /// <summary>Posts what takes a while; the hub answers in lines of JSON, of which the last is the answer.</summary>
    /// <param name="path">Path below the hub's address.</param>
    /// <param name="body">What to send as JSON.</param>
    /// <param name="before">Told of each line before the last.</param>
    /// <param name="cancellationToken">Ends the call, and the work at the hub with it.</param>
    public async Task<JsonElement> PostForLinesAsync(string path, object body, Action<JsonElement> before, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        request.Headers.Accept.ParseAdd(JsonLines);
        using var response = await ReachAsync(request, cancellationToken);
        if (!response.IsSuccessStatusCode)
        {
            throw Refused(response.StatusCode, await response.Content.ReadAsStringAsync(cancellationToken));
        }

        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        JsonElement? last = null;
        while (await lines.ReadLineAsync(cancellationToken) is { } line)
        {
            if (last is { } earlier)
            {
                before(earlier);
            }

            last = Parse(line);
        }

        return last ?? throw new CommandLineException(ExitCode.Failed, $"The hub at {_http.BaseAddress} ended without an answer. Ask again; its log says why.");
    }

    /// <summary>Streams a list of an audience's members to the hub.</summary>
    /// <exception cref="CommandLineException">There is no such file, or the hub refused it.</exception>
    public Task<JsonElement> LoadSnapshotAsync(string audience, string file, string kind, string? source, CancellationToken cancellationToken) =>
        LoadFileAsync($"/v1/audiences/{Uri.EscapeDataString(audience)}/snapshots?kind={kind}{(source is null ? "" : $"&source={Uri.EscapeDataString(source)}")}", file, cancellationToken);

    /// <summary>Streams a list to the hub.</summary>
    /// <param name="path">Path with query below the hub's address.</param>
    /// <param name="file">CSV or JSON lines.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CommandLineException">There is no such file, or the hub refused it.</exception>
    public async Task<JsonElement> LoadFileAsync(string path, string file, CancellationToken cancellationToken)
    {
        var mediaType = Path.GetExtension(file).ToUpperInvariant() switch
        {
            ".NDJSON" or ".JSONL" or ".JSON" => JsonLines,
            _ => "text/csv", // The hub looks at the file itself and says what it is.
        };
        if (!File.Exists(file))
        {
            throw new CommandLineException(ExitCode.Usage, $"There is no file '{file}'.");
        }

        await using var content = File.OpenRead(file);
        var request = new HttpRequestMessage(HttpMethod.Post, path)
        {
            Content = new StreamContent(content) { Headers = { ContentType = new MediaTypeHeaderValue(mediaType) } },
        };
        // A header holds ASCII only; the name is shown in errors.
        request.Headers.TryAddWithoutValidation("X-File-Name", Uri.EscapeDataString(Path.GetFileName(file)));
        return await SendAsync(request, cancellationToken);
    }

    /// <summary>Sends facts, and waits as long as the hub asks for when it has enough to do.</summary>
    /// <param name="facts">One JSON value, or JSON lines.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <exception cref="CommandLineException">The hub refused it.</exception>
    public async Task<JsonElement> SendFactsAsync((ReadOnlyMemory<byte> Body, bool IsLines) facts, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/events")
            {
                Content = new ReadOnlyMemoryContent(facts.Body) { Headers = { ContentType = new MediaTypeHeaderValue(facts.IsLines ? JsonLines : "application/json") } },
            };
            using var response = await ReachAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return Parse(body);
            }

            if (response.StatusCode != HttpStatusCode.TooManyRequests || response.Headers.RetryAfter?.Delta is not { } wait)
            {
                throw Refused(response.StatusCode, body);
            }

            await Task.Delay(wait, _time, cancellationToken);
        }
    }

    public void Dispose() => _http.Dispose();

    private async Task<JsonElement> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        using (request)
        {
            using var response = await ReachAsync(request, cancellationToken);
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            return response.IsSuccessStatusCode ? Parse(body) : throw Refused(response.StatusCode, body);
        }
    }

    private async Task<HttpResponseMessage> ReachAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        try
        {
            return await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        }
        catch (HttpRequestException exception)
        {
            throw new CommandLineException(
                ExitCode.Failed,
                $"No hub answers at {_http.BaseAddress} ({exception.HttpRequestError}). Start one with 'dotnet run --project Hub', or name another with --hub or HUB_URL.");
        }
    }

    private JsonElement Parse(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new CommandLineException(ExitCode.Failed, $"What answers at {_http.BaseAddress} is not a hub: its answer is not JSON. Check --hub or HUB_URL.");
        }
    }

    private static CommandLineException Refused(HttpStatusCode status, string body)
    {
        var problem = Problem(body);
        return status switch
        {
            HttpStatusCode.Unauthorized => new CommandLineException(ExitCode.Usage, $"The hub wants an API key. Set {KeyVariable} to yours. {problem}".TrimEnd()),
            >= HttpStatusCode.InternalServerError => new CommandLineException(ExitCode.Failed, $"The hub failed ({(int)status}). {problem ?? "Its log says why."}"),
            HttpStatusCode.Conflict => new CommandLineException(ExitCode.Failed, problem ?? "The hub refused it: something else is under way (409)."),
            _ => new CommandLineException(ExitCode.Usage, problem ?? $"The hub refused the call ({(int)status})."),
        };
    }

    /// <summary>Others read so much at the moment, or this program did: the same call is answered a little later. What is too large by itself is not.</summary>
    private static bool IsBusy(HttpStatusCode status, string body) =>
        status == HttpStatusCode.TooManyRequests || (status == HttpStatusCode.ServiceUnavailable && body.Contains(":problem:reads-busy\"", StringComparison.Ordinal));

    private static string? Problem(string body)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            var root = document.RootElement;
            var text = Text(root, "detail") ?? Text(root, "title");
            var place = string.Join(':', new[] { Text(root, "file"), Text(root, "line") }.OfType<string>());
            return place.Length == 0 ? text : $"{place}: {text}";
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string? Text(JsonElement element, string name) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var value) && value.ValueKind is JsonValueKind.String or JsonValueKind.Number ? value.ToString() : null;
}

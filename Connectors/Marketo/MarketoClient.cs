using System.Buffers;
using System.Collections.Concurrent;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// The vendor's calls. Every answer, and the absence of one, is a <see cref="MarketoAnswer"/>. No value of a person ever stands in an
/// address.
/// </summary>
internal sealed partial class MarketoClient(HttpClient http, ConnectorContext context)
{
    /// <summary>
    /// The vendor gives up on a lead upsert after 90 s, on reads after 60 s and on the rest after 30 s; giving up before it would leave
    /// the outcome unknown.
    /// </summary>
    private static readonly TimeSpan UpsertPatience = TimeSpan.FromSeconds(95), ReadPatience = TimeSpan.FromSeconds(65), Patience = TimeSpan.FromSeconds(35);

    private static readonly TimeSpan DefaultCallTimeout = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ILogger _log = context.Loggers.CreateLogger<MarketoClient>();
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];

    public Task<MarketoAnswer> SyncLeadsAsync(Action<IBufferWriter<byte>> write, CancellationToken cancellationToken) =>
        SendJsonAsync(HttpMethod.Post, MarketoApiVersion.Leads, write, UpsertPatience, cancellationToken);

    public Task<MarketoAnswer> AddToListAsync(string listId, Action<IBufferWriter<byte>> write, CancellationToken cancellationToken) =>
        SendJsonAsync(HttpMethod.Post, MarketoApiVersion.ListMembers(listId), write, ReadPatience, cancellationToken);

    public Task<MarketoAnswer> RemoveFromListAsync(string listId, Action<IBufferWriter<byte>> write, CancellationToken cancellationToken) =>
        SendJsonAsync(HttpMethod.Delete, MarketoApiVersion.ListMembers(listId), write, ReadPatience, cancellationToken);

    /// <summary>Finds people by a field; rows carry the field's value. A key that nobody has is simply absent.</summary>
    public async Task<MarketoAnswer> FindLeadsAsync(string field, IEnumerable<string> values, string? page, CancellationToken cancellationToken)
    {
        List<KeyValuePair<string, string>> form =
        [
            new("filterType", field), new("filterValues", string.Join(',', values)), new("fields", $"id,{field}"),
            new("batchSize", MarketoDescriptor.MaxRecords.ToString(CultureInfo.InvariantCulture)),
        ];
        if (page is not null)
        {
            form.Add(new("nextPageToken", page));
        }

        using var request = Request(HttpMethod.Post, MarketoApiVersion.QueryLeads, new FormUrlEncodedContent(form));
        var answer = await SendAsync(request, ReadPatience, field, cancellationToken);
        return answer.Failure == MarketoOutcomes.NoDataFound ? MarketoAnswer.Of([]) : answer;
    }

    public async Task<MarketoAnswer> ListMembersAsync(string listId, string field, string? page, CancellationToken cancellationToken)
    {
        var query = $"?batchSize={MarketoDescriptor.MaxRecords}&fields=id,{field}{(page is null ? "" : $"&nextPageToken={Uri.EscapeDataString(page)}")}";
        using var request = Request(HttpMethod.Get, MarketoApiVersion.ListMembers(listId) + query);
        return await SendAsync(request, ReadPatience, field, cancellationToken);
    }

    /// <summary>Finds static lists by name; rows carry the name.</summary>
    public async Task<MarketoAnswer> FindListsAsync(string name, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, $"{MarketoApiVersion.Lists}?name={Uri.EscapeDataString(name)}");
        var answer = await SendAsync(request, ReadPatience, "name", cancellationToken);
        return answer.Failure == MarketoOutcomes.NoDataFound ? MarketoAnswer.Of([]) : answer;
    }

    public async Task<MarketoAnswer> CreateListAsync(string name, long folder, string folderKind, CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Post, MarketoApiVersion.StaticLists, new FormUrlEncodedContent(
            [new("folder", $$"""{"id":{{folder}},"type":"{{folderKind}}"}"""), new("name", name)]));
        return await SendAsync(request, Patience, "name", cancellationToken);
    }

    /// <summary>The names of the fields by which people can be found, each a row.</summary>
    public async Task<MarketoAnswer> DescribeAsync(CancellationToken cancellationToken)
    {
        using var request = Request(HttpMethod.Get, MarketoApiVersion.Describe);
        return await SendAsync(request, Patience, LeadDescription.SearchableFields, cancellationToken);
    }

    private async Task<MarketoAnswer> SendJsonAsync(
        HttpMethod method, string path, Action<IBufferWriter<byte>> write, TimeSpan patience, CancellationToken cancellationToken)
    {
        var buffer = _buffers.TryTake(out var used) ? used : new ArrayBufferWriter<byte>(64 * 1024);
        write(buffer);
        if (buffer.WrittenCount > MarketoDescriptor.MaxBytes)
        {
            return MarketoAnswer.Failed(MarketoOutcomes.TooLarge);
        }

        using var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        content.Headers.ContentType = Json;
        using var request = Request(method, path, content);
        var answer = await SendAsync(request, patience, textField: null, cancellationToken);
        if (answer.Failure is null)
        {
            // After a failure the transport may still be reading the buffer, so only a completed call gives it back.
            buffer.ResetWrittenCount();
            _buffers.Add(buffer);
        }

        return answer;
    }

    private Task<MarketoAnswer> SendAsync(HttpRequestMessage request, TimeSpan patience, string? textField, CancellationToken cancellationToken) =>
        SendAsync(request, patience, bytes => MarketoAnswer.Parse(bytes, textField), cancellationToken);

    private async Task<MarketoAnswer> SendAsync(
        HttpRequestMessage request, TimeSpan patience, Func<byte[], MarketoAnswer> read, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeoutFor(patience), context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        MarketoAnswer answer;
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            answer = response.StatusCode == HttpStatusCode.OK
                ? read(await response.Content.ReadAsByteArrayAsync(either.Token))
                : MarketoAnswer.Failed($"http_{(int)response.StatusCode}", RetryAfter(response));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            answer = MarketoAnswer.Failed(MarketoOutcomes.Timeout);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            answer = MarketoAnswer.Failed(MarketoOutcomes.ConnectionFailed);
        }

        if (answer.Failure is { } code)
        {
            Log.CallFailed(_log, context.Settings.Name, request.Method.Method, MarketoOutcomes.For(code).ReasonCode);
        }

        return answer;
    }

    private HttpRequestMessage Request(HttpMethod method, string path, HttpContent? content = null) =>
        new(method, MarketoApiVersion.At(context.Settings.BaseUrl, path)) { Content = content };

    private TimeSpan TimeoutFor(TimeSpan patience) =>
        context.CallTimeout < DefaultCallTimeout || context.CallTimeout > patience ? context.CallTimeout : patience;

    private TimeSpan? RetryAfter(HttpResponseMessage response) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => TimeSpan.FromTicks(Math.Max(0, (date - context.Time.GetUtcNow()).Ticks)),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Debug, "Marketo call {Method} for {Destination} failed: {Code}")]
        public static partial void CallFailed(ILogger logger, string destination, string method, string code);
    }
}

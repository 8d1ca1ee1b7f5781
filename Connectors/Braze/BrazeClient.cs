using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Braze's REST API: paths, bodies in and out. Knows nothing of audiences and records; never retries.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The transport belongs to whoever made the connector; there is nothing else to dispose of.")]
internal sealed class BrazeClient
{
    /// <summary>Values below are seconds from now, values from here on are seconds since 1970.</summary>
    private const long FirstEpochReset = 1_000_000_000;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly HttpMessageInvoker _http;
    private readonly BrazeOptions _options;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public BrazeClient(BrazeOptions options, ConnectorContext context)
    {
        _http = new HttpMessageInvoker(new BrazeAuthHandler(options, context.Transport), disposeHandler: false);
        _options = options;
        _timeout = context.CallTimeout;
        _time = context.Time;
    }

    /// <summary>Sends attributes objects.</summary>
    public Task<BrazeAnswer<TrackAnswer>> TrackAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(BrazeApiVersion.Track, body, TrackAnswer.Parse, cancellationToken);

    /// <summary>Reads users back; <paramref name="keyField"/> is the field that tells who a user is.</summary>
    public Task<BrazeAnswer<ExportAnswer>> ExportAsync(
        ReadOnlyMemory<byte> body, string keyField, string attribute, CancellationToken cancellationToken)
        => SendAsync(BrazeApiVersion.Export, body, answer => ExportAnswer.Parse(answer, keyField, attribute), cancellationToken);

    private async Task<BrazeAnswer<T>> SendAsync<T>(
        VendorEndpoint endpoint, ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, T> parse, CancellationToken cancellationToken)
        where T : class
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), new Uri(_options.BaseUrl + endpoint.Path));
        request.Content = new ReadOnlyMemoryContent(body) { Headers = { ContentType = Json } };
        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            var bytes = await response.Content.ReadAsByteArrayAsync(either.Token);
            return new BrazeAnswer<T>((int)response.StatusCode, TryParse(bytes, parse), Wait(response.Headers));
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new BrazeAnswer<T>(BrazeAnswer.NoAnswer, null, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new BrazeAnswer<T>(BrazeAnswer.NoConnection, null, null);
        }
    }

    private static T? TryParse<T>(byte[] body, Func<ReadOnlyMemory<byte>, T> parse)
        where T : class
    {
        try
        {
            return parse(body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>How long the headers ask to wait, see https://www.braze.com/docs/api/api_limits and the track page's section on MAU contracts.</summary>
    private TimeSpan? Wait(HttpResponseHeaders headers)
    {
        if (Number(headers, "X-Ratelimit-Retry-After") is { } seconds)
        {
            return Seconds(seconds);
        }

        if (headers.RetryAfter is { } standard)
        {
            return standard.Delta ?? Later(standard.Date!.Value - _time.GetUtcNow());
        }

        return Number(headers, "X-RateLimit-Reset") switch
        {
            null => null,
            < FirstEpochReset and { } delta => Seconds(delta),
            { } epoch => Later(DateTimeOffset.UnixEpoch + Seconds(epoch) - _time.GetUtcNow()),
        };
    }

    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 100 * FirstEpochReset));

    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private static long? Number(HttpResponseHeaders headers, string name)
        => headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

/// <summary>What came of a call.</summary>
/// <param name="Status">HTTP status, or one of <see cref="BrazeAnswer"/>.</param>
/// <param name="Body">The parsed body, or null when there is none or it cannot be read.</param>
/// <param name="Wait">How long the headers ask to wait, or null.</param>
internal readonly record struct BrazeAnswer<T>(int Status, T? Body, TimeSpan? Wait)
    where T : class;

internal static class BrazeAnswer
{
    /// <summary>The time for the call was over.</summary>
    public const int NoAnswer = -1;

    /// <summary>The connection could not be made or broke.</summary>
    public const int NoConnection = -2;
}

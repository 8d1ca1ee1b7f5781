using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Braze's REST API: paths, bodies in and out, and what the headers say about limits. Knows nothing of audiences and records; never retries.</summary>
[SuppressMessage("Design", "CA1001", Justification = "The transport belongs to whoever made the connector; there is nothing else to dispose of.")]
internal sealed partial class BrazeClient
{
    /// <summary>Values below are seconds from now, values from here on are seconds since 1970.</summary>
    private const long FirstEpochReset = 1_000_000_000;

    private readonly HttpMessageInvoker _http;
    private readonly BrazeOptions _options;
    private readonly ICallGate _gate;
    private readonly TimeSpan _timeout;
    private readonly TimeProvider _time;

    public BrazeClient(BrazeOptions options, ConnectorContext context)
    {
        _http = new HttpMessageInvoker(new BrazeAuthHandler(options, context.Transport), disposeHandler: false);
        _options = options;
        _gate = context.Gate;
        _timeout = context.CallTimeout;
        _time = context.Time;
    }

    /// <summary>Sends attributes objects, events and purchases.</summary>
    public Task<BrazeAnswer<TrackAnswer>> TrackAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken, CallClearance? clearance = null)
        => SendAsync(BrazeApiVersion.Track, "", body, TrackAnswer.Parse, cancellationToken, clearance);

    /// <summary>Reads users back.</summary>
    public Task<BrazeAnswer<ExportAnswer>> ExportAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(BrazeApiVersion.Export, "", body, ExportAnswer.Parse, cancellationToken);

    /// <summary>Calls an endpoint that answers for the request as a whole.</summary>
    public Task<BrazeAnswer<PlainAnswer>> PostAsync(VendorEndpoint endpoint, ReadOnlyMemory<byte> body, CancellationToken cancellationToken, CallClearance? clearance = null)
        => SendAsync(endpoint, "", body, PlainAnswer.Parse, cancellationToken, clearance);

    /// <summary>Gives people other external ids, or forgets their former ones.</summary>
    public Task<BrazeAnswer<IdsAnswer>> ChangeIdsAsync(VendorEndpoint endpoint, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(endpoint, "", body, IdsAnswer.Parse, cancellationToken);

    /// <summary>Reads a page of the addresses that opted out between two days, newest first. Asks for nobody by name: an address has no place in a URL.</summary>
    public Task<BrazeAnswer<UnsubscribesAnswer>> UnsubscribesAsync(DateOnly from, DateOnly to, int offset, CancellationToken cancellationToken)
        => SendAsync(
            BrazeApiVersion.Unsubscribes,
            string.Create(CultureInfo.InvariantCulture, $"?start_date={from:yyyy-MM-dd}&end_date={to:yyyy-MM-dd}&limit={UnsubscribesAnswer.PageSize}&offset={offset}&sort_direction=desc"),
            default, UnsubscribesAnswer.Parse, cancellationToken);

    /// <summary>Reads a page of the custom attributes: the first, or the one that a page before called the next.</summary>
    public Task<BrazeAnswer<AttributesAnswer>> AttributesAsync(string? cursor, CancellationToken cancellationToken)
        => SendAsync(
            BrazeApiVersion.CustomAttributes, cursor is null ? "" : $"?cursor={Uri.EscapeDataString(cursor)}", default, AttributesAnswer.Parse, cancellationToken);

    private async Task<BrazeAnswer<T>> SendAsync<T>(
        VendorEndpoint endpoint, string query, ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, T> parse, CancellationToken cancellationToken,
        CallClearance? clearance = null)
        where T : class
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var permit = await _gate.EnterAsync(endpoint, cancellationToken);
        if (permit.Refusal is { } refusal)
        {
            return new BrazeAnswer<T>(BrazeAnswer.NotReached, null, null, refusal);
        }

        if (clearance is not null && !await clearance.IsGivenAsync(cancellationToken))
        {
            permit.NotCounted();
            return new BrazeAnswer<T>(BrazeAnswer.NotReached, null, null);
        }

        using var request = new HttpRequestMessage(new HttpMethod(endpoint.Method), new Uri(_options.BaseUrl + endpoint.Path + query));
        using var content = new BrazeContent(body);
        request.Content = endpoint.Method == "GET" ? null : content;
        using var deadline = new CancellationTokenSource(_timeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            using var response = await _http.SendAsync(request, either.Token);
            var (status, wait) = ((int)response.StatusCode, Wait(response.Headers));
            Report(permit, endpoint, status, response.Headers, wait);
            var bytes = await response.Content.ReadAsByteArrayAsync(either.Token);
            return new BrazeAnswer<T>(status, TryParse(bytes, parse), wait) { Next = Next(response.Headers) };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return new BrazeAnswer<T>(content.Started ? BrazeAnswer.NoAnswer : BrazeAnswer.NotReached, null, null);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return new BrazeAnswer<T>(content.Started ? BrazeAnswer.NoConnection : BrazeAnswer.NotReached, null, null);
        }
    }

    private static T? TryParse<T>(byte[] body, Func<ReadOnlyMemory<byte>, T> parse)
        where T : class
    {
        try
        {
            return parse(body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    private static void Report(CallPermit permit, VendorEndpoint endpoint, int status, HttpResponseHeaders headers, TimeSpan? wait)
    {
        var (max, remaining) = (Number(headers, "X-RateLimit-Limit"), status == 429 ? 0 : Number(headers, "X-RateLimit-Remaining"));
        if (max is not null || remaining is not null)
        {
            var limit = BrazeDescriptor.Instance.RateLimits.First(limit => limit.Covers(endpoint));
            permit.Report(new QuotaReading(limit.Name, Count(max), Count(remaining), wait, Refused: status == 429));
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

    /// <summary>The cursor of the page that the answer calls the next. Whatever host the link leads to is not followed.</summary>
    private static string? Next(HttpResponseHeaders headers)
        => headers.TryGetValues("Link", out var values) && NextCursor().Match(string.Join(',', values)) is { Success: true } match
            ? Uri.UnescapeDataString(match.Groups["cursor"].Value)
            : null;

    [GeneratedRegex("<[^<>]*[?&]cursor=(?<cursor>[^&<>]+)[^<>]*>[^,<]*;\\s*rel=\"?next\\b", RegexOptions.IgnoreCase)]
    private static partial Regex NextCursor();

    private static TimeSpan Seconds(long seconds) => TimeSpan.FromSeconds(Math.Clamp(seconds, 0, 100 * FirstEpochReset));

    private static TimeSpan Later(TimeSpan wait) => wait > TimeSpan.Zero ? wait : TimeSpan.Zero;

    private static int? Count(long? number) => number is { } count ? (int)Math.Clamp(count, 0, int.MaxValue) : null;

    private static long? Number(HttpResponseHeaders headers, string name)
        => headers.TryGetValues(name, out var values) && long.TryParse(values.First(), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number)
            ? number
            : null;
}

/// <summary>What came of a call.</summary>
/// <param name="Status">HTTP status, or one of <see cref="BrazeAnswer"/>.</param>
/// <param name="Body">The parsed body, or null when there is none or it cannot be read.</param>
/// <param name="Wait">How long the headers ask to wait, or null.</param>
/// <param name="Refusal">Why the gate did not let the call out, or null.</param>
internal readonly record struct BrazeAnswer<T>(int Status, T? Body, TimeSpan? Wait, DestinationCondition? Refusal = null)
    where T : class
{
    /// <summary>Where the list goes on, or null when there is no more of it.</summary>
    public string? Next { get; init; }
}

internal static class BrazeAnswer
{
    /// <summary>The time for the call was over; it may have been applied.</summary>
    public const int NoAnswer = -1;

    /// <summary>The connection broke; the call may have been applied.</summary>
    public const int NoConnection = -2;

    /// <summary>Nothing of the call was sent.</summary>
    public const int NotReached = -3;
}

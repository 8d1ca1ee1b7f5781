using System.Globalization;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.RegularExpressions;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.Braze.Wire;

namespace IntegrationHub.Connectors.Braze;

/// <summary>Braze's REST API: paths, bodies in and out, and what the headers say about limits. Knows nothing of audiences and records; never retries.</summary>
internal sealed partial class BrazeClient(BrazeOptions options, ConnectorContext context, ICallGate gate)
{
    /// <summary>Values below are seconds from now, values from here on are seconds since 1970.</summary>
    private const long FirstEpochReset = 1_000_000_000;

    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly VendorCaller _caller = new(context, new BrazeAuthHandler(options, context.Transport), gate);

    /// <summary>Sends attributes objects, events and purchases.</summary>
    public Task<BrazeAnswer<TrackAnswer>> TrackAsync(ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(BrazeApiVersion.Track, "", body, TrackAnswer.Parse, cancellationToken, clearance);

    /// <summary>Reads users back.</summary>
    public Task<BrazeAnswer<ExportAnswer>> ExportAsync(ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
        => SendAsync(BrazeApiVersion.Export, "", body, ExportAnswer.Parse, cancellationToken);

    /// <summary>Calls an endpoint that answers for the request as a whole.</summary>
    public Task<BrazeAnswer<PlainAnswer>> PostAsync(VendorEndpoint endpoint, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(endpoint, "", body, PlainAnswer.Parse, cancellationToken, clearance);

    /// <summary>Gives people other external ids, or forgets their former ones.</summary>
    public Task<BrazeAnswer<IdsAnswer>> ChangeIdsAsync(VendorEndpoint endpoint, ReadOnlyMemory<byte> body, CallClearance clearance, CancellationToken cancellationToken)
        => SendAsync(endpoint, "", body, IdsAnswer.Parse, cancellationToken, clearance);

    /// <summary>Reads a page of the addresses that opted out between two days, newest first. Asks for nobody by name: an address has no place in a URL.</summary>
    public Task<BrazeAnswer<UnsubscribesAnswer>> UnsubscribesAsync(DateOnly from, DateOnly to, int offset, CancellationToken cancellationToken)
        => SendAsync(
            BrazeApiVersion.Unsubscribes,
            string.Create(CultureInfo.InvariantCulture, $"?start_date={from:yyyy-MM-dd}&end_date={to:yyyy-MM-dd}&limit={UnsubscribesAnswer.PageSize}&offset={offset}&sort_direction=desc"),
            default, UnsubscribesAnswer.Parse, cancellationToken);

    /// <summary>Reads a page of the addresses or numbers that something befell between two days; the last day is not part of the range.</summary>
    public Task<BrazeAnswer<UnsubscribesAnswer>> BefallenAsync(
        VendorEndpoint endpoint, Func<ReadOnlyMemory<byte>, UnsubscribesAnswer> parse, DateOnly from, DateOnly to, int offset, CancellationToken cancellationToken)
        => SendAsync(
            endpoint,
            string.Create(CultureInfo.InvariantCulture, $"?start_date={from:yyyy-MM-dd}&end_date={to:yyyy-MM-dd}&limit={UnsubscribesAnswer.PageSize}&offset={offset}"),
            default, parse, cancellationToken);

    /// <summary>Reads a page of the custom attributes: the first, or the one that a page before called the next.</summary>
    public Task<BrazeAnswer<AttributesAnswer>> AttributesAsync(string? cursor, CancellationToken cancellationToken)
        => SendAsync(
            BrazeApiVersion.CustomAttributes, cursor is null ? "" : $"?cursor={Uri.EscapeDataString(cursor)}", default, AttributesAnswer.Parse, cancellationToken);

    /// <summary>Reads a page of the custom events: the first, or the one that a page before called the next.</summary>
    public Task<BrazeAnswer<EventsAnswer>> EventsAsync(string? cursor, CancellationToken cancellationToken)
        => SendAsync(BrazeApiVersion.Events, cursor is null ? "" : $"?cursor={Uri.EscapeDataString(cursor)}", default, EventsAnswer.Parse, cancellationToken);

    /// <summary>Reads how often a custom event happened, hour by hour, in so many hours before a time.</summary>
    public Task<BrazeAnswer<SeriesAnswer>> EventSeriesAsync(string name, int hours, DateTimeOffset endingAt, CancellationToken cancellationToken)
        => SendAsync(
            BrazeApiVersion.EventSeries,
            string.Create(CultureInfo.InvariantCulture, $"?event={Uri.EscapeDataString(name)}&length={hours}&unit=hour&ending_at={Uri.EscapeDataString(endingAt.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss+00:00", CultureInfo.InvariantCulture))}"),
            default, SeriesAnswer.Parse, cancellationToken);

    private Task<BrazeAnswer<T>> SendAsync<T>(
        VendorEndpoint endpoint, string query, ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, T> parse, CancellationToken cancellationToken,
        CallClearance? clearance = null)
        where T : class
    {
        var call = new VendorCall(endpoint, new Uri(options.BaseUrl + endpoint.Path + query)) { Content = endpoint.Method == "GET" ? null : Content(body), Clearance = clearance };
        return _caller.SendAsync(call, Read, cancellationToken);

        BrazeAnswer<T> Read(VendorAnswer answer, CallPermit permit)
        {
            if (answer.Headers is not { } headers)
            {
                return new BrazeAnswer<T>(answer.End, 0, answer.Sent, null, null) { Refusal = answer.Refusal };
            }

            var wait = Wait(answer);
            Report(permit, endpoint, answer.Status, headers, wait);
            return new BrazeAnswer<T>(answer.End, answer.Status, answer.Sent, TryParse(answer.Body, parse), wait) { Next = Next(headers) };
        }
    }

    private static ReadOnlyMemoryContent Content(ReadOnlyMemory<byte> body)
    {
        var content = new ReadOnlyMemoryContent(body);
        content.Headers.ContentType = Json;
        return content;
    }

    private static T? TryParse<T>(ReadOnlyMemory<byte> body, Func<ReadOnlyMemory<byte>, T> parse)
        where T : class
    {
        try
        {
            return parse(body.Span.StartsWith("\uFEFF"u8) ? body[3..] : body);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            return null;
        }
    }

    /// <summary>A 429 states its own wait; that the window's budget is used up it says only by what remains.</summary>
    private static void Report(CallPermit permit, VendorEndpoint endpoint, int status, HttpResponseHeaders headers, TimeSpan? wait)
    {
        var (max, remaining) = (Number(headers, "X-RateLimit-Limit"), Number(headers, "X-RateLimit-Remaining"));
        if (max is not null || remaining is not null || status == 429)
        {
            var limit = BrazeDescriptor.Instance.RateLimits.First(limit => limit.Covers(endpoint));
            permit.Report(new QuotaReading(limit.Name, Count(max), Count(remaining), wait, Refused: status == 429));
        }
    }

    /// <summary>How long the headers ask to wait, see https://www.braze.com/docs/api/api_limits and the track page's section on MAU contracts.</summary>
    private TimeSpan? Wait(VendorAnswer answer)
    {
        if (Number(answer.Headers!, "X-Ratelimit-Retry-After") is { } seconds)
        {
            return Seconds(seconds);
        }

        return answer.RetryAfter ?? Number(answer.Headers!, "X-RateLimit-Reset") switch
        {
            null => null,
            < FirstEpochReset and { } delta => Seconds(delta),
            { } epoch => Later(DateTimeOffset.UnixEpoch + Seconds(epoch) - context.Time.GetUtcNow()),
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

using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Marketo.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Makes the vendor's calls. Each passes the hub's gate before its time starts to run. Every answer, and the absence of one, is a
/// <see cref="MarketoAnswer"/>.
/// </summary>
internal sealed partial class MarketoClient(HttpClient http, ConnectorContext context)
{
    private static readonly TimeSpan DefaultCallTimeout = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ILogger _log = context.Loggers.CreateLogger<MarketoClient>();
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private readonly KeysInFlight _keys = new();

    public async Task<MarketoAnswer> SendAsync(MarketoCall call, CancellationToken cancellationToken)
    {
        if (call.Json is not { } write)
        {
            return await SendAsync(call, call.Content, cancellationToken);
        }

        var buffer = _buffers.TryTake(out var used) ? used : new ArrayBufferWriter<byte>(64 * 1024);
        write(buffer);
        if (buffer.WrittenCount > MarketoDescriptor.MaxBytes)
        {
            return MarketoAnswer.Failed(MarketoOutcomes.TooLarge);
        }

        using var content = new ReadOnlyMemoryContent(buffer.WrittenMemory);
        content.Headers.ContentType = Json;
        var answer = await SendAsync(call, content, cancellationToken);
        if (answer.Failure is null)
        {
            // After a failure the transport may still be reading the buffer, so only a completed call gives it back.
            buffer.ResetWrittenCount();
            _buffers.Add(buffer);
        }

        return answer;
    }

    /// <summary>Tells the gate how much of the day is used, by every integration of the subscription.</summary>
    public async Task<MarketoAnswer> ReadUsageAsync(int callsPerDay, CancellationToken cancellationToken)
    {
        var call = new MarketoCall { Endpoint = MarketoApiVersion.Usage, Read = UsageReport.Total };
        return await SendAsync(call, null, cancellationToken, (permit, answer) =>
        {
            if (answer is { Failure: null, Rows: [{ Id: var used }] })
            {
                permit.Report(MarketoQuota.Day(callsPerDay, used, context.Time.GetUtcNow()));
            }
        });
    }

    private async Task<MarketoAnswer> SendAsync(
        MarketoCall call, HttpContent? content, CancellationToken cancellationToken, Action<CallPermit, MarketoAnswer>? learn = null)
    {
        cancellationToken.ThrowIfCancellationRequested();
        using var permit = await context.Gate.EnterAsync(call.Endpoint, cancellationToken);
        if (permit.Refusal is { } refusal)
        {
            return MarketoAnswer.NotAdmitted(refusal);
        }

        using var keys = call.Keys.Count == 0 ? null : await _keys.EnterAsync(call.Keys, cancellationToken);
        if (call.Clearance is { } clearance && !await clearance.IsGivenAsync(cancellationToken))
        {
            permit.NotCounted();
            return MarketoAnswer.NotCleared;
        }

        using var request = new HttpRequestMessage(
            new(call.Endpoint.Method), MarketoApiVersion.At(context.Settings.BaseUrl, call.Path ?? call.Endpoint.Path)) { Content = content };
        var answer = await ExchangeAsync(request, call, cancellationToken);
        MarketoQuota.Tell(permit, answer, context.Time.GetUtcNow());
        learn?.Invoke(permit, answer);
        if (answer.Failure is { } code)
        {
            Log.CallFailed(_log, context.Settings.Name, call.Endpoint.Method, call.Endpoint.Path, MarketoOutcomes.For(code).ReasonCode);
        }

        return answer;
    }

    private async Task<MarketoAnswer> ExchangeAsync(HttpRequestMessage request, MarketoCall call, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(TimeoutFor(call.Patience), context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            using var response = await http.SendAsync(request, HttpCompletionOption.ResponseContentRead, either.Token);
            return response.StatusCode == HttpStatusCode.OK
                ? call.ReadAnswer(await response.Content.ReadAsByteArrayAsync(either.Token))
                : MarketoAnswer.Failed($"http_{(int)response.StatusCode}", RetryAfterOf(response, context.Time.GetUtcNow()));
        }
        catch (NoTokenException none)
        {
            return none.Reason;
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return MarketoAnswer.Failed(MarketoOutcomes.Timeout);
        }
        catch (Exception failure) when (failure is HttpRequestException or IOException)
        {
            return TransportFailure.Of(failure);
        }
    }

    private TimeSpan TimeoutFor(TimeSpan patience) =>
        context.CallTimeout < DefaultCallTimeout || context.CallTimeout > patience ? context.CallTimeout : patience;

    /// <summary>How long an answer asks to wait, or null.</summary>
    public static TimeSpan? RetryAfterOf(HttpResponseMessage response, DateTimeOffset now) => response.Headers.RetryAfter switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } => TimeSpan.FromTicks(Math.Max(0, (date - now).Ticks)),
        _ => null,
    };

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Debug, "Marketo call {Method} {Endpoint} for {Destination} failed: {Code}")]
        public static partial void CallFailed(ILogger logger, string destination, string method, string endpoint, string code);
    }
}

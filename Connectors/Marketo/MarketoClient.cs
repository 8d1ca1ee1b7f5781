using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Connectors.Abstractions.Calls;
using IntegrationHub.Connectors.Abstractions.Notices;
using IntegrationHub.Connectors.Marketo.Wire;
using Microsoft.Extensions.Logging;

namespace IntegrationHub.Connectors.Marketo;

/// <summary>
/// Makes the vendor's calls. Each passes the hub's gate before its time starts to run. Every answer, and the absence of one, is a
/// <see cref="MarketoAnswer"/>.
/// </summary>
internal sealed partial class MarketoClient(HttpMessageHandler handlers, ConnectorContext context, ICallGate gate)
{
    private static readonly TimeSpan DefaultCallTimeout = TimeSpan.FromSeconds(30);
    private static readonly MediaTypeHeaderValue Json = new("application/json");

    private readonly ILogger _log = context.Loggers.CreateLogger<MarketoClient>();
    private readonly ConcurrentBag<ArrayBufferWriter<byte>> _buffers = [];
    private readonly VendorCaller _caller = new(context, handlers, gate);

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

    private Task<MarketoAnswer> SendAsync(
        MarketoCall call, HttpContent? content, CancellationToken cancellationToken, Action<CallPermit, MarketoAnswer>? learn = null)
    {
        var address = MarketoApiVersion.At(context.Settings.BaseUrl, call.Path ?? call.Endpoint.Path);
        return _caller.SendAsync(
            new VendorCall(call.Endpoint, address)
            {
                Content = content,
                Clearance = call.Clearance,
                Timeout = TimeoutFor(call.Patience),
                Range = call.Range,
            },
            Read,
            cancellationToken);

        MarketoAnswer Read(VendorAnswer told, CallPermit permit)
        {
            var answer = Judge(call, told);
            if (told.End == CallEnd.NotAdmitted)
            {
                return answer;
            }

            if (told is not { End: CallEnd.Answered, Sent: Sent.No })
            {
                MarketoQuota.Tell(permit, answer, context.Time.GetUtcNow());
            }

            learn?.Invoke(permit, answer);
            if (context.Notices is { } notices)
            {
                Warn(notices, call.Endpoint, told.Body.Span);
            }

            if (answer.Failure is { } code)
            {
                Log.CallFailed(_log, context.Settings.Name, call.Endpoint.Method, call.Endpoint.Path, MarketoOutcomes.For(code).ReasonCode);
            }

            return answer;
        }
    }

    private static void Warn(IVendorNotices notices, VendorEndpoint endpoint, ReadOnlySpan<byte> body)
    {
        foreach (var code in MarketoWarnings.In(body))
        {
            notices.Take(endpoint, new VendorNotice(NoticeKind.Warning) { Code = code });
        }
    }

    private static MarketoAnswer Judge(MarketoCall call, VendorAnswer told) => told switch
    {
        { Refusal: { } refusal } => MarketoAnswer.NotAdmitted(refusal),
        { End: CallEnd.NotAdmitted } => MarketoAnswer.NotCleared,
        { Trouble: { } trouble } => MarketoAnswer.Failed(trouble, told.RetryAfter, wasNeverSent: told.Sent == Sent.No),
        { Status: (int)HttpStatusCode.OK } => call.ReadAnswer(told.Body.ToArray()),
        { Status: (int)HttpStatusCode.PartialContent } when call.Range is not null => call.ReadAnswer(told.Body.ToArray()),
        _ => MarketoAnswer.Failed($"http_{told.Status}", told.RetryAfter),
    };

    private TimeSpan TimeoutFor(TimeSpan patience) =>
        context.CallTimeout < DefaultCallTimeout || context.CallTimeout > patience ? context.CallTimeout : patience;

    private static partial class Log
    {
        [LoggerMessage(10, LogLevel.Debug, "Marketo call {Method} {Endpoint} for {Destination} failed: {Code}")]
        public static partial void CallFailed(ILogger logger, string destination, string method, string endpoint, string code);
    }
}

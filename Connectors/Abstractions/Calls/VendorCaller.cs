using System.Diagnostics.CodeAnalysis;
using System.Net.Http.Headers;
using IntegrationHub.Connectors.Abstractions.Notices;

namespace IntegrationHub.Connectors.Abstractions.Calls;

/// <summary>
/// Makes a connector's calls: each enters the gate before its time starts to run, and ends as a <see cref="VendorAnswer"/>, whatever
/// happens. Never retries. Throws only when the caller cancels, or would write people
/// without a clearance.
/// </summary>
/// <param name="context">Clock and time limit.</param>
/// <param name="handlers">The connector's own handlers before the context's transport; they belong to the caller.</param>
/// <param name="gate">Stands before every call.</param>
[SuppressMessage("Design", "CA1001", Justification = "The transport belongs to whoever made the connector; there is nothing else to dispose of.")]
public sealed class VendorCaller(ConnectorContext context, HttpMessageHandler handlers, ICallGate gate)
{
    private readonly HttpMessageInvoker _http = new(handlers, disposeHandler: false);

    /// <summary>Makes a call.</summary>
    /// <param name="call">What to call.</param>
    /// <param name="read">
    /// Reads what came of it, and reports to the permit what the answer tells about limits. The answer's body is gone afterwards.
    /// </param>
    /// <param name="cancellationToken">Ends the wait at the gate and the call.</param>
    public async Task<T> SendAsync<T>(VendorCall call, Func<VendorAnswer, CallPermit, T> read, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        if (call is { Endpoint.WritesPeople: true, Clearance: null })
        {
            throw new InvalidOperationException($"{call.Endpoint.Method} {call.Endpoint.Path} writes people: make the call with the clearance of its records, Batch.ClearanceFor.");
        }

        using var permit = await gate.EnterAsync(call.Endpoint, cancellationToken);
        using var content = call.Content is { } body ? new WatchedContent(body) : null;
        if (permit.Refusal is { } refusal)
        {
            return read(new VendorAnswer(CallEnd.NotAdmitted, Sent.No) { Refusal = refusal, RetryAfter = refusal.RetryAfter }, permit);
        }

        if (call.Clearance is { } clearance && !await clearance.IsGivenAsync(cancellationToken))
        {
            permit.NotCounted();
            return read(new VendorAnswer(CallEnd.NotAdmitted, Sent.No), permit);
        }

        try
        {
            return await SendAsync(call, content, permit, read, cancellationToken);
        }
        finally
        {
            await (call.Clearance?.EndAsync() ?? ValueTask.CompletedTask);
        }
    }

    private async Task<T> SendAsync<T>(VendorCall call, WatchedContent? content, CallPermit permit, Func<VendorAnswer, CallPermit, T> read, CancellationToken cancellationToken)
    {
        using var request = new HttpRequestMessage(new HttpMethod(call.Endpoint.Method), call.Address);
        request.Content = content;
        request.Headers.Range = call.Range;
        using var deadline = new CancellationTokenSource(call.Timeout ?? context.CallTimeout, context.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        using var answered = new AnsweredCall();
        await ExchangeAsync(request, content, answered, either.Token, cancellationToken);
        if (answered.Response is { } response)
        {
            NoticeHeaders.Tell(context.Notices, call.Endpoint, call.Address, response.Headers);
        }

        if (request.Options.TryGetValue(VendorCall.WasNotSent, out var wasNotSent) && wasNotSent)
        {
            permit.NotCounted();
            return read(answered.Answer with { Sent = Sent.No, Trouble = request.Options.TryGetValue(VendorCall.NotSentBecause, out var why) ? why : null }, permit);
        }

        return read(answered.Answer, permit);
    }

    private async Task ExchangeAsync(
        HttpRequestMessage request, WatchedContent? content, AnsweredCall call, CancellationToken either, CancellationToken cancellationToken)
    {
        try
        {
            call.Response = await _http.SendAsync(request, either);
            call.Answer = AnswerOf(call.Response);
            var body = await PooledBody.ReadAsync(call.Response.Content, either);
            call.Body = body;
            call.Answer = call.Answer with { Body = body.Bytes };
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            call.End(CallEnd.TimedOut, wasNotReached: content is { Started: false }, TransportTrouble.Timeout);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            call.End(CallEnd.Broken, wasNotReached: content is { Started: false } || IsConnecting(e), TransportTrouble.NameOf(e));
        }
    }

    private VendorAnswer AnswerOf(HttpResponseMessage response)
    {
        var status = (int)response.StatusCode;
        return new VendorAnswer(CallEnd.Answered, status is 408 or >= 500 ? Sent.Maybe : Sent.Yes)
        {
            Status = status, Headers = response.Headers, RetryAfter = RetryAfter(response.Headers.RetryAfter),
        };
    }

    private TimeSpan? RetryAfter(RetryConditionHeaderValue? header) => header switch
    {
        { Delta: { } delta } => delta,
        { Date: { } date } when date - context.Time.GetUtcNow() is var wait => wait > TimeSpan.Zero ? wait : TimeSpan.Zero,
        _ => null,
    };

    private static bool IsConnecting(Exception e) => e is HttpRequestException
    {
        HttpRequestError: HttpRequestError.ConnectionError or HttpRequestError.NameResolutionError
            or HttpRequestError.SecureConnectionError or HttpRequestError.ProxyTunnelError,
    };

    /// <summary>An answer while it is read, with what it holds.</summary>
    private sealed class AnsweredCall : IDisposable
    {
        public HttpResponseMessage? Response { get; set; }

        public PooledBody? Body { get; set; }

        public VendorAnswer Answer { get; set; }

        /// <summary>Notes that the answer is not whole. The status of a refusal speaks without its body, that of a success does not.</summary>
        public void End(CallEnd end, bool wasNotReached, string trouble)
        {
            if (Response is null || Answer.Status < 300)
            {
                Answer = (wasNotReached && Response is null ? new VendorAnswer(CallEnd.NotReached, Sent.No) : new VendorAnswer(end, Sent.Maybe)) with { Trouble = trouble };
            }
        }

        public void Dispose()
        {
            Body?.Dispose();
            Response?.Dispose();
        }
    }
}

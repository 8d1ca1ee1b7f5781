using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>One vendor's sandbox with its faults, knobs and statistics; every call of the vendor passes through here.</summary>
public sealed class VendorRoom
{
    private const int KeptCalls = 64;

    private readonly ConcurrentBag<SandboxCall> _calls = [];
    private readonly TimeProvider _time;

    internal VendorRoom(IVendorSandbox vendor, SandboxKnobs knobs, TimeProvider time)
    {
        Vendor = vendor;
        Knobs = knobs;
        Faults = new Faults(knobs.Seed);
        _time = time;
    }

    /// <summary>The vendor's sandbox.</summary>
    public IVendorSandbox Vendor { get; }

    /// <summary>What goes wrong.</summary>
    public Faults Faults { get; }

    /// <summary>Quotas and delays.</summary>
    public SandboxKnobs Knobs { get; }

    /// <summary>What was seen.</summary>
    public SandboxStats Stats { get; } = new();

    /// <summary>Told of every call before it is answered: its request, endpoint and body; null for nobody.</summary>
    public Action<HttpRequest, string, ReadOnlyMemory<byte>>? Witness { get; set; }

    /// <summary>Forgets everybody, every fault and every count.</summary>
    public void Reset()
    {
        Faults.Clear();
        Stats.Reset();
        Vendor.Reset();
    }

    internal RequestDelegate Serve(string endpoint, SandboxHandler handler) => http => ServeAsync(http, endpoint, handler);

    private async Task ServeAsync(HttpContext http, string endpoint, SandboxHandler handler)
    {
        if (!_calls.TryTake(out var call))
        {
            call = new SandboxCall();
        }

        Stats.Enter();
        var status = 0;
        try
        {
            await call.BeginAsync(http);
            Witness?.Invoke(http.Request, endpoint, call.Body);
            call.Use(Faults.Draw(endpoint));
            if (await AnswerAsync(call, handler))
            {
                status = call.Status;
                await SendAsync(call);
            }
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            status = 0;
        }
        finally
        {
            Stats.Leave();
            if (call.IsThrottled || call.Status == StatusCodes.Status429TooManyRequests)
            {
                Stats.CountThrottled();
            }

            Stats.Of(endpoint).Count(call.Records, call.Body.Length, status);
            call.End();
            if (call.IsReusable && _calls.Count < KeptCalls)
            {
                _calls.Add(call);
            }
            else
            {
                call.Dispose();
            }
        }
    }

    /// <returns>False when the client gets no answer.</returns>
    private async ValueTask<bool> AnswerAsync(SandboxCall call, SandboxHandler handler)
    {
        if (call.Draw.Slow is { } slow)
        {
            await Task.Delay(slow.Delay, _time, call.Http.RequestAborted);
        }

        if (call.Fault is not { } fault)
        {
            await handler(call);
            return true;
        }

        switch (fault.Kind)
        {
            case FaultKind.Timeout:
                await Task.Delay(Timeout.InfiniteTimeSpan, _time, call.Http.RequestAborted);
                return false;
            case FaultKind.Reset:
                call.Http.Abort();
                return false;
            case FaultKind.LostResponse:
                await handler(call);
                await Task.Delay(fault.Delay, _time, call.Http.RequestAborted);
                call.Http.Abort();
                return false;
            case FaultKind.EmptyBody:
                await handler(call);
                call.Clear();
                return true;
            case FaultKind.MalformedBody:
                await handler(call);
                CutOff(call);
                return true;
            default:
                if (!Vendor.Answer(fault, call))
                {
                    await handler(call);
                }

                return true;
        }
    }

    private static void CutOff(SandboxCall call)
    {
        var half = call.Written[..(call.Written.Length / 2)].ToArray();
        var output = call.WriteRaw("application/json; charset=utf-8");
        half.CopyTo(output.GetMemory(half.Length + 1));
        output.Advance(half.Length);
    }

    private static async ValueTask SendAsync(SandboxCall call)
    {
        var response = call.Http.Response;
        var body = call.Written;
        response.StatusCode = call.Status;
        foreach (var (name, value) in call.Draw.Headers?.Headers ?? new Dictionary<string, string>())
        {
            response.Headers.Append(name, value);
        }

        if (call.Status is 204 or 304)
        {
            return;
        }

        response.ContentLength = body.Length;
        if (body.Length > 0)
        {
            response.ContentType = call.ContentType;
            await response.Body.WriteAsync(body, call.Http.RequestAborted);
        }
    }
}

using System.Buffers;
using System.Text.Json;
using Microsoft.AspNetCore.Http;

namespace IntegrationHub.Connectors.Sandbox;

/// <summary>One call to a sandbox and its answer. Reused from call to call: keep nothing of it.</summary>
public sealed class SandboxCall : IDisposable
{
    private const int KeptOutput = 1 << 20;

    private readonly ArrayBufferWriter<byte> _output = new(4096);
    private readonly Utf8JsonWriter _json;
    private byte[] _body = [];
    private int _bodyLength;
    private FaultDraw _draw;
    private int _rejected;

    internal SandboxCall() => _json = new Utf8JsonWriter(_output);

    /// <summary>The request, for its headers, query and route values; answer through this class.</summary>
    public HttpContext Http { get; private set; } = null!;

    /// <summary>The whole request body.</summary>
    public ReadOnlyMemory<byte> Body => _body.AsMemory(0, _bodyLength);

    /// <summary>Status of the answer, 200 unless set.</summary>
    public int Status { get; set; }

    /// <summary>Content type of the answer.</summary>
    public string ContentType { get; set; } = "";

    /// <summary>Whether the call is refused because a quota is used up, for the statistics; 429 needs no mention.</summary>
    public bool IsThrottled { get; set; }

    /// <summary>Number of records in the request, for the statistics.</summary>
    public int Records { get; set; }

    /// <summary>The fault that the vendor left to the handler, or null.</summary>
    public Fault? Fault => _draw.Main;

    /// <summary>The answer's body so far.</summary>
    public ReadOnlyMemory<byte> Written
    {
        get
        {
            _json.Flush();
            return _output.WrittenMemory;
        }
    }

    internal bool IsReusable => _output.Capacity <= KeptOutput;

    internal FaultDraw Draw => _draw;

    /// <summary>The writer of a JSON answer; starts the body afresh.</summary>
    public Utf8JsonWriter WriteJson()
    {
        Clear();
        return _json;
    }

    /// <summary>The writer of an answer that is not JSON; starts the body afresh.</summary>
    public IBufferWriter<byte> WriteRaw(string contentType)
    {
        Clear();
        ContentType = contentType;
        return _output;
    }

    /// <summary>Sets a header of the answer.</summary>
    public void Header(string name, string value) => Http.Response.Headers[name] = value;

    /// <summary>Whether a per-record rejection is due for the record; asked once per record, in order.</summary>
    public bool Rejects(string key)
    {
        if (_draw.Reject is not { } fault || !fault.Concerns(key))
        {
            return false;
        }

        _rejected++;
        return fault.Records is not { } most || _rejected <= most;
    }

    /// <inheritdoc />
    public void Dispose() => _json.Dispose();

    internal async ValueTask BeginAsync(HttpContext http)
    {
        Http = http;
        Status = 200;
        Records = 0;
        IsThrottled = false;
        _rejected = 0;
        _draw = default;
        Clear();
        await ReadBodyAsync();
    }

    internal void Use(FaultDraw draw) => _draw = draw;

    internal void Clear()
    {
        _json.Reset();
        _output.ResetWrittenCount();
        ContentType = "application/json; charset=utf-8";
    }

    internal void End()
    {
        if (_body.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(_body);
        }

        _body = [];
        _bodyLength = 0;
        Http = null!;
    }

    private async ValueTask ReadBodyAsync()
    {
        var expected = Http.Request.ContentLength;
        if (expected == 0)
        {
            return;
        }

        _body = ArrayPool<byte>.Shared.Rent((int)Math.Clamp(expected ?? 4096, 256, 1 << 24));
        while (true)
        {
            if (_bodyLength == _body.Length)
            {
                var larger = ArrayPool<byte>.Shared.Rent(_body.Length * 2);
                _body.CopyTo(larger, 0);
                ArrayPool<byte>.Shared.Return(_body);
                _body = larger;
            }

            var read = await Http.Request.Body.ReadAsync(_body.AsMemory(_bodyLength), Http.RequestAborted);
            if (read == 0)
            {
                return;
            }

            _bodyLength += read;
            if (_bodyLength == expected)
            {
                return;
            }
        }
    }
}

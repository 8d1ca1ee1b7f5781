using System.Net;
using System.Net.Http.Headers;

namespace IntegrationHub.Connectors.Braze;

/// <summary>A JSON body that knows whether any of it was written: a request of which nothing was, certainly did not reach Braze.</summary>
internal sealed class BrazeContent : HttpContent
{
    private readonly ReadOnlyMemory<byte> _body;

    public BrazeContent(ReadOnlyMemory<byte> body)
    {
        _body = body;
        Headers.ContentType = new MediaTypeHeaderValue("application/json");
    }

    public bool Started { get; private set; }

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) => SerializeToStreamAsync(stream, context, CancellationToken.None);

    protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        Started = true;
        return stream.WriteAsync(_body, cancellationToken).AsTask();
    }

    protected override bool TryComputeLength(out long length)
    {
        length = _body.Length;
        return true;
    }
}

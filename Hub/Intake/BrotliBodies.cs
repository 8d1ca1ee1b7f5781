using System.IO.Compression;
using Microsoft.AspNetCore.RequestDecompression;

namespace IntegrationHub.Hub.Intake;

/// <summary>Unpacks bodies with Brotli, and says of one that is not packed so what the other ways of packing say: <see cref="InvalidDataException"/>, where the framework's stream has InvalidOperationException.</summary>
internal sealed class BrotliBodies : IDecompressionProvider
{
    /// <summary>What <c>Content-Encoding</c> calls it.</summary>
    public const string Name = "br";

    /// <inheritdoc />
    public Stream GetDecompressionStream(Stream stream) => new Body(new BrotliStream(stream, CompressionMode.Decompress, leaveOpen: true));

    private sealed class Body(BrotliStream packed) : Stream
    {
        public override bool CanRead => true;

        public override bool CanSeek => false;

        public override bool CanWrite => false;

        public override long Length => throw new NotSupportedException();

        public override long Position
        {
            get => throw new NotSupportedException();
            set => throw new NotSupportedException();
        }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            try
            {
                return await packed.ReadAsync(buffer, cancellationToken);
            }
            catch (InvalidOperationException exception)
            {
                throw new InvalidDataException("The body is not packed with Brotli.", exception);
            }
        }

        public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) => ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException("Bodies are read without blocking.");

        public override void Flush()
        {
            // Nothing is written.
        }

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
            {
                packed.Dispose();
            }

            base.Dispose(disposing);
        }
    }
}

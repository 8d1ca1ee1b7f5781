using System.IO.Compression;
using System.Text;
using IntegrationHub.Hub.Intake;
using IntegrationHub.Hub.Intake.Facts;

namespace IntegrationHub.Hub.Tests.Intake;

public sealed class When_a_body_is_packed
{
    private static readonly byte[] Body = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 9_000).Select(i => $$"""{"event_type":"profile_updated","n":{{i}}}""")));

    private static readonly byte[] Packed = Pack();

    [Test]
    public async Task Should_be_unpacked_to_its_end()
    {
        await using var unpacked = new BrotliBodies().GetDecompressionStream(new MemoryStream(Packed));
        Assert.That(await FactBody.ReadAsync(unpacked, FactBody.MaxBytes, CancellationToken.None), Is.EqualTo(Body));
    }

    /// <summary>Half of a list would be taken for the whole of it. The runtime looks only when it is told to, in the project's file.</summary>
    [Test]
    public async Task Should_be_called_no_packed_body_when_its_end_is_missing()
    {
        await using var brotli = new BrotliBodies().GetDecompressionStream(new MemoryStream(Packed[..^3]));
        Assert.That(async () => await FactBody.ReadAsync(brotli, FactBody.MaxBytes, CancellationToken.None), Throws.InstanceOf<InvalidDataException>());

        using var packed = new MemoryStream();
        await using (var gzip = new GZipStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            await gzip.WriteAsync(Body);
        }

        await using var cut = new GZipStream(new MemoryStream(packed.ToArray()[..^12]), CompressionMode.Decompress);
        Assert.That(async () => await FactBody.ReadAsync(cut, FactBody.MaxBytes, CancellationToken.None), Throws.InstanceOf<InvalidDataException>());
        Assert.That(await File.ReadAllTextAsync(Path.ChangeExtension(typeof(HubApplication).Assembly.Location, ".runtimeconfig.json")), Does.Contain("UseStrictValidation\": true"), "the hub itself");
    }

    /// <summary>Doors answer 400 for it; what the framework's stream says would be a fault of the hub.</summary>
    [TestCase("{}")]
    [TestCase("\u00ff\u00fe{}")]
    public async Task Should_be_called_no_packed_body_when_it_is_none(string text)
    {
        await using var unpacked = new BrotliBodies().GetDecompressionStream(new MemoryStream(Encoding.Latin1.GetBytes(text)));
        Assert.That(async () => await FactBody.ReadAsync(unpacked, FactBody.MaxBytes, CancellationToken.None), Throws.InstanceOf<InvalidDataException>());
    }

    private static byte[] Pack()
    {
        using var packed = new MemoryStream();
        using (var brotli = new BrotliStream(packed, CompressionLevel.Fastest, leaveOpen: true))
        {
            brotli.Write(Body);
        }

        return packed.ToArray();
    }
}

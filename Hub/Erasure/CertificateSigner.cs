using System.Buffers.Text;
using System.Security.Cryptography;

namespace IntegrationHub.Hub.Erasure;

/// <summary>Signs certificates: ECDSA on P-256 over SHA-256 (ES256).</summary>
internal sealed class CertificateSigner(ECDsa key) : IDisposable
{
    private const string Prefix = "ES256:";

    private readonly Lock _lock = new();

    /// <summary>The public half in PEM, by which anybody can check a certificate.</summary>
    public string PublicKeyPem { get; } = key.ExportSubjectPublicKeyInfoPem();

    /// <summary>The signature of some bytes, <c>ES256:</c> and the two numbers of 32 bytes each in Base64 for URLs.</summary>
    public string Sign(ReadOnlySpan<byte> bytes)
    {
        lock (_lock)
        {
            return Prefix + Base64Url.EncodeToString(key.SignData(bytes.ToArray(), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation));
        }
    }

    /// <summary>True when the bytes are what was signed.</summary>
    public bool Verify(ReadOnlySpan<byte> bytes, string signature)
    {
        if (!signature.StartsWith(Prefix, StringComparison.Ordinal) || !Base64Url.IsValid(signature.AsSpan(Prefix.Length)))
        {
            return false;
        }

        lock (_lock)
        {
            return key.VerifyData(bytes.ToArray(), Base64Url.DecodeFromChars(signature.AsSpan(Prefix.Length)), HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
        }
    }

    public void Dispose() => key.Dispose();
}

using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Hub.Erasure;
using IntegrationHub.Sagas.Erasure;
using IntegrationHub.Storage.Erasures;

namespace IntegrationHub.Hub.Tests.Privacy;

/// <summary>A certificate is worth what its signature is worth: whoever has the public key can tell that no byte was changed.</summary>
public sealed class When_a_certificate_is_signed
{
    private CertificateSigner _signer = null!;
    private string _signed = null!;

    [OneTimeSetUp]
    public void Sign()
    {
        _signer = new CertificateSigner(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        var at = new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
        var erasure = new ErasureState { CorrelationId = Guid.NewGuid(), CurrentState = "Completed", Law = "gdpr", Reason = "r", SubjectHash = "hmac:v1:00ff", RequestedBy = "p", RequestedAt = at, Deadline = at.AddMonths(1) };
        _signed = ErasureCertificate.Of(
            erasure, [new DestinationErasure("braze", DestinationErasure.Deleted, null, 2, 1, at)], new Dictionary<string, long> { ["profiles"] = 1 }, "a0b1").Signed(_signer);
    }

    [OneTimeTearDown]
    public void Forget() => _signer.Dispose();

    [Test]
    public void Should_be_known_by_the_public_key_alone()
    {
        using var key = ECDsa.Create();
        key.ImportFromPem(_signer.PublicKeyPem);
        var at = _signed.LastIndexOf(",\"signature\":\"ES256:", StringComparison.Ordinal);
        var signature = System.Buffers.Text.Base64Url.DecodeFromChars(_signed.AsSpan(at + ",\"signature\":\"ES256:".Length).TrimEnd("\"}"));
        Assert.That(key.VerifyData(Encoding.UTF8.GetBytes(_signed[..at] + "}"), signature, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation), Is.True);
        Assert.That(ErasureCertificate.Verify(_signed, _signer), Is.True);
    }

    [Test]
    public void Should_be_refused_with_any_byte_changed()
    {
        var passed = new List<string>();
        for (var i = 0; i < _signed.Length; i++)
        {
            var changed = new StringBuilder(_signed) { [i] = (char)(_signed[i] ^ 1) }.ToString();
            if (ErasureCertificate.Verify(changed, _signer))
            {
                passed.Add(changed[Math.Max(0, i - 10)..(i + 1)]);
            }
        }

        Assert.That(passed, Is.Empty);
        Assert.That(_signed, Has.Length.GreaterThan(500), "the look itself");
    }

    [Test]
    public void Should_be_refused_when_another_signed_it()
    {
        using var other = new CertificateSigner(ECDsa.Create(ECCurve.NamedCurves.nistP256));
        Assert.That(ErasureCertificate.Verify(_signed, other), Is.False);
    }
}

using System.Security.Cryptography;
using System.Text;
using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Erasures;

/// <summary>
/// A secret by which keys of erased people are recognised without being kept: their keyed hash. A plain hash of an address could be guessed. From the secret a second one is derived that
/// seals what has to be known of a person until the last look at the destinations.
/// </summary>
public sealed class TombstoneSecret
{
    /// <summary>Fewer bytes are refused.</summary>
    public const int LeastBytes = 32;

    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _hashing;
    private readonly byte[] _sealing;

    /// <summary>Takes a secret.</summary>
    /// <param name="secret">At least <see cref="LeastBytes"/> random bytes.</param>
    /// <exception cref="ArgumentException">It is too short.</exception>
    public TombstoneSecret(ReadOnlySpan<byte> secret)
    {
        if (secret.Length < LeastBytes)
        {
            throw new ArgumentException($"A secret for tombstones has at least {LeastBytes} bytes.", nameof(secret));
        }

        _hashing = secret.ToArray();
        _sealing = HKDF.DeriveKey(HashAlgorithmName.SHA256, _hashing, 32, info: "integrationhub erasure subject"u8.ToArray());
        Version = Convert.ToHexStringLower(HKDF.DeriveKey(HashAlgorithmName.SHA256, _hashing, 6, info: "integrationhub tombstone version"u8.ToArray()));
    }

    /// <summary>Names the secret without telling it: the same secret has the same name everywhere.</summary>
    public string Version { get; }

    /// <summary>A new one.</summary>
    public static TombstoneSecret Random() => new(RandomNumberGenerator.GetBytes(LeastBytes));

    /// <summary>The keyed hash of a key, in hexadecimal digits.</summary>
    public string HashOf(PersonKey key) => HashOf(key.ToString());

    /// <summary>The keyed hash of a text that names somebody, in hexadecimal digits.</summary>
    internal string HashOf(string named) => Convert.ToHexStringLower(HMACSHA256.HashData(_hashing, Encoding.UTF8.GetBytes(named)));

    /// <summary>Seals bytes; only who has the secret opens them, and only under the same id.</summary>
    public byte[] Seal(Guid requestId, ReadOnlySpan<byte> plain)
    {
        var box = new byte[NonceBytes + TagBytes + plain.Length];
        var nonce = box.AsSpan(0, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var aes = new AesGcm(_sealing, TagBytes);
        aes.Encrypt(nonce, plain, box.AsSpan(NonceBytes + TagBytes), box.AsSpan(NonceBytes, TagBytes), requestId.ToByteArray());
        return box;
    }

    /// <summary>Opens what <see cref="Seal"/> sealed.</summary>
    /// <exception cref="CryptographicException">It is something else.</exception>
    public byte[] Open(Guid requestId, ReadOnlySpan<byte> box)
    {
        var plain = new byte[box.Length - NonceBytes - TagBytes];
        using var aes = new AesGcm(_sealing, TagBytes);
        aes.Decrypt(box[..NonceBytes], box[(NonceBytes + TagBytes)..], box.Slice(NonceBytes, TagBytes), plain, requestId.ToByteArray());
        return plain;
    }
}

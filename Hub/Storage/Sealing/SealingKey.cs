using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Storage.Sealing;

/// <summary>
/// A key that columns are sealed with, by AES-256-GCM. Every value is sealed with a key of its own, which is derived from this one and 16 random bytes that stand with the value: so no number of values
/// is too many for random nonces.
/// </summary>
public sealed class SealingKey
{
    /// <summary>Fewer bytes are refused.</summary>
    public const int LeastBytes = 32;

    /// <summary>Most characters of a name; it stands with every value.</summary>
    public const int LongestId = 32;

    private const int SaltBytes = 16;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;
    private const int HeadBytes = SaltBytes + NonceBytes + TagBytes;

    private readonly byte[] _secret;

    /// <summary>Takes a key.</summary>
    /// <param name="id">Its name: small letters, digits and hyphens, at most <see cref="LongestId"/>.</param>
    /// <param name="secret">At least <see cref="LeastBytes"/> random bytes.</param>
    /// <exception cref="ArgumentException">The name is another, or the secret too short.</exception>
    public SealingKey(string id, ReadOnlySpan<byte> secret)
    {
        if (id is not { Length: > 0 and <= LongestId } || id.Any(letter => !char.IsAsciiLetterLower(letter) && !char.IsAsciiDigit(letter) && letter != '-'))
        {
            throw new ArgumentException($"A key's name has 1 to {LongestId} small letters, digits and hyphens.", nameof(id));
        }

        if (secret.Length < LeastBytes)
        {
            throw new ArgumentException($"A key has at least {LeastBytes} bytes.", nameof(secret));
        }

        Id = id;
        _secret = HKDF.Extract(HashAlgorithmName.SHA256, secret.ToArray(), "integrationhub column"u8.ToArray());
        Proof = Convert.ToHexStringLower(HKDF.Expand(HashAlgorithmName.SHA256, _secret, 8, "proof"u8.ToArray()));
    }

    /// <summary>Its name.</summary>
    public string Id { get; }

    /// <summary>Tells keys of one name apart without telling them.</summary>
    public string Proof { get; }

    /// <summary>A new one.</summary>
    public static SealingKey Random(string id) => new(id, RandomNumberGenerator.GetBytes(LeastBytes));

    /// <summary>Seals bytes: salt, nonce, tag and what is sealed.</summary>
    /// <param name="place">Where they stand; they open nowhere else.</param>
    /// <param name="plain">The bytes.</param>
    internal byte[] Seal(string place, ReadOnlySpan<byte> plain)
    {
        var box = new byte[HeadBytes + plain.Length];
        RandomNumberGenerator.Fill(box.AsSpan(0, SaltBytes + NonceBytes));
        using var aes = OfValue(box);
        aes.Encrypt(box.AsSpan(SaltBytes, NonceBytes), plain, box.AsSpan(HeadBytes), box.AsSpan(SaltBytes + NonceBytes, TagBytes), Encoding.UTF8.GetBytes(place));
        return box;
    }

    /// <summary>Opens what <see cref="Seal"/> sealed at the same place.</summary>
    /// <exception cref="CryptographicException">It is something else, or stood elsewhere.</exception>
    internal byte[] Open(string place, ReadOnlySpan<byte> box)
    {
        if (box.Length < HeadBytes)
        {
            throw new CryptographicException("It is too short to be sealed.");
        }

        var plain = new byte[box.Length - HeadBytes];
        using var aes = OfValue(box);
        aes.Decrypt(box.Slice(SaltBytes, NonceBytes), box[HeadBytes..], box.Slice(SaltBytes + NonceBytes, TagBytes), plain, Encoding.UTF8.GetBytes(place));
        return plain;
    }

    private AesGcm OfValue(ReadOnlySpan<byte> box)
    {
        Span<byte> key = stackalloc byte[32];
        HKDF.Expand(HashAlgorithmName.SHA256, _secret, key, box[..SaltBytes]);
        var aes = new AesGcm(key, TagBytes);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }
}

using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.DataProtection;

namespace IntegrationHub.Hub.Security.Oidc;

/// <summary>
/// Seals what a browser carries to the provider and back (state, nonce), so that any hub of the database opens what another one sealed, without a key ring: the key follows from the client's secret,
/// which all of them have. Where the secret is changed, whoever is at the provider just then begins again.
/// </summary>
internal sealed class SignInSeal(ClientSecret secret) : IDataProtectionProvider
{
    /// <inheritdoc />
    public IDataProtector CreateProtector(string purpose) => new Protector(secret, purpose);

    private sealed class Protector(ClientSecret secret, string purpose) : IDataProtector
    {
        private const int KeyLength = 32;
        private static readonly int _nonceLength = AesGcm.NonceByteSizes.MaxSize;
        private static readonly int _tagLength = AesGcm.TagByteSizes.MaxSize;

        public IDataProtector CreateProtector(string other) => new Protector(secret, $"{purpose}\n{other}");

        public byte[] Protect(byte[] plaintext)
        {
            var box = new byte[_nonceLength + plaintext.Length + _tagLength];
            var (nonce, text, tag) = Parts(box);
            RandomNumberGenerator.Fill(nonce);
            using var cipher = Cipher();
            cipher.Encrypt(nonce, plaintext, text, tag);
            return box;
        }

        public byte[] Unprotect(byte[] protectedData)
        {
            if (protectedData.Length < _nonceLength + _tagLength)
            {
                throw new CryptographicException("Too short to have been sealed.");
            }

            var plaintext = new byte[protectedData.Length - _nonceLength - _tagLength];
            var (nonce, text, tag) = Parts(protectedData);
            using var cipher = Cipher();
            cipher.Decrypt(nonce, text, tag, plaintext);
            return plaintext;
        }

        private AesGcm Cipher() => secret.Read() is { } read
            ? new AesGcm(HKDF.DeriveKey(HashAlgorithmName.SHA256, Encoding.UTF8.GetBytes(read), KeyLength, info: Encoding.UTF8.GetBytes($"integrationhub sign-in\n{purpose}")), _tagLength)
            : throw new CryptographicException("The client's secret is not where Hub:Oidc:ClientSecretFile says.");

        private static Box Parts(byte[] box) => new(box.AsSpan(0, _nonceLength), box.AsSpan(_nonceLength, box.Length - _nonceLength - _tagLength), box.AsSpan(box.Length - _tagLength));

        private readonly ref struct Box(Span<byte> nonce, Span<byte> text, Span<byte> tag)
        {
            private readonly Span<byte> _nonce = nonce;
            private readonly Span<byte> _text = text;
            private readonly Span<byte> _tag = tag;

            public void Deconstruct(out Span<byte> nonce, out Span<byte> text, out Span<byte> tag)
            {
                nonce = _nonce;
                text = _text;
                tag = _tag;
            }
        }
    }
}

using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using IntegrationHub.Hub.Configuration;

namespace IntegrationHub.Hub.Intake.Webhooks.Signatures;

/// <summary>
/// Segment's signature (https://segment.com/docs/connections/destinations/catalog/webhooks/#authentication): HMAC-SHA1 in hexadecimal. Of a batch only the first
/// element is signed, and never a time: what protects the others is that nobody else knows the address.
/// </summary>
internal static class SegmentSignature
{
    /// <summary>Why the call is not proven, or null.</summary>
    public static SignatureDefect? Find(SignatureSection signature, WebhookCall call, IReadOnlyList<string> secrets)
    {
        if (call.Header(signature.Header) is not { } given)
        {
            return SignatureDefect.Missing(signature.Header);
        }

        if (Hex.Read(given) is not { } bytes)
        {
            return SignatureDefect.Malformed(signature.Header);
        }

        var first = FirstOf(call.Body);
        return secrets.Any(secret => Matches(secret, call.Body) || (!first.IsEmpty && Matches(secret, first))) ? null : SignatureDefect.Wrong(signature.Header);

        bool Matches(string secret, ReadOnlyMemory<byte> signed) => CryptographicOperations.FixedTimeEquals(bytes, Sign(Encoding.UTF8.GetBytes(secret), signed.Span));
    }

#pragma warning disable CA5350 // Segment signs so and not otherwise
    private static byte[] Sign(byte[] key, ReadOnlySpan<byte> signed) => HMACSHA1.HashData(key, signed);
#pragma warning restore CA5350

    /// <summary>The bytes of an array's first element as they stand there; empty when the body is no array or holds none.</summary>
    private static ReadOnlyMemory<byte> FirstOf(ReadOnlyMemory<byte> body)
    {
        var reader = new Utf8JsonReader(body.Span);
        try
        {
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray || !reader.Read() || reader.TokenType == JsonTokenType.EndArray)
            {
                return default;
            }

            var begin = (int)reader.TokenStartIndex;
            reader.Skip();
            return body[begin..(int)reader.BytesConsumed];
        }
        catch (JsonException)
        {
            return default;
        }
    }
}

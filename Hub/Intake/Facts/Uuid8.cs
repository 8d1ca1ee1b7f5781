using System.Security.Cryptography;
using System.Text;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>Ids that are made of what they are of (RFC 9562, version 8, over SHA-256): the same input always has the same. Pure.</summary>
internal static class Uuid8
{
    /// <summary>The id of something that a sender names: its own where it is a UUID, else one of the sender and the name, which only together are unique.</summary>
    public static Guid OfName(string? sender, string name) => Guid.TryParseExact(name, "D", out var own) && own != Guid.Empty ? own : Of(sender, name);

    /// <summary>The id of parts that together are unique.</summary>
    public static Guid Of(params ReadOnlySpan<string?> parts)
    {
        var hash = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', parts)));
        hash[6] = (byte)((hash[6] & 0x0F) | 0x80);
        hash[8] = (byte)((hash[8] & 0x3F) | 0x80);
        return new Guid(hash.AsSpan(0, 16), bigEndian: true);
    }
}

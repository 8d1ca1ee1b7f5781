using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;

namespace IntegrationHub.Storage.Audit;

/// <summary>A link of the chain.</summary>
/// <param name="Seq">Its number, from 1, without gaps.</param>
/// <param name="Entry">What was done.</param>
/// <param name="PrevHash">Hash of the link before; empty for the first.</param>
/// <param name="Hash">SHA-256, in hex, over all of the above.</param>
public sealed record AuditRow(long Seq, AuditEntry Entry, string PrevHash, string Hash)
{
    /// <summary>What <see cref="Hash"/> has to be.</summary>
    public string ComputeHash() => HashOf(Seq, Entry, PrevHash);

    internal static AuditRow After(string prevHash, long seq, AuditEntry entry) => new(seq, entry, prevHash, HashOf(seq, entry, prevHash));

    // As a JSON array, so that no text can pass for two: where one ends is never in doubt.
    private static string HashOf(long seq, AuditEntry entry, string prevHash)
    {
        string?[] said =
        [
            prevHash, seq.ToString(CultureInfo.InvariantCulture), entry.At.ToUniversalTime().ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ", CultureInfo.InvariantCulture),
            entry.Principal, entry.Way, entry.Action, entry.Subject, entry.Reason, entry.BeforeHash, entry.AfterHash,
        ];
        return Convert.ToHexStringLower(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(said)));
    }
}

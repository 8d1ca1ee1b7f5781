using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A fact that was set aside. Its bodies and keys hold personal data; nothing else does.</summary>
/// <param name="QuarantineId">Made from the bytes: the same message is the same quarantined fact.</param>
/// <param name="ReceivedAt">When it came in first.</param>
/// <param name="EventType">Its type as far as it could be read, else null.</param>
/// <param name="EventId">Its id as far as it could be read, else null.</param>
/// <param name="Path">The failing field, for example <c>payload.status</c>; empty for the fact as a whole.</param>
/// <param name="Code">Reason code, stable.</param>
/// <param name="Problem">What is wrong and what to write instead; continues a sentence that begins with the path.</param>
/// <param name="Body">The bytes as they came; empty in a list.</param>
/// <param name="Producer">Who stated it, as far as it could be read, else null.</param>
public sealed record QuarantinedFact(
    Guid QuarantineId, DateTimeOffset ReceivedAt, string? EventType, string? EventId, string Path, string Code, string Problem, ReadOnlyMemory<byte> Body, string? Producer = null)
{
    /// <summary>The keys by which nobody could be told, when that is why it was set aside: it is tried again once somebody holds one of them. Empty in a list.</summary>
    public IReadOnlyList<PersonKey> Keys { get; init; } = [];

    /// <summary>Tenant of the keys.</summary>
    public string TenantId { get; init; } = "default";

    /// <summary>What somebody did with it; null while it waits.</summary>
    public QuarantineSettlement? Settlement { get; init; }
}

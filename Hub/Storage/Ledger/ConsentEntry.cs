using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>A line of the ledger of consent. Holds personal data.</summary>
/// <param name="SubjectKey">The key that it stands under.</param>
/// <param name="Purpose">What it is for.</param>
/// <param name="Status">A word of <see cref="ConsentWord"/>.</param>
/// <param name="Source">Where it was decided.</param>
/// <param name="DecidedAt">When.</param>
/// <param name="RecordedAt">When the hub took it in.</param>
public sealed record ConsentEntry(string SubjectKey, string Purpose, string Status, string Source, DateTimeOffset DecidedAt, DateTimeOffset RecordedAt)
{
    /// <summary>Position of the fact that stated it; null where the hub itself said it, or its fact was kept before there were positions.</summary>
    public long? Position { get; init; }

    /// <summary>Channel that it is for, or null.</summary>
    public string? Channel { get; init; }

    /// <summary>Ground of the decision, or null.</summary>
    public string? LegalBasis { get; init; }

    /// <summary>When a grant ends by itself, or null.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>What shows it, a JSON object, or null.</summary>
    public string? EvidenceJson { get; init; }

    /// <summary>True for what only travelled with some other fact, as earlier versions kept it.</summary>
    public bool Travelled { get; init; }

    /// <summary>What kind of key it stands under: <c>id</c> for the person's own, else a word of <see cref="PersonKey.Words"/>.</summary>
    public string KeyKind => SubjectKey[..SubjectKey.IndexOf(':', StringComparison.Ordinal)];
}

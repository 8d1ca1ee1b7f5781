using IntegrationHub.Identity;

namespace IntegrationHub.Storage.Ledger;

/// <summary>Everything that the ledger holds of one person's consent. Holds personal data.</summary>
/// <param name="Keys">The person's keys, and those that were asked for.</param>
/// <param name="FormerKeys">Keys that the person had: what was denied under them counts.</param>
/// <param name="Entries">The decisions, in the order in which they came in.</param>
public sealed record ConsentRecord(IReadOnlySet<string> Keys, IReadOnlySet<string> FormerKeys, IReadOnlyList<ConsentEntry> Entries)
{
    /// <summary>What counted when the log had come to a position, by the same law as what counts now.</summary>
    /// <param name="position">The position; null for everything that is known.</param>
    /// <param name="place">Where the person lives.</param>
    /// <returns>As it is kept with a profile (<see cref="StoredConsent"/>).</returns>
    public string EffectiveAt(long? position, StoredPlace place)
    {
        // That a grant has ended is no decision: whoever decides compares times.
        var decisions = ConsentState.Latest(
            from entry in Entries
            where entry.Status != ConsentWord.Expired && (position is null || (entry.Position ?? 0) <= position)
            select new ConsentRow(entry.SubjectKey, entry.Purpose, entry.Status, entry.Source, entry.DecidedAt, entry.Travelled) { ExpiresAt = entry.ExpiresAt, HasEvidence = entry.EvidenceJson is not null });
        return StoredConsent.WithPlace(
            ConsentState.Effective(decisions.Where(decision => Keys.Contains(decision.SubjectKey)), decisions.Where(decision => FormerKeys.Contains(decision.SubjectKey))), place);
    }

    /// <summary>When the newest decision up to a position came in; null when there is none.</summary>
    public DateTimeOffset? TimeAt(long position) => Entries.Where(entry => (entry.Position ?? 0) <= position).Select(entry => (DateTimeOffset?)entry.RecordedAt).Max();
}

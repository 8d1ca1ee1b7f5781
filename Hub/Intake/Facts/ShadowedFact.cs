using IntegrationHub.Contracts.Events;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Intake.Facts;

/// <summary>What of a fact of a shadow counts all the same. Pure.</summary>
internal static class ShadowedFact
{
    /// <summary>
    /// Its denials, a deletion among them: whoever asks to be left alone is, whoever hears it first. A fact for each key, so that no two keys are stated together by it, under ids of their own, and
    /// with nothing of what else the fact states.
    /// </summary>
    public static IEnumerable<LedgerFact> CountingOf(LedgerFact fact)
    {
        FactConsent[] denials = [.. fact.Consents.Where(consent => consent.Status == ConsentWord.Denied)];
        foreach (var (place, key) in denials.Length == 0 ? [] : fact.Keys.Index())
        {
            FactConsent[] ofKey = [.. denials.Where(denial => place == 0 || !denial.IsOfProfileAlone)];
            if (ofKey.Length > 0)
            {
                yield return new LedgerFact
                {
                    EventId = Uuid8.Of("shadow", fact.EventId.ToString("D"), key.ToString()),
                    EventType = ConsentUpdated.Type,
                    TenantId = fact.TenantId,
                    OccurredAt = fact.OccurredAt,
                    Producer = fact.Producer,
                    CorrelationId = fact.CorrelationId,
                    OtherKeys = [key],
                    Consents = ofKey,
                    BodyJson = "{}",
                };
            }
        }
    }
}

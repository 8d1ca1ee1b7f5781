using IntegrationHub.Hub.Delivery;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What a dead letter means for the person whom it is about, and what to do. Pure, without personal data.</summary>
internal static class DeadLetterAdvice
{
    /// <summary>One or two sentences.</summary>
    public static string For(DeadLetterView letter) => letter.Operation switch
    {
        "set_consent" =>
            $"Not in force: {letter.Destination} did not take this change of consent ({letter.Code}). If it was a withdrawal, {letter.Destination} may go on writing to the person: set it in the vendor's own console now. The hub tells it again only when the consent changes.",
        "track_event" =>
            $"The event is not sent again ({letter.Code}); with a code that says ambiguous it may have arrived.",
        _ when letter.Code is ClaimPreparation.KeyCollision || letter.Code.EndsWith("_of_another_contact", StringComparison.Ordinal) =>
            $"Another person has this address or key at {letter.Destination}. Where both are one person, give them one external_id at the source or merge them in the vendor's console; where the address moved, correct it at the person who had it. Then start the next run: 'sync start {letter.Audience} --destination {letter.Destination}'.",
        _ when letter.Outcome == LedgerOutcome.Rejected =>
            $"Rejected ({letter.Code}; the runbook reason-codes says what it means). Mend the value where it comes from, or the mapping of {letter.Destination}, then start the next run: 'sync start {letter.Audience} --destination {letter.Destination}'.",
        _ => $"Given up after {letter.Attempts} attempts ({letter.Code}). When the cause is gone, the next run sends it again: 'sync start {letter.Audience} --destination {letter.Destination}'.",
    };
}

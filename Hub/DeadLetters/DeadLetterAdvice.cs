using IntegrationHub.Hub.Delivery;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.DeadLetters;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Runs;

namespace IntegrationHub.Hub.DeadLetters;

/// <summary>What a dead letter means for the person whom it is about, and what to do. Pure, without personal data.</summary>
internal static class DeadLetterAdvice
{
    /// <summary>One or two sentences.</summary>
    public static string For(DeadLetterView letter) => letter.Operation switch
    {
        _ when letter.Status is LetterStatus.Delivered or LetterStatus.Superseded or LetterStatus.Suppressed => $"Nothing: it is {letter.Status}.",
        _ when letter.Status == LetterStatus.Replaying => $"Nothing: it belongs to action {letter.ActionId}, which is under way; 'deadletters actions {letter.ActionId}' tells how far it is.",
        _ when letter.Status == LetterStatus.Discarded => $"Nothing: it was discarded. 'deadletters restore --destination {letter.Destination} --id {letter.DeadLetterId} --reason TEXT' takes that back.",
        "set_consent" =>
            $"Not in force: {letter.Destination} did not take this change of consent ({letter.Code}). If it was a withdrawal, {letter.Destination} may go on writing to the person: set it in the vendor's own console now. The hub tells it again when the consent changes, or by 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'.",
        "track_event" when letter.Code == ReasonCode.Ambiguous =>
            $"The event is not sent again by itself: it may have arrived. Ask the vendor with 'deadletters settle --destination {letter.Destination} --id {letter.DeadLetterId} --by-vendor', or look there, then '--as not-delivered' or '--as delivered' (runbook dead-letters).",
        "track_event" =>
            $"The event is not sent again by itself ({letter.Code}). When the cause is gone: 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'.",
        "merge_profiles" =>
            $"The two are one person in the hub and two at {letter.Destination} ({letter.Code}): the one that is shown no more left its audiences there instead. When the cause is gone: 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'; it joins them only while they are one in the hub.",
        "change_key" =>
            $"{letter.Destination} has the person under the key of before ({letter.Code}): what is sent from now on makes a second record there. When the cause is gone: 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'; if there are two records by then, merge them in the vendor's console.",
        "delete_profile" =>
            $"Not deleted: {letter.Destination} did not delete the person ({letter.Code}). When the cause is gone: 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'; or delete them in the vendor's own console. The hub sends nothing about them any more.",
        "add_alias" or "identify_profile" =>
            $"{letter.Destination} does not know the person by the other key ({letter.Code}). When the cause is gone: 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'; it is sent only while the key is the person's.",
        _ when letter.Code is ClaimPreparation.KeyCollision || letter.Code.EndsWith("_of_another_contact", StringComparison.Ordinal) =>
            $"Another person has this address or key at {letter.Destination}. Where both are one person, give them one external_id at the source or merge them in the vendor's console; where the address moved, correct it at the person who had it. Then start the next run: 'sync start {letter.Audience} --destination {letter.Destination}'.",
        _ when letter.Outcome == LedgerOutcome.Rejected =>
            $"Rejected ({letter.Code}; the runbook reason-codes says what it means). Mend the value where it comes from, or the mapping of {letter.Destination}, then start the next run: 'sync start {letter.Audience} --destination {letter.Destination}'.",
        _ => $"Given up after {letter.Attempts} attempts ({letter.Code}). When the cause is gone, the next run sends it again: 'sync start {letter.Audience} --destination {letter.Destination}'; or 'deadletters replay --destination {letter.Destination} --id {letter.DeadLetterId}'.",
    };
}

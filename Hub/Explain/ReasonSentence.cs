using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Reconciliations;

namespace IntegrationHub.Hub.Explain;

/// <summary>What a reason code means for one person, and what to do. Pure, without personal data.</summary>
internal static class ReasonSentence
{
    /// <summary>What a decision of consent means.</summary>
    public static string OfConsent(in ConsentDecision decision, string? decided) => decision.Code switch
    {
        null => $"{decision.Purpose} allows it by the rule {decision.Rule}{decided}.",
        ConsentCode.Denied => $"consent {decision.Purpose} is denied by the rule {decision.Rule}{decided}.",
        ConsentCode.Unknown => $"nothing is known of the person's will about {decision.Purpose}, and the rule {decision.Rule} says no to that.",
        ConsentCode.Expired => $"the person agreed to {decision.Purpose}, and that has ended by itself{decided}.",
        ConsentCode.Unproven => $"the person agreed to {decision.Purpose} as somebody says{decided}, and the rule {decision.Rule} needs evidence, which nobody brought.",
        ConsentCode.Suppressed => $"the person is to be left alone whatever they agreed to: {decision.Rule}{decided}.",
        ConsentCode.Erased => "the person was erased, and nothing about them leaves.",
        ConsentCode.Signal => $"the person's browser sent the Global Privacy Control, which denies {decision.Purpose} where they live{decided}.",
        ConsentCode.NoRule => $"consent.yaml has no rule for {decision.Purpose ?? "the destination, which names no purpose"}.",
        _ => $"what is kept of the person's consent decides no ({decision.Code}).",
    };

    /// <summary>What to do about a decision of consent; null when nothing is to be done.</summary>
    public static string? FixOfConsent(string? code) => code switch
    {
        null => null,
        ConsentCode.Denied => "Nothing: only the person takes it back, by a new grant from a source that may grant.",
        ConsentCode.Unknown => "State a consent_updated fact where the person agreed, or change the rule in consent.yaml if you may.",
        ConsentCode.Expired => "Ask the person again.",
        ConsentCode.Unproven => "State the grant again with its evidence.",
        ConsentCode.Suppressed => "Nothing as long as the reason holds; a fact that grants the suppression's purpose lifts it.",
        ConsentCode.Signal => "Nothing, unless consent.yaml lets a later grant of the person override the signal.",
        ConsentCode.NoRule => "Write a rule for the purpose into consent.yaml.",
        ConsentCode.Unreadable => "Report it as a fault of the hub: nothing is sent until it can be read.",
        _ => null,
    };

    /// <summary>What became of a record means that it is not there.</summary>
    public static string OfOutcome(string outcome, string? code) => code switch
    {
        ClaimPreparation.KeyCollision => "the destination has another person under the same key, so that theirs would be overwritten.",
        LiveGuardrail.RemovalsHeld or LiveGuardrail.AdditionsHeld => $"the audience's guardrail held it ({code}): a producer stated more of them at once than may go by themselves.",
        StateDecision.LiveOff => "it waited to go out as it happened, and the destination's file says live: off since.",
        "run_canceled" => "the run that was to bring it was canceled.",
        ExistingPeople.DeletedThere => "the destination had the person and has them no more: somebody deleted them there, and nobody said that they shall be there again.",
        _ => $"the last try was {outcome.Replace('_', ' ')}{(code is null ? "" : $" with {code}")}.",
    };

    /// <summary>What to do about it.</summary>
    public static string FixOfOutcome(string? code, string audience, string destination) => code switch
    {
        ClaimPreparation.KeyCollision => "Where both are one person, give them one external_id at the source; where the key moved, correct it at the person who had it.",
        LiveGuardrail.RemovalsHeld or LiveGuardrail.AdditionsHeld => "Look at the producer, then let the run pass that the hub started for them: 'approvals list'.",
        ExistingPeople.DeletedThere => $"Leave it, or, where they shall be there again: 'reconcile {audience} {destination} --now --heal all'.",
        { } known when MappingFailures.FixOf(known) is { } fix => fix,
        _ => $"The runbook reason-codes says what the code means. The next run tries again: 'sync start {audience} --destination {destination}'.",
    };

    /// <summary>In what a comparison found the person to differ.</summary>
    public static string OfFinding(string kind, string? cause, string? field) => (kind, cause) switch
    {
        (FindingKind.Missing, FindingCause.RemovedThere) => "it was delivered, and somebody took the person off the list at the vendor since.",
        (FindingKind.Missing, FindingCause.DeletedThere) => "it was delivered, and the vendor has nobody under the key any more: somebody deleted the person there, and healing with 'all' alone makes them anew.",
        (FindingKind.Missing, FindingCause.MergedThere) or (FindingKind.Different, FindingCause.MergedThere) => "the vendor has the person under another id: it was merged there.",
        (FindingKind.Missing, _) => "it was delivered, and the vendor did not show the person when it was read back.",
        (FindingKind.Unexpected, _) => "the vendor has the person as a member, and the hub does not count them as one.",
        (FindingKind.Duplicate, _) => "the vendor has several people under the key.",
        _ => $"{(field is null ? "a field" : $"the field {field}")} was changed at the vendor since it was confirmed.",
    };
}

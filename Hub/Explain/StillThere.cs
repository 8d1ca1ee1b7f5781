using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Planning;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Explain;

/// <summary>What keeps a destination from letting go of somebody who is to be sent no more, in words (decision 0104). Pure.</summary>
internal static class StillThere
{
    /// <summary>Says what takes the person out, or why nothing does.</summary>
    /// <param name="destination">Name of the destination.</param>
    /// <param name="standing">How the person stands in the audience that the destination has them in, or may have.</param>
    /// <param name="plan">What a sync would do about it.</param>
    /// <param name="owed">What the end of the membership waits for, where it is owed; null when it is not.</param>
    /// <param name="running">The run of the audience that goes on there; null when none does.</param>
    /// <param name="last">What became of the last end of the membership; null when none is known.</param>
    /// <returns>A sentence without personal data, and what to do; null when it goes by itself.</returns>
    public static (string Sentence, string? Fix) Say(string destination, AudienceStanding standing, PlanDecision plan, StepJson? owed, StepJson? running, DecidedOutcome? last)
    {
        var (audience, there) = (standing.Audience, $"{destination} {(standing.InDoubt ? "may have" : "has")} the person in {standing.Audience} still");
        if (owed is not null)
        {
            return ($"{there}, and taking them out waits: {owed.Reason}", owed.Fix);
        }

        if (plan.Operation != Operation.RemoveMember)
        {
            return !standing.AddedByHub
                ? ($"{there}, where somebody else put them, and a sync takes out only whom the hub put there.", $"Take them out at the vendor; 'sync start {audience} --destination {destination} --mode mirror' takes out everybody who is not to be there.")
                : ($"{there}, and a run leaves them there ({plan.Code ?? plan.Outcome}).", "The runbook reason-codes says what the code means.");
        }

        return running is not null ? ($"{there}: {running.Reason}", running.Fix)
            : last is not null && last.Outcome != LedgerOutcome.Delivered
                ? ($"{there}. {DestinationExplanation.Time(last.At)}, when they were to be taken out: {ReasonSentence.OfOutcome(last.Outcome, last.Code)}", ReasonSentence.FixOfOutcome(last.Code, audience, destination))
                : ($"{there}: no run has looked at them since.", $"'sync start {audience} --destination {destination}' takes them out.");
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Events;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Planning;

/// <summary>What a replay does with one event of the log: owe it again, or leave it, and why. Pure.</summary>
/// <param name="IsOwed">True when it is owed.</param>
/// <param name="Outcome">When it is not: a name from <see cref="LedgerOutcome"/>.</param>
/// <param name="Code">When it is not: reason code.</param>
internal readonly record struct ReplayDecision(bool IsOwed, string? Outcome, string? Code)
{
    /// <summary>A receipt says that the vendor has it.</summary>
    public const string AlreadyTold = "already_told";

    /// <summary>A delivery of it waits already.</summary>
    public const string AlreadyOwed = "already_owed";

    /// <summary>A dead letter of it waits for people, who decide about it there.</summary>
    public const string LetterWaits = "letter_waits";

    /// <summary>Nobody knows whether the vendor has it, and it would count it twice.</summary>
    public const string MayRepeat = "may_repeat";

    /// <summary>Decides.</summary>
    /// <param name="destination">Where it would go.</param>
    /// <param name="standing">How it stands there.</param>
    /// <param name="collected">What was known of the person's consent when it happened, or null.</param>
    /// <param name="receivedAt">When it came in.</param>
    /// <param name="receiptsSince">Since when receipts are kept: what came in later and has none was never told.</param>
    /// <param name="allowRepeat">True when it may be sent although the vendor may have it.</param>
    public static ReplayDecision For(
        Destination destination, EventStanding standing, CollectedConsent? collected, DateTimeOffset receivedAt, DateTimeOffset receiptsSince, bool allowRepeat)
    {
        if (!standing.IsKnown)
        {
            return Left(LedgerOutcome.Unchanged, Delivery.QuietWriting.NoMatch);
        }

        if (standing.IsTold || standing.HasLetter || standing.IsOwed)
        {
            return Left(LedgerOutcome.Unchanged, standing.IsTold ? AlreadyTold : standing.HasLetter ? LetterWaits : AlreadyOwed);
        }

        if (destination.Decide(standing.ConsentJson) is { Allowed: false } denied)
        {
            return Left(LedgerOutcome.Suppressed, denied.Code!);
        }

        if (destination.IsForbiddenBy(collected))
        {
            return Left(LedgerOutcome.Suppressed, ConsentCode.AtCollection);
        }

        var mayBeThere = standing.IsInDoubt || receivedAt < receiptsSince;
        return mayBeThere && !allowRepeat && !destination.RepeatIsHarmless(Operation.TrackEvent)
            ? Left(LedgerOutcome.Suppressed, MayRepeat)
            : new ReplayDecision(true, null, null);
    }

    private static ReplayDecision Left(string outcome, string code) => new(false, outcome, code);
}

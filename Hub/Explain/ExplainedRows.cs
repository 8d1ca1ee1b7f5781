using System.Text;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Standings;

namespace IntegrationHub.Hub.Explain;

/// <summary>What is stored of a person at a destination, row by row, as an explanation shows it. Pure.</summary>
internal static class ExplainedRows
{
    /// <summary>How the person stands in an audience.</summary>
    /// <param name="audience">How.</param>
    /// <param name="runs">The latest run of each audience there.</param>
    public static AudienceStandingJson Of(AudienceStanding audience, IReadOnlyList<LastRun> runs)
    {
        var run = runs.FirstOrDefault(last => last.Audience == audience.Audience);
        return new AudienceStandingJson(audience.Audience, audience.IsMember, audience.Since, audience.IsRemoteMember, audience.ConfirmedAt, audience.InDoubt, run?.RunId, run?.State);
    }

    /// <summary>Something that is owed.</summary>
    public static PendingJson Of(PendingDelivery pending) => new(
        NameOf(pending.Operation) ?? "unreadable", pending.Audience.Length == 0 ? null : pending.Audience, pending.Lane, Lane.HoldsStream(pending.Lane) ? null : pending.RunId, pending.OwedSince, pending.DueAt, pending.Attempt, pending.LastCode);

    /// <summary>What became of the person.</summary>
    /// <param name="outcome">What.</param>
    /// <param name="policies">Versions of policies by their numbers.</param>
    public static ExplainedOutcomeJson Of(DecidedOutcome outcome, IReadOnlyDictionary<int, StoredPolicy> policies) => new(
        outcome.At, outcome.Outcome, outcome.Code, NameOf(outcome.Operation), outcome.Audience.Length == 0 ? null : outcome.Audience, outcome.RunId,
        outcome.Decided is { } decided ? policies.GetValueOrDefault(decided.PolicyId)?.Version : null)
    { ConfigVersion = outcome.Decided?.ConfigVersion };

    /// <summary>Where the person is, as the stored consent tells; nothing where it does not.</summary>
    public static IEnumerable<InputJson> PlaceIn(string consentJson)
    {
        if (consentJson == StoredConsent.Nothing)
        {
            return [];
        }

        var place = StoredConsent.PlaceOf(Encoding.UTF8.GetBytes(consentJson));
        return new[] { ("country", place.Country), ("state", place.State) }.Where(part => part.Item2 is not null).Select(part => new InputJson(part.Item1, part.Item2!));
    }

    /// <summary>The word for an operation; null for one that this version does not know.</summary>
    public static string? NameOf(Operation? operation) => operation is { } known ? ExplainedFields.Word(known) : null;
}

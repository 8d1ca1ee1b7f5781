using System.Text.Json.Serialization;
using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Hub.Consent;
using IntegrationHub.Identity;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;

namespace IntegrationHub.Hub.Privacy;

/// <summary>An outcome of a person with the decision it rests on, taken again from the policy and the ledger as they were.</summary>
/// <param name="Run">The run; of what happened outside of runs the destination's stream.</param>
/// <param name="Destination">Name of the destination.</param>
/// <param name="Audience">Key of the audience, or null.</param>
/// <param name="Outcome">What became of it.</param>
/// <param name="Code">Reason code, or null.</param>
/// <param name="At">When.</param>
/// <param name="PolicyVersion">Version of the policy that was decided by; null where the outcome names none.</param>
/// <param name="Position">Position up to which the ledger was heeded; null where the outcome names none.</param>
/// <param name="Recomputed">What the two come to; null where nothing had to be decided, or the policy cannot be read any more.</param>
/// <param name="Agrees">Whether that is what was done; null where there is nothing to compare.</param>
internal sealed record ConsentProof(
    [property: JsonPropertyName("run")] Guid Run,
    [property: JsonPropertyName("destination")] string Destination,
    [property: JsonPropertyName("audience")] string? Audience,
    [property: JsonPropertyName("outcome")] string Outcome,
    [property: JsonPropertyName("code")] string? Code,
    [property: JsonPropertyName("at")] DateTimeOffset At,
    [property: JsonPropertyName("policy_version")] string? PolicyVersion,
    [property: JsonPropertyName("position")] long? Position,
    [property: JsonPropertyName("recomputed")] ConsentProof.Decision? Recomputed,
    [property: JsonPropertyName("agrees")] bool? Agrees)
{
    /// <summary>Most outcomes that are shown.</summary>
    public const int Most = 20;

    private static readonly HashSet<string> _codes =
    [
        ConsentCode.Denied, ConsentCode.Unknown, ConsentCode.Expired, ConsentCode.Unproven, ConsentCode.Suppressed, ConsentCode.Erased, ConsentCode.Signal, ConsentCode.NoRule, ConsentCode.Unreadable,
    ];

    /// <summary>Takes the decisions again. Where somebody lives is taken as it is known now.</summary>
    public static IReadOnlyList<ConsentProof> Of(IReadOnlyList<DecidedOutcome> outcomes, IReadOnlyDictionary<int, StoredPolicy> policies, ConsentRecord record, StoredPlace place)
    {
        var compiled = policies.ToDictionary(policy => policy.Key, policy => PolicyContent.Read(policy.Value.Content) is { } content ? (content, policy: content.Compile()) : default);
        return [.. outcomes.Select(outcome => Of(outcome))];

        ConsentProof Of(DecidedOutcome outcome)
        {
            var (content, policy) = outcome.Decided is { } by ? compiled.GetValueOrDefault(by.PolicyId) : default;
            var decision = policy is not null && NeedsConsent(outcome) && content!.Purposes.TryGetValue(outcome.Destination, out var purposes)
                ? policy.Decide(purposes, record.EffectiveAt(outcome.Decided!.Value.Position, place), outcome.At)
                : (ConsentDecision?)null;
            return new ConsentProof(
                outcome.RunId, outcome.Destination, outcome.Audience.Length == 0 ? null : outcome.Audience, outcome.Outcome, outcome.Code, outcome.At,
                outcome.Decided is { } named ? policies.GetValueOrDefault(named.PolicyId)?.Version : null, outcome.Decided?.Position,
                decision is { } taken ? new Decision(taken.Allowed, taken.Rule, taken.Code) : null,
                decision is { } compared ? Agree(outcome, compared) : null);
        }
    }

    /// <summary>Ends of memberships, changes of consent and of identity leave whatever the person wants; what an approval or the vendor decided says nothing of consent.</summary>
    private static bool NeedsConsent(DecidedOutcome outcome) =>
        outcome.Operation is null or Operation.UpsertProfile or Operation.AddMember or Operation.TrackEvent
        && (outcome.Outcome is LedgerOutcome.Delivered || (outcome.Outcome is LedgerOutcome.Suppressed && outcome.Code is { } code && _codes.Contains(code)));

    private static bool Agree(DecidedOutcome outcome, in ConsentDecision decision) =>
        outcome.Outcome == LedgerOutcome.Suppressed ? !decision.Allowed && decision.Code == outcome.Code : decision.Allowed;

    /// <summary>What a policy decides.</summary>
    /// <param name="Allowed">True when the person may be sent.</param>
    /// <param name="Rule">The rule that decides, or null when there is none.</param>
    /// <param name="Code">Why not; null when it may.</param>
    internal sealed record Decision(
        [property: JsonPropertyName("allowed")] bool Allowed,
        [property: JsonPropertyName("rule")] string? Rule,
        [property: JsonPropertyName("code")] string? Code);
}

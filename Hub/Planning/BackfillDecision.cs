using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Backfills;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Backfills;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Planning;

/// <summary>What a backfill owes one person: a write, or an outcome that is known already. Whether the vendor knows the person, and what would change there, shows when it is read. Pure.</summary>
internal static class BackfillDecision
{
    /// <summary>Decides for one candidate, and says which vendor fields would be written; none when nothing is.</summary>
    public static (PlanDecision Decision, IReadOnlyList<string> Fields) For(Destination destination, BackfillScope scope, PlanCandidate candidate, int partitions)
    {
        var consent = destination.Decide(candidate.ConsentJson);
        if (!consent.Allowed)
        {
            return (PlanDecision.Settled(LedgerOutcome.Suppressed, consent.Code), []);
        }

        if (scope.Kind == BackfillKind.Rollback)
        {
            return (PlanDecision.Deliver(Operation.UpsertProfile, destination.Rules, candidate, partitions), []);
        }

        if (candidate.AttributesJson is null)
        {
            return (PlanDecision.Settled(LedgerOutcome.Unchanged, null), []);
        }

        var mapped = destination.Mapping.Map(new ProfileView(candidate.ExternalId, candidate.Email, candidate.Phone, candidate.AttributesJson));
        if (mapped.Rejection is { } rejection)
        {
            return (PlanDecision.Settled(LedgerOutcome.Rejected, rejection.Code), []);
        }

        string[] fields = [.. mapped.Fields.Select(field => field.Name).Where(scope.Covers)];
        return (mapped.ContentHash == candidate.ConfirmedHash && scope.Facts is null) || fields.Length == 0
            ? (PlanDecision.Settled(LedgerOutcome.Unchanged, null), [])
            : (PlanDecision.Deliver(Operation.UpsertProfile, destination.Rules, candidate, partitions), fields);
    }
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Contracts.Audiences;
using IntegrationHub.Hub.Configuration;
using IntegrationHub.Hub.Delivery;
using IntegrationHub.Hub.Destinations;
using IntegrationHub.Hub.Mapping;
using IntegrationHub.Storage.Deliveries;
using IntegrationHub.Storage.Ledger;
using IntegrationHub.Storage.Plans;

namespace IntegrationHub.Hub.Planning;

/// <summary>What a run owes one subject: an operation, or an outcome that is known already. Pure.</summary>
internal readonly record struct PlanDecision(Operation? Operation, string? Outcome, string? Code, int Partition)
{
    /// <inheritdoc cref="For(DestinationRules, string, PlanCandidate, int, bool)" />
    public static PlanDecision For(Destination destination, string mode, PlanCandidate candidate, int partitions, bool isUnknown = false) => For(destination.Rules, mode, candidate, partitions, isUnknown);

    /// <summary>Decides for one candidate: consent, then policy and mapping, then the difference to what the destination confirmed.</summary>
    /// <param name="destination">Where the run goes.</param>
    /// <param name="mode">Mode of the run.</param>
    /// <param name="candidate">The subject.</param>
    /// <param name="partitions">Partitions that subjects are spread over.</param>
    /// <param name="isUnknown">True when a row of the audience's list that could not be read may be about this subject: unknown is not absent.</param>
    public static PlanDecision For(DestinationRules destination, string mode, PlanCandidate candidate, int partitions, bool isUnknown = false)
    {
        if (!candidate.IsMember && isUnknown)
        {
            return Settled(LedgerOutcome.Unchanged, "row_unreadable");
        }

        if (candidate.IsJoined && destination.OnMerge == MergeRule.Ignore)
        {
            return Settled(LedgerOutcome.Unchanged, StateDecision.Joined);
        }

        if (!candidate.IsMember)
        {
            return Leave(destination, mode, candidate, StateDecision.NotAMember, partitions);
        }

        var consent = destination.Decide(candidate.ConsentJson);
        if (!consent.Allowed)
        {
            var leave = Leave(destination, mode, candidate, null, partitions);
            return leave.Operation is null ? Settled(LedgerOutcome.Suppressed, consent.Code) : leave;
        }

        if (candidate.AttributesJson is null)
        {
            return candidate.IsRemoteMember
                ? Settled(LedgerOutcome.Unchanged, null)
                : Deliver(Connectors.Abstractions.Operation.AddMember, destination, candidate, partitions);
        }

        var mapped = destination.Mapping.Map(new ProfileView(candidate.ExternalId, candidate.Email, candidate.Phone, candidate.AttributesJson));
        if (mapped.Rejection is { } rejection)
        {
            return Settled(LedgerOutcome.Rejected, rejection.Code);
        }

        if (!candidate.IsRemoteMember)
        {
            return Deliver(Connectors.Abstractions.Operation.AddMember, destination, candidate, partitions);
        }

        return mapped.ContentHash == candidate.ConfirmedHash ? Settled(LedgerOutcome.Unchanged, null)
            : ProfileMarks.WordOf(candidate.TimesJson)?.Covers(destination.Name, candidate.ProfileVersion, candidate.ConfirmedVersion) == true ? Settled(LedgerOutcome.Unchanged, StateDecision.SaidThere)
            : Deliver(Connectors.Abstractions.Operation.UpsertProfile, destination, candidate, partitions);
    }

    private static PlanDecision Leave(DestinationRules destination, string mode, PlanCandidate candidate, string? elseCode, int partitions)
    {
        // Healing of what is missing removes nobody: whoever left meanwhile is the next sync's.
        if (mode != SyncMode.Reconcile && (candidate.IsRemoteMember || candidate.MayBeRemoteMember) && (candidate.AddedByHub || mode == SyncMode.Mirror))
        {
            return Deliver(Connectors.Abstractions.Operation.RemoveMember, destination, candidate, partitions);
        }

        return Settled(LedgerOutcome.Unchanged, candidate.IsRemoteMember ? StateDecision.NotAddedByHub : elseCode);
    }

    internal static PlanDecision Settled(string outcome, string? code) => new(null, outcome, code, 0);

    internal static PlanDecision Deliver(Operation operation, DestinationRules destination, PlanCandidate candidate, int partitions) =>
        new(operation, null, null, PartitionOf(destination, destination.KeyOf(candidate.ExternalId, candidate.Email) ?? candidate.RemoteId, partitions));

    /// <summary>The partition of a run in which somebody's deliveries to a destination lie.</summary>
    internal static int PartitionOf(DestinationRules destination, string? key, int partitions) => PartitionOf(Compared(destination, key ?? ""), partitions);

    /// <summary>Keys that are one at the vendor lie in one partition, where they meet.</summary>
    private static string Compared(DestinationRules destination, string key) => destination.Descriptor.KeysAreCaseInsensitive ? key.ToUpperInvariant() : key;

    /// <summary>The same key always lies in the same partition, in every process (FNV-1a over UTF-16 units).</summary>
    internal static int PartitionOf(string key, int partitions)
    {
        var hash = 2166136261u;
        foreach (var unit in key)
        {
            hash = (hash ^ unit) * 16777619u;
        }

        return (int)(hash % (uint)partitions);
    }
}

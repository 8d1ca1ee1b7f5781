using IntegrationHub.Contracts.Events;

namespace IntegrationHub.Hub.Configuration;

/// <summary>The event types that a configuration may name: those that intake reads.</summary>
internal static class EventTypes
{
    /// <summary>All of them.</summary>
    public static string[] All { get; } =
    [
        ProfileUpdated.Type, ProfileMerged.Type, ProfileDeleted.Type, ConsentUpdated.Type, AudienceMembershipChanged.Type, BehaviorTracked.Type, LeadCreated.Type, LeadEnriched.Type, LeadScored.Type,
        LeadQualified.Type, AccountUpdated.Type, OpportunityCreated.Type, OpportunityStageChanged.Type,
    ];
}

namespace IntegrationHub.Connectors.Abstractions;

/// <summary>What a delivery does at the vendor.</summary>
public enum Operation
{
    /// <summary>Create or update the person with the batch item's fields. State; harmless to repeat.</summary>
    UpsertProfile,

    /// <summary>Create or update the person with the item's fields, then make the person a member of the batch's audience. State; harmless to repeat.</summary>
    AddMember,

    /// <summary>End the person's membership of the batch's audience; the person stays. State; harmless to repeat.</summary>
    RemoveMember,
}

using IntegrationHub.Connectors.Abstractions;
using IntegrationHub.Storage.Deliveries;

namespace IntegrationHub.Hub.Delivery;

/// <summary>A claimed record that is ready to be sent.</summary>
internal sealed record PreparedRecord(ClaimedDelivery Delivery, BatchItem Item, Guid? ContentHash, string? Note)
{
    /// <summary>Set when the person, who may have been sent before, may not be sent any more: what is sent instead is the end of the membership. The reason code.</summary>
    public string? WhyUndone { get; init; }

    /// <summary>Its fields that are written once; empty where the mapping has none.</summary>
    public IReadOnlyList<OfferedField> Offered { get; init; } = [];
}

namespace IntegrationHub.Connectors.HubSpot;

/// <summary>A subscription to write. Contains personal data: never log it.</summary>
/// <param name="Index">Index of the item.</param>
/// <param name="Address">The e-mail address.</param>
/// <param name="SubscriptionId">The subscription type.</param>
/// <param name="Subscribe">False ends it.</param>
/// <param name="Explanation">How it was collected, for HubSpot's record.</param>
internal sealed record SubscriptionChange(int Index, string Address, long SubscriptionId, bool Subscribe, string Explanation);

namespace IntegrationHub.Hub.Intake.Broker;

/// <summary>A message as it stands in a queue. Holds personal data.</summary>
/// <param name="Tag">By which it is acknowledged.</param>
/// <param name="HasReadableHeaders">False when the client library cannot read its headers.</param>
/// <param name="Body">The body; of one that is too large no more than shows that it is.</param>
internal sealed record BareDelivery(ulong Tag, bool HasReadableHeaders, byte[] Body);

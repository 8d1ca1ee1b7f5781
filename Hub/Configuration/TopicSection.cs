using IntegrationHub.Connectors.Abstractions;

namespace IntegrationHub.Hub.Configuration;

/// <summary>A topic at the vendor.</summary>
/// <param name="Ref">The vendor's id: a subscription group, a subscription type, a boolean field.</param>
/// <param name="Channel">What it is about.</param>
internal sealed record TopicSection(string Ref, ConsentChannel Channel);
